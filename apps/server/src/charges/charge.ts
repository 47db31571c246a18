/** Charges: fiat in, tokens out. States, the deposit code, and how a deposit finds its charge: all pure. */
import type { Ids } from '@jigeum/std';
import { powerOfTen } from '@jigeum/money';

/** `waiting` for the deposit, `paid` (tokens are on their way), then one of the ends. */
export type ChargeState = 'waiting' | 'paid' | 'done' | 'cancelled' | 'expired';

/** Less is not worth a bank's fee; more is typed wrongly or wants an operator's eye. */
export const CHARGE_WON_MIN = 1_000n;
export const CHARGE_WON_MAX = 10_000_000n;

/** No letter or digit that is read as another: I and 1, O and 0 are left out. 32 characters, so a byte gives five fair bits. */
const CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CODE_LENGTH = 6;

/** A deposit code, for example `K7PM2X`: what the member writes as the depositor's name. 30 bits; unique while it waits. */
export function newDepositCode(ids: Pick<Ids, 'bytes'>): string {
  return [...ids.bytes(CODE_LENGTH)].map((byte) => CODE_ALPHABET[byte & 31]).join('');
}

/** The codes that a depositor's name may mean: people add their name, spaces or small letters. A handful at most. */
export function codesIn(depositorName: string): string[] {
  const words = depositorName
    .normalize('NFKC')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word.length > 0);
  const isCode = (text: string) =>
    text.length === CODE_LENGTH && [...text].every((char) => CODE_ALPHABET.includes(char));
  const joined = words.join('');
  return [...new Set([...words, joined].filter(isCode))].slice(0, 5);
}

/** Base units for so many won. Null where a fraction of a base unit would be left: the amount cannot be charged exactly. */
export function tokensForWon(input: { won: bigint; decimals: number; wonPerToken: bigint }): bigint | null {
  const scaled = input.won * powerOfTen(input.decimals);
  return scaled % input.wonPerToken === 0n ? scaled / input.wonPerToken : null;
}

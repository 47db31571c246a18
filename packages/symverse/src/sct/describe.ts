/** A contract call as people are shown it: every template's, with every argument by its protocol name. */
import { toHex0x } from '@jigeum/std';
import { RlpError } from '../rlp.ts';
import { shownText } from '../shown-text.ts';
import { decodeSctCall, SCT_TYPE, SctInputError } from './codec.ts';
import { SCT20 } from './sct20.ts';
import { SCT21 } from './sct21.ts';
import { SCT22 } from './sct22.ts';
import { SCT30 } from './sct30.ts';
import { SCT40 } from './sct40.ts';
import { SCT50, SCT51 } from './sct50.ts';
import { readMinedCall, type AnySctTemplate } from './template.ts';

/** What a transaction of type 1 asks of a contract. */
export interface SctCallFacts {
  /** For example sct20. */
  readonly template: string;
  /** For example TRANSFER_FROM. */
  readonly method: string;
  /** Null where the call makes a contract and did not. */
  readonly contract: string | null;
  /** Whose tokens or things it is about; the sender, where the call names nobody. */
  readonly from: string;
  readonly to: string | null;
  /** Base units, where the call is about a number of tokens that accounts hold. */
  readonly amount: bigint | null;
  /** Every argument by the protocol's name. */
  readonly args: Record<string, SctArgument>;
}

/** Numbers as decimal digits, bytes as hex, texts as `shownText` has them; a list where one call is about several things. */
export type SctArgument = string | (string | Record<string, string>)[];

const TEMPLATES: readonly AnySctTemplate[] = [SCT20, SCT21, SCT22, SCT30, SCT40, SCT50, SCT51];

/** Templates whose `amount` is a number of tokens that accounts hold. */
const HELD: ReadonlySet<number> = new Set([SCT_TYPE.sct20, SCT_TYPE.sct21, SCT_TYPE.sct22]);

/**
 * The call in a transaction's input; `created` is the contract that it has made, by its receipt. Null for an input that is no
 * call of a known template: such a transaction is mined and fails.
 */
export function describeSctCall(
  {
    from: sender,
    to: contract,
    input,
  }: { readonly from: string; readonly to: string | null; readonly input: Uint8Array },
  created: string | null,
): SctCallFacts | null {
  try {
    const call = decodeSctCall(input);
    const template = TEMPLATES.find(({ type }) => type === call.type);
    if (template === undefined) return null;
    const { method, ...fields } = readMinedCall(template, call);
    const args = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shown(value)]));
    const { from, to, owner } = args;
    const amount = fields['amount'];
    return {
      template: `sct${call.type}`,
      method: method.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
      contract: contract ?? created,
      from: typeof from === 'string' ? from : sender,
      to: typeof to === 'string' ? to : typeof owner === 'string' ? owner : null,
      amount: HELD.has(call.type) && typeof amount === 'bigint' ? amount : null,
      args,
    };
  } catch (error) {
    // A stranger may mine any input. What it is not is shown as nothing; the raw form stays visible.
    if (error instanceof SctInputError || error instanceof RlpError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Lists one level deep, as the templates have them. */
function shown(value: unknown): SctArgument {
  if (Array.isArray(value)) return value.map((one) => (isRecord(one) ? recordShown(one) : plain(one)));
  return plain(value);
}

const recordShown = (record: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plain(value)]));

const plain = (value: unknown): string => (value instanceof Uint8Array ? toHex0x(value) : shownText(String(value)));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

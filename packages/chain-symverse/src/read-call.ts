/** A contract call as the platform and its scanner show it: every template's, with every argument by its protocol name. */
import type { CallValue, DecodedCall } from '@jigeum/chain';
import { toHex0x } from '@jigeum/std';
import {
  decodeSctCall,
  readSct20,
  readSct21,
  readSct22,
  readSct30,
  readSct40,
  readSct50,
  readSct51,
  SCT_TYPE,
  SctInputError,
  RlpError,
  type SctCall,
} from '@jigeum/symverse';
import type { RpcReceipt, RpcTransaction } from '@jigeum/symverse/rpc';

/** Readers by template type. */
const READERS: Readonly<Record<number, (call: SctCall) => { readonly method: string }>> = {
  [SCT_TYPE.sct20]: readSct20,
  [SCT_TYPE.sct21]: readSct21,
  [SCT_TYPE.sct22]: readSct22,
  [SCT_TYPE.sct30]: readSct30,
  [SCT_TYPE.sct40]: readSct40,
  [SCT_TYPE.sct50]: readSct50,
  [SCT_TYPE.sct51]: readSct51,
};

/** Templates whose `amount` is a number of tokens that accounts hold. */
const HELD: ReadonlySet<number> = new Set([SCT_TYPE.sct20, SCT_TYPE.sct21, SCT_TYPE.sct22]);

/** Null for an input that is no call of a known template: such a transaction is mined and fails. */
export function callOf(
  transaction: Pick<RpcTransaction, 'from' | 'to' | 'input'>,
  receipt: RpcReceipt | null,
): DecodedCall | null {
  const contract = transaction.to ?? receipt?.contractAddress ?? null;
  try {
    const call = decodeSctCall(transaction.input);
    const read = READERS[call.type];
    if (read === undefined) return null;
    const { method, ...fields } = read(call) as { method: string } & Record<string, unknown>;
    const args = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shown(value)]));
    const { from, to, owner } = args;
    const amount = fields['amount'];
    return {
      template: `sct${call.type}`,
      method: method.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
      contract,
      from: typeof from === 'string' ? from : transaction.from,
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

/** Numbers as decimal digits, bytes as hex; lists one level deep, as the templates have them. */
function shown(value: unknown): CallValue {
  if (Array.isArray(value)) return value.map((one) => (isRecord(one) ? recordShown(one) : plain(one)));
  return plain(value);
}

const recordShown = (record: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plain(value)]));

const plain = (value: unknown): string => (value instanceof Uint8Array ? toHex0x(value) : String(value));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** SCT20, the token template: ten methods after ERC-20, as a typed union. Amounts are integers in base units; the chain knows no decimals. */
import { bytesToInteger, type RlpItem } from '../rlp.ts';
import { requireBytes, symId, text, uint, type Field, type FieldTable, type RecordOf } from '../record.ts';
import { decodeSctCall, encodeSctCall, SCT_TYPE, SctInputError, type SctCall } from './codec.ts';
import { SCT_ERR } from './errors.ts';

/** Symbol: 3 to 10 characters (exactly 3 before mainnet block 16,704,500). Which characters is not published: see `isPrintable`. */
export const SYMBOL_CHARACTERS_MIN = 3;
export const SYMBOL_CHARACTERS_MAX = 10;
/** A limit for the name exists on the chain (error 1001) but is not published: a guess, settled by asking a node of the network. */
export const NAME_CHARACTERS_MAX = 64;

/**
 * A token amount: an unsigned integer of at most 256 bits. Zero is written as the empty string. Published clients write
 * it as the single byte 0x00, against their own rule for integers, so that form is read too; no other leading zero is.
 */
const amount: Field<bigint> = {
  encode: (value) => uint(32).encode(value),
  decode(item) {
    const bytes = requireBytes(item);
    return bytes.length === 1 && bytes[0] === 0 ? 0n : bytesToInteger(bytes, 32);
  },
};

const name = boundedText(1, NAME_CHARACTERS_MAX);
const symbol = boundedText(SYMBOL_CHARACTERS_MIN, SYMBOL_CHARACTERS_MAX);

/** The methods: the index is the number on the wire. `gas` is what the operation adds to base and data gas. */
export const SCT20_METHODS = [
  {
    method: 'create',
    gas: 49_000n,
    params: [
      ['name', name],
      ['symbol', symbol],
      ['amount', amount],
      ['owner', symId],
    ],
  },
  {
    method: 'transfer',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', amount],
    ],
  },
  {
    method: 'transferFrom',
    gas: 9_000n,
    params: [
      ['from', symId],
      ['to', symId],
      ['amount', amount],
    ],
  },
  {
    method: 'approve',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', amount],
    ],
  },
  {
    method: 'decreaseApprove',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', amount],
    ],
  },
  {
    method: 'mint',
    gas: 7_000n,
    params: [
      ['to', symId],
      ['amount', amount],
    ],
  },
  {
    method: 'burn',
    gas: 7_000n,
    params: [
      ['from', symId],
      ['amount', amount],
    ],
  },
  { method: 'pause', gas: 4_000n, params: [] },
  { method: 'unpause', gas: 4_000n, params: [] },
  { method: 'transferOwner', gas: 4_000n, params: [['to', symId]] },
] as const satisfies readonly { method: string; gas: bigint; params: FieldTable }[];

type Row = (typeof SCT20_METHODS)[number];
/** The name of an SCT20 method, such as `transfer`. */
export type Sct20Method = Row['method'];
/** A call of SCT20: `{ method: 'transfer', to, amount }` and nine more. */
export type Sct20Call = {
  [R in Row as R['method']]: { readonly method: R['method'] } & RecordOf<R['params']>;
}[Sct20Method];

/** The input of a transaction of type 1 that makes this call. Refuses a name, symbol or amount out of bounds with an `SctInputError`. */
export function encodeSct20(call: Sct20Call): Uint8Array {
  const number = SCT20_METHODS.findIndex((row) => row.method === call.method);
  const table: FieldTable = SCT20_METHODS[number]!.params;
  const values = call as Readonly<Record<string, unknown>>;
  const params = table.map(([field, codec]): RlpItem => inField(field, () => codec.encode(values[field])));
  return encodeSctCall({ type: SCT_TYPE.sct20, method: number, params });
}

/** The call of an input. Refuses another template, an unknown method, another number of parameters, or a parameter out of bounds. */
export const decodeSct20 = (input: Uint8Array): Sct20Call => readSct20(decodeSctCall(input));

/** The typed call of a decoded one; refuses what `decodeSct20` refuses. */
export function readSct20({ type, method, params }: SctCall): Sct20Call {
  const row = SCT20_METHODS[method];
  if (type !== SCT_TYPE.sct20 || row === undefined) {
    throw new SctInputError(
      null,
      SCT_ERR['bad-format'],
      `Expected SCT20 with a method of 0 to ${SCT20_METHODS.length - 1}, got SCT${type} with method ${method}.`,
    );
  }
  const table: FieldTable = row.params;
  if (params.length !== table.length) {
    throw new SctInputError(
      null,
      SCT_ERR['bad-format'],
      `Expected ${table.length} parameters of SCT20 ${row.method}, got ${params.length}.`,
    );
  }
  const fields = table.map(([field, codec], index) => [field, inField(field, () => codec.decode(params[index]!))]);
  return { method: row.method, ...Object.fromEntries(fields) } as Sct20Call;
}

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(['to', 'from', 'owner']);

function inField<T>(field: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const errCode = ADDRESS_FIELDS.has(field) ? SCT_ERR['symid-unknown'] : SCT_ERR['bad-format'];
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SctInputError(field, errCode, `Parameter ${field} of the SCT20 call: ${reason}`, { cause });
  }
}

function boundedText(min: number, max: number): Field<string> {
  const expect = (value: string): string => {
    const count = [...value].length;
    if (count < min || count > max) throw new RangeError(`Expected ${min} to ${max} characters, got ${count}.`);
    if (!isPrintable(value)) throw new RangeError('Expected text without control or direction characters, got some.');
    return value;
  };
  return { encode: (value) => text.encode(expect(value)), decode: (item) => expect(text.decode(item)) };
}

// Control, direction and zero-width characters (Unicode category C) would let one token's name look like another's.
const isPrintable = (value: string): boolean => !/\p{C}/u.test(value);

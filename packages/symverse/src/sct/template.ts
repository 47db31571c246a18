/**
 * What the templates share: a template is one table of methods in wire order, from which its calls are typed, written and
 * read. Each template has its own file with its table.
 */
import { bytesToInteger, type RlpItem } from '../rlp.ts';
import { decodeMined, requireBytes, text, uint, type Field, type FieldTable, type RecordOf } from '../record.ts';
import { decodeSctCall, encodeSctCall, SctInputError, type SctCall } from './codec.ts';
import { SCT_ERR, type SctErrCode } from './errors.ts';

/** Symbol: 3 to 10 characters (exactly 3 before mainnet block 16,704,500). Which characters is not published: see `isPrintable`. */
export const SYMBOL_CHARACTERS_MIN = 3;
export const SYMBOL_CHARACTERS_MAX = 10;
/**
 * A limit for the name exists on the chain (error 1001) but is not published: a guess, settled by asking a node of the network. We hold
 * it where we write and execute calls; what a chain has taken is read without it (`readMinedCall`).
 */
export const NAME_CHARACTERS_MAX = 64;

/** A method whose parameters are fixed, or one whose parameters are a list of things of one kind: `each` names the list. */
export type MethodRow =
  | { readonly method: string; readonly params: FieldTable }
  | { readonly method: string; readonly each: readonly [list: string, field: Field<unknown>] };

/** A template. The index in `methods` is the method's number on the wire. */
export interface SctTemplate<Rows extends readonly MethodRow[]> {
  readonly type: number;
  readonly methods: Rows;
  /** The errCode of parameters that break their format, where it is not 1001 (or 4000 for a SymID). */
  readonly errCodes?: Readonly<Record<string, SctErrCode>>;
  /** Method numbers that are read as another, because a published client writes them so; they are never written. */
  readonly readAs?: Readonly<Record<number, number>>;
}

/** A call of a template with these methods: `{ method: 'transfer', to, amount }` and the others, as a union. */
export type CallOf<Rows extends readonly MethodRow[]> = {
  [Row in Rows[number] as Row['method']]: { readonly method: Row['method'] } & ArgumentsOf<Row>;
}[Rows[number]['method']];

type ArgumentsOf<Row extends MethodRow> = Row extends { readonly params: infer Table extends FieldTable }
  ? RecordOf<Table>
  : Row extends { readonly each: readonly [infer List extends string, Field<infer T>] }
    ? { readonly [Name in List]: readonly T[] }
    : never;

/**
 * An amount, a number of points or an item's index: an unsigned integer of at most 256 bits. Zero is written as the empty
 * string. Published clients write it as the single byte 0x00, against their own rule for integers, so that form is read
 * too; no other leading zero is.
 */
export const quantity: Field<bigint> = {
  encode: (value) => uint(32).encode(value),
  decode(item) {
    const bytes = requireBytes(item);
    return bytes.length === 1 && bytes[0] === 0 ? 0n : bytesToInteger(bytes, 32);
  },
};

/** The name of a token, contract or item. */
export const name: Field<string> = boundedText(1, NAME_CHARACTERS_MAX);
/** The symbol of a token or contract. */
export const symbol: Field<string> = boundedText(SYMBOL_CHARACTERS_MIN, SYMBOL_CHARACTERS_MAX);

/** The input of a transaction of type 1 that makes this call. Refuses an argument out of bounds with an `SctInputError`. */
export function encodeCall<const Rows extends readonly MethodRow[]>(
  template: SctTemplate<Rows>,
  call: CallOf<Rows>,
): Uint8Array {
  const values = call as Readonly<Record<string, unknown>>;
  const method = template.methods.findIndex((row) => row.method === values['method']);
  const row = template.methods[method];
  if (row === undefined) throw badFormat(`Expected a method of SCT${template.type}, got ${String(values['method'])}.`);
  return encodeSctCall({ type: template.type, method, params: encodeParams(template, row, values) });
}

/** The call of an input. Refuses another template, an unknown method, another number of parameters, or a parameter out of bounds. */
export const decodeCall = <const Rows extends readonly MethodRow[]>(
  template: SctTemplate<Rows>,
  input: Uint8Array,
): CallOf<Rows> => readCall(template, decodeSctCall(input));

/** The typed call of a decoded one; refuses what `decodeCall` refuses. */
export const readCall = <const Rows extends readonly MethodRow[]>(
  template: SctTemplate<Rows>,
  call: SctCall,
): CallOf<Rows> => readWith(template, call, (field, item) => field.decode(item)) as CallOf<Rows>;

/**
 * The same of a call that a chain has taken, for those who show and index it: names and symbols are any text in UTF-8, as short or
 * long as the transaction holds. Whoever puts them before people takes care (`shownText`).
 */
export const readMinedCall = (template: AnySctTemplate, call: SctCall): ReadCall =>
  readWith(template, call, decodeMined);

/** A template, whichever. */
export type AnySctTemplate = SctTemplate<readonly MethodRow[]>;
type ReadCall = { readonly method: string } & Readonly<Record<string, unknown>>;
type Decode = (field: Field<unknown>, item: RlpItem) => unknown;

function readWith(template: AnySctTemplate, { type, method, params }: SctCall, decode: Decode): ReadCall {
  const row = template.methods[template.readAs?.[method] ?? method];
  if (type !== template.type || row === undefined) {
    throw badFormat(
      `Expected SCT${template.type} with a method of 0 to ${template.methods.length - 1}, got SCT${type} with method ${method}.`,
    );
  }
  return { method: row.method, ...decodeParams(template, row, params, decode) };
}

function encodeParams(
  template: AnySctTemplate,
  row: MethodRow,
  values: Readonly<Record<string, unknown>>,
): readonly RlpItem[] {
  if ('params' in row) {
    return row.params.map(([field, codec]) => inField(template, field, () => codec.encode(values[field])));
  }
  const [list, codec] = row.each;
  return inField(template, list, () => requireSome(values[list] as readonly unknown[]).map((one) => codec.encode(one)));
}

function decodeParams(
  template: AnySctTemplate,
  row: MethodRow,
  params: readonly RlpItem[],
  decode: Decode,
): Readonly<Record<string, unknown>> {
  if ('each' in row) {
    const [list, codec] = row.each;
    return { [list]: inField(template, list, () => requireSome(params).map((item) => decode(codec, item))) };
  }
  if (params.length !== row.params.length) {
    throw badFormat(
      `Expected ${row.params.length} parameters of SCT${template.type} ${row.method}, got ${params.length}.`,
    );
  }
  return Object.fromEntries(
    row.params.map(([field, codec], index) => [field, inField(template, field, () => decode(codec, params[index]!))]),
  );
}

function requireSome<T>(list: readonly T[]): readonly T[] {
  if (list.length === 0) throw new RangeError('Expected at least one, got none.');
  return list;
}

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(['to', 'from', 'owner']);

function inField<T>({ type, errCodes }: AnySctTemplate, field: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const byDefault = ADDRESS_FIELDS.has(field) ? SCT_ERR['symid-unknown'] : SCT_ERR['bad-format'];
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SctInputError(
      field,
      errCodes?.[field] ?? byDefault,
      `Parameter ${field} of the SCT${type} call: ${reason}`,
      { cause },
    );
  }
}

const badFormat = (message: string): SctInputError => new SctInputError(null, SCT_ERR['bad-format'], message);

function boundedText(min: number, max: number): Field<string> {
  const expect = (value: string): string => {
    const count = [...value].length;
    if (count < min || count > max) throw new RangeError(`Expected ${min} to ${max} characters, got ${count}.`);
    if (!isPrintable(value)) throw new RangeError('Expected text without control or direction characters, got some.');
    return value;
  };
  return {
    encode: (value) => text.encode(expect(value)),
    decode: (item) => expect(text.decode(item)),
    decodeMined: (item) => text.decode(item),
  };
}

// Control, direction and zero-width characters (Unicode category C) would let one token's name look like another's.
const isPrintable = (value: string): boolean => !/\p{C}/u.test(value);

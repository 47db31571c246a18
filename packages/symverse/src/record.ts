/**
 * Records: RLP lists with a fixed order of named fields. Each format is one `as const` table of [name, field];
 * encoding, decoding and the TypeScript type are all read from it.
 */
import { bytesToInteger, integerToBytes, isRlpList, RlpError, type RlpItem } from './rlp.ts';
import { symIdFromBytes, symIdToBytes, type SymId } from './symid.ts';

/**
 * How one field is written. `decode` throws an Error that says what it expected; the record adds the field's name. What it gives
 * shares no memory with the item.
 */
export interface Field<T> {
  encode(value: T): RlpItem;
  decode(item: RlpItem): T;
  /** The same where a chain has taken it, with none of the bounds that are ours alone. Left out where the field has no such bound. */
  decodeMined?(item: RlpItem): T;
}

const decodeOurs = <T>(field: Field<T>, item: RlpItem): T => field.decode(item);

/** What a chain has taken in this field. */
export const decodeMined = <T>(field: Field<T>, item: RlpItem): T =>
  field.decodeMined === undefined ? field.decode(item) : field.decodeMined(item);

/** Fields in wire order. */
export type FieldTable = readonly (readonly [name: string, field: Field<unknown>])[];

/** The object that a table describes. */
export type RecordOf<Table extends FieldTable> = {
  readonly [Entry in Table[number] as Entry[0]]: Entry[1] extends Field<infer T> ? T : never;
};

/** The record's fields as an RLP list in wire order. Refuses a value that does not fit its field with a `RecordError` that names it. */
export function encodeRecord<Table extends FieldTable>(
  table: Table,
  value: RecordOf<Table>,
  what = 'record',
): RlpItem[] {
  const fields = value as Readonly<Record<string, unknown>>;
  const items: RlpItem[] = [];
  let at = '';
  try {
    for (const [name, field] of table) {
      at = name;
      items.push(field.encode(fields[name]));
    }
  } catch (cause) {
    throw fieldError(what, at, cause);
  }
  return items;
}

/** The record of an RLP list. Refuses another number of fields, and any field that is not in its one form, with a `RecordError`. */
export const decodeRecord = <Table extends FieldTable>(what: string, table: Table, item: RlpItem): RecordOf<Table> =>
  decodeFields(what, table, item, decodeOurs);

function decodeFields<Table extends FieldTable>(
  what: string,
  table: Table,
  item: RlpItem,
  decode: (field: Field<unknown>, item: RlpItem) => unknown,
): RecordOf<Table> {
  if (!isRlpList(item)) {
    throw new RecordError(what, null, `Expected a ${what}: a list of ${table.length} fields, got a byte string.`);
  }
  if (item.length !== table.length) {
    throw new RecordError(what, null, `Expected a ${what} of ${table.length} fields, got ${item.length}.`);
  }
  const record: Record<string, unknown> = {};
  let index = 0;
  let at = '';
  try {
    for (const [name, field] of table) {
      at = name;
      record[name] = decode(field, item[index++]!);
    }
  } catch (cause) {
    throw fieldError(what, at, cause);
  }
  return record as RecordOf<Table>;
}

const fieldError = (what: string, name: string, cause: unknown): RecordError =>
  new RecordError(what, name, `Field ${name} of the ${what}: ${messageOf(cause)}`, { cause });

/** Bytes or values that are not a record of the expected kind. `field` names the field at fault, or null when it is the list itself. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly record: string;
  readonly field: string | null;
  constructor(record: string, field: string | null, message: string, options?: ErrorOptions) {
    super(message, options);
    this.record = record;
    this.field = field;
  }
}

/** The byte string of an item. Refuses a list. */
export function requireBytes(item: RlpItem): Uint8Array {
  if (isRlpList(item)) throw new RlpError('wrong-kind', 0, `Expected a byte string, got a list of ${item.length}.`);
  return item;
}

/** The list of an item. Refuses a byte string. */
export function requireList(item: RlpItem): readonly RlpItem[] {
  if (!isRlpList(item))
    throw new RlpError('wrong-kind', 0, `Expected a list, got a byte string of ${item.length} bytes.`);
  return item;
}

/** An integer of at most `bytesMax` bytes, minimal big-endian; zero is the empty string. */
export const uint = (bytesMax: number): Field<bigint> => ({
  encode(value) {
    const bytes = integerToBytes(value);
    if (bytes.length > bytesMax)
      throw new RangeError(`Expected an integer of at most ${bytesMax} bytes, got ${bytes.length}.`);
    return bytes;
  },
  decode: (item) => bytesToInteger(requireBytes(item), bytesMax),
});

/** One of a few small integers. */
export const oneOf = <T extends number>(...allowed: readonly T[]): Field<T> => {
  const expect = (value: bigint | number): T => {
    // Not of any value: plain JavaScript would have null, '' and false written as 0.
    const number = typeof value === 'bigint' ? Number(value) : value;
    const found = allowed.find((candidate) => candidate === number);
    if (found === undefined) throw new RangeError(`Expected one of ${allowed.join(', ')}, got ${value}.`);
    return found;
  };
  return {
    encode: (value) => integerToBytes(BigInt(expect(value))),
    decode: (item) => expect(bytesToInteger(requireBytes(item), 8)),
  };
};

/** A byte string of exactly `length` bytes. */
export const fixedBytes = (length: number): Field<Uint8Array> => {
  const expect = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length !== length) throw new RangeError(`Expected ${length} bytes, got ${bytes.length}.`);
    return bytes;
  };
  return { encode: expect, decode: (item) => expect(requireBytes(item)).slice() };
};

/** A byte string of any length up to `bytesMax`. */
export const bytes = (bytesMax: number): Field<Uint8Array> => {
  const expect = (value: Uint8Array): Uint8Array => {
    if (value.length > bytesMax) throw new RangeError(`Expected at most ${bytesMax} bytes, got ${value.length}.`);
    return value;
  };
  return { encode: expect, decode: (item) => expect(requireBytes(item)).slice() };
};

/** A SymID or contract address: 10 bytes. */
export const symId: Field<SymId> = {
  encode: symIdToBytes,
  decode: (item) => symIdFromBytes(requireBytes(item)),
};

/** A SymID or contract address, or nothing: the empty string. */
export const symIdOrNull: Field<SymId | null> = {
  encode: (value) => (value === null ? new Uint8Array(0) : symIdToBytes(value)),
  decode(item) {
    const value = requireBytes(item);
    return value.length === 0 ? null : symIdFromBytes(value);
  },
};

/** Text in UTF-8. Refuses bytes that are not, and half a surrogate pair, which the encoder would replace by another character. */
export const text: Field<string> = {
  encode(value) {
    if (typeof value !== 'string' || /\p{Surrogate}/u.test(value))
      throw new TypeError(
        `Expected well-formed text, got ${typeof value === 'string' ? 'half a character' : typeof value}.`,
      );
    return new TextEncoder().encode(value);
  },
  // Without ignoreBOM the decoder would drop a leading U+FEFF, and the text would no longer encode to its bytes.
  decode: (item) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(requireBytes(item)),
};

/** A list of items of one kind, `countMax` at most. */
export const listOf = <T>(field: Field<T>, countMax: number): Field<readonly T[]> => {
  const expect = <L extends readonly unknown[]>(list: L): L => {
    if (list.length > countMax) throw new RangeError(`Expected at most ${countMax} items, got ${list.length}.`);
    return list;
  };
  return {
    encode: (value) => expect(value).map((element) => field.encode(element)),
    decode: (item) => expect(requireList(item)).map((element) => field.decode(element)),
  };
};

/** A record within a record. */
export const recordField = <Table extends FieldTable>(what: string, table: Table): Field<RecordOf<Table>> => ({
  encode: (value) => encodeRecord(table, value, what),
  decode: (item) => decodeRecord(what, table, item),
  decodeMined: (item) => decodeFields(what, table, item, decodeMined),
});

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** The pieces that state rows are written with. Reading is strict: a stored row that is not what we write is damage. */
import {
  bytesToInteger,
  integerToBytes,
  isRlpList,
  symIdFromBytes,
  symIdToBytes,
  type RlpItem,
  type SymId,
} from '@jigeum/symverse';

/** One value and its RLP. */
export interface Codec<T> {
  encode(value: T): RlpItem;
  decode(item: RlpItem): T;
}

/** An unsigned integer, minimal big-endian. */
export const amount: Codec<bigint> = {
  encode: (value) => integerToBytes(value),
  decode: (item) => bytesToInteger(bytesOf(item)),
};

/** A truth: 1 or nothing. */
export const flag: Codec<boolean> = {
  encode: (value) => integerToBytes(value ? 1n : 0n),
  decode(item) {
    const number = amount.decode(item);
    if (number > 1n) throw new RangeError(`Expected 0 or 1 in a state row, got ${number}.`);
    return number === 1n;
  },
};

/** Text in UTF-8. */
export const text: Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (item) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(item)),
};

/** A SymID or contract address. */
export const address: Codec<SymId> = {
  encode: (value) => symIdToBytes(value),
  decode: (item) => symIdFromBytes(bytesOf(item)),
};

const NOTHING = new Uint8Array(0);
/** A SymID, or the empty string for none. */
export const addressOrNull: Codec<SymId | null> = {
  encode: (value) => (value === null ? NOTHING : address.encode(value)),
  decode: (item) => (bytesOf(item).length === 0 ? null : address.decode(item)),
};

/** A byte string of any length. */
export const byteString: Codec<Uint8Array> = { encode: (value) => value, decode: (item) => bytesOf(item) };

/** An object of these fields, as a list in their order. */
export function fieldsOf<Fields extends Readonly<Record<string, Codec<unknown>>>>(
  fields: Fields,
): Codec<{ readonly [Name in keyof Fields]: Fields[Name] extends Codec<infer T> ? T : never }> {
  const entries = Object.entries<Codec<unknown>>(fields);
  return {
    encode: (value) => entries.map(([name, codec]) => codec.encode((value as Readonly<Record<string, unknown>>)[name])),
    decode(item) {
      const list = listOf(item);
      if (list.length !== entries.length)
        throw new RangeError(`Expected ${entries.length} fields in a state row, got ${list.length}.`);
      const pairs = entries.map(([name, codec], index) => [name, codec.decode(list[index]!)]);
      return Object.fromEntries(pairs) as never;
    },
  };
}

/** The list of an item. Refuses a byte string. */
export function listOf(item: RlpItem): readonly RlpItem[] {
  if (!isRlpList(item)) throw new RangeError('Expected a list in a state row, got a byte string.');
  return item;
}

function bytesOf(item: RlpItem): Uint8Array {
  if (isRlpList(item)) throw new RangeError('Expected a byte string in a state row, got a list.');
  return item;
}

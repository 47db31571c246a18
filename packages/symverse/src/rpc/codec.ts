/**
 * Codecs between JSON and our values. The client encodes parameters and decodes results, the server the other way round,
 * both through the same codec. Decoding is strict and names the place, because both sides read what strangers send.
 */
import { fromHex0x, toHex0x } from '@jigeum/std';
import { parseSymId, type SymId } from '../symid.ts';

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One shape in JSON and in code. `decode` throws an `RpcShapeError`; `at` says where the value stands. */
export interface Codec<T> {
  decode(value: unknown, at: string): T;
  encode(value: T): Json;
}

/** A codec whose value may be missing at the end of a parameter list; the server then sees the default. */
export interface OptionalCodec<T> extends Codec<T> {
  readonly fallback: T;
}

/** A parameter that may be left out. */
export const optionalParam = <T>(codec: Codec<T>, fallback: T): OptionalCodec<T> => ({ ...codec, fallback });

/** JSON that has not the expected shape. */
export class RpcShapeError extends Error {
  override readonly name = 'RpcShapeError';
  constructor(at: string, expected: string, value: unknown) {
    super(`${at}: Expected ${expected}, got ${describe(value)}.`);
  }
}

const QUANTITY = /^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/;

/** QUANTITY: `0x` and hex without leading zeros, at most 256 bits. */
export const quantity: Codec<bigint> = {
  decode(value, at) {
    if (typeof value === 'string' && QUANTITY.test(value)) return BigInt(value);
    throw new RpcShapeError(at, 'a QUANTITY such as "0x1f" (no leading zeros)', value);
  },
  encode(value) {
    if (value < 0n) throw new RangeError(`Expected a QUANTITY of zero or more, got ${value}.`);
    return `0x${value.toString(16)}`;
  },
};

/** A QUANTITY that some documents write as a JSON number. Read in both forms (a number above 2^53 is refused: JSON.parse has rounded it), written as a QUANTITY. */
export const quantityOrNumber: Codec<bigint> = {
  decode(value, at) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    return quantity.decode(value, at);
  },
  encode: quantity.encode,
};

/** A number that Go programs write as a JSON number: ports, chain ids. */
export const wholeNumber: Codec<number> = {
  decode(value, at) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new RpcShapeError(at, 'a whole number', value);
  },
  encode: (value) => value,
};

/** DATA: `0x` and an even number of hex digits, `bytesMax` bytes at most. */
export const dataOf = (bytesMax: number): Codec<Uint8Array> => ({
  decode(value, at) {
    if (typeof value === 'string' && value.length <= 2 + bytesMax * 2) {
      try {
        // Digits are looked at once, where they become bytes: transactions come this way.
        return fromHex0x(value);
      } catch {
        // The refusal below says what was expected and where.
      }
    }
    throw new RpcShapeError(at, `DATA such as "0x00ff" of at most ${bytesMax} bytes`, value);
  },
  encode: toHex0x,
});

/** DATA, or the empty text for none, as some documents write it. */
export const dataOrEmpty = (bytesMax: number): Codec<Uint8Array> => {
  const inner = dataOf(bytesMax);
  return { ...inner, decode: (value, at) => (value === '' ? new Uint8Array(0) : inner.decode(value, at)) };
};

/** DATA of at most a mebibyte. */
export const data = dataOf(1_048_576);

/** A hash: `0x` and 64 hex digits, kept as lowercase text. */
export const hash: Codec<`0x${string}`> = {
  decode(value, at) {
    if (typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value)) return value.toLowerCase() as `0x${string}`;
    throw new RpcShapeError(at, 'a hash of 32 bytes: 0x and 64 hex digits', value);
  },
  encode: (value) => value,
};

/** A SymID or contract address, in lowercase or with the right checksum. */
export const address: Codec<SymId> = {
  decode(value, at) {
    if (typeof value !== 'string') throw new RpcShapeError(at, 'a SymID: 0x and 20 hex digits', value);
    try {
      return parseSymId(value);
    } catch {
      // The refusal below says the same and adds the place.
      throw new RpcShapeError(at, 'a SymID: 0x and 20 hex digits, lowercase or with the right checksum', value);
    }
  },
  encode: (value) => value,
};

/** A block by name or number. */
export type BlockTag = 'latest' | 'earliest' | 'pending' | bigint;

export const blockTag: Codec<BlockTag> = {
  decode(value, at) {
    if (value === 'latest' || value === 'earliest' || value === 'pending') return value;
    if (typeof value === 'string' && value.length <= 18 && QUANTITY.test(value)) return BigInt(value);
    throw new RpcShapeError(at, 'a block: "latest", "earliest", "pending" or a number such as "0x1f"', value);
  },
  encode: (value) => (typeof value === 'bigint' ? quantity.encode(value) : value),
};

export const boolean: Codec<boolean> = {
  decode(value, at) {
    if (typeof value === 'boolean') return value;
    throw new RpcShapeError(at, 'true or false', value);
  },
  encode: (value) => value,
};

/** Text of at most `max` characters. */
export const text = (max = 1024): Codec<string> => ({
  decode(value, at) {
    if (typeof value === 'string' && value.length <= max) return value;
    throw new RpcShapeError(at, `text of at most ${max} characters`, value);
  },
  encode: (value) => value,
});

/** One text of a few. */
export const literal = <T extends string | false>(...allowed: readonly T[]): Codec<T> => ({
  decode(value, at) {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new RpcShapeError(at, allowed.map((one) => JSON.stringify(one)).join(' or '), value);
    return found;
  },
  encode: (value) => value,
});

/** The value, or null. */
export const nullable = <T>(codec: Codec<T>): Codec<T | null> => ({
  decode: (value, at) => (value === null ? null : codec.decode(value, at)),
  encode: (value) => (value === null ? null : codec.encode(value)),
});

/** The first of two shapes that fits. `isFirst` tells them apart when encoding. */
export const either = <A, B>(
  first: Codec<A>,
  second: Codec<B>,
  isFirst: (value: A | B) => value is A,
): Codec<A | B> => ({
  decode(value, at) {
    try {
      return first.decode(value, at);
    } catch (error) {
      if (!(error instanceof RpcShapeError)) throw error;
      return second.decode(value, at);
    }
  },
  encode: (value) => (isFirst(value) ? first.encode(value) : second.encode(value)),
});

/** A hash, or the whole thing that it names: told apart at sight, because a block has thousands of them. */
export const hashOr = <T>(whole: Codec<T>): Codec<`0x${string}` | T> => {
  const isHash = (value: unknown): value is `0x${string}` => typeof value === 'string';
  return {
    decode: (value, at) => (isHash(value) ? hash.decode(value, at) : whole.decode(value, at)),
    encode: (value) => (isHash(value) ? hash.encode(value) : whole.encode(value)),
  };
};

/** A list of at most `countMax`. */
export const arrayOf = <T>(codec: Codec<T>, countMax = 65_536): Codec<readonly T[]> => ({
  decode(value, at) {
    if (!Array.isArray(value) || value.length > countMax)
      throw new RpcShapeError(at, `a list of at most ${countMax}`, value);
    return value.map((element, index) => codec.decode(element, `${at}[${index}]`));
  },
  encode: (value) => value.map((element) => codec.encode(element)),
});

/** An object whose keys are not known beforehand, with values of one shape. */
export const mapOf = <T>(codec: Codec<T>): Codec<Readonly<Record<string, T>>> => ({
  decode(value, at) {
    const entries = Object.entries(requireObject(value, at));
    return Object.fromEntries(entries.map(([key, entry]) => [key, codec.decode(entry, `${at}.${key}`)]));
  },
  encode: (value) => Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, codec.encode(entry)])),
});

/** Text keys to text values. */
export const textMap = mapOf(text());

type Shape = Readonly<Record<string, Codec<unknown>>>;
type Values<S extends Shape> = { readonly [K in keyof S]: S[K] extends Codec<infer T> ? T : never };

/** An object with these fields. Unknown fields are ignored: nodes add some from version to version. */
export const object = <Required extends Shape, Optional extends Shape = Record<never, never>>(
  required: Required,
  optional?: Optional,
): Codec<Values<Required> & Partial<Values<Optional>>> => {
  const optionals = Object.entries(optional ?? {});
  return {
    decode(value, at) {
      const from = requireObject(value, at);
      const out: Record<string, unknown> = {};
      for (const [key, codec] of Object.entries(required)) out[key] = codec.decode(from[key], `${at}.${key}`);
      for (const [key, codec] of optionals) {
        if (from[key] !== undefined && from[key] !== null) out[key] = codec.decode(from[key], `${at}.${key}`);
      }
      return out as Values<Required> & Partial<Values<Optional>>;
    },
    encode(value) {
      const from = value as Readonly<Record<string, unknown>>;
      const out: Record<string, Json> = {};
      for (const [key, codec] of Object.entries(required)) out[key] = codec.encode(from[key]);
      for (const [key, codec] of optionals) if (from[key] !== undefined) out[key] = codec.encode(from[key]);
      return out;
    },
  };
};

/** Reads `field` also under the names that other documents give it; writes it under its own. */
export const withAlias = <T>(codec: Codec<T>, field: string, ...aliases: readonly string[]): Codec<T> => ({
  decode(value, at) {
    if (typeof value !== 'object' || value === null || Object.hasOwn(value, field)) return codec.decode(value, at);
    const from = value as Readonly<Record<string, unknown>>;
    const alias = aliases.find((name) => Object.hasOwn(from, name));
    return codec.decode(alias === undefined ? value : { ...from, [field]: from[alias] }, at);
  },
  encode: (value) => codec.encode(value),
});

function requireObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RpcShapeError(at, 'an object', value);
  return value as Record<string, unknown>;
}

/** The kind of a stranger's value, never all of it: it may be long, and it may be meant for the log's reader. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  if (typeof value !== 'string') return `a ${typeof value}`;
  return value.length <= 80 ? JSON.stringify(value) : `text of ${value.length} characters`;
}

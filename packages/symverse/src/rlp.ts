/**
 * Recursive Length Prefix: byte strings and lists of them, written in one way only.
 * Decoding accepts exactly what encoding writes, so that two different byte strings never mean the same transaction.
 */
import { bytesToHex, hexToBytes } from '@jigeum/std';

/** A byte string, or a list of items. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** What a decoder may meet before it gives up. */
export interface RlpLimits {
  /** Total bytes of the input. */
  readonly bytesMax: number;
  /** Lists within lists; a list of byte strings has depth 1. */
  readonly depthMax: number;
  /** Byte strings and lists in all. A byte of input can be an item, and an item costs a hundred times a byte. */
  readonly itemsMax: number;
}

/** Enough for everything the protocol signs (a transaction has 32 KB and depth 2); a block's decoder passes its own. */
export const RLP_LIMITS: RlpLimits = { bytesMax: 1_048_576, depthMax: 32, itemsMax: 65_536 };

const LENGTH_BYTES_MAX = 4;

/** The bytes of an item. Refuses nesting deeper than `depthMax`. */
export function encodeRlp(item: RlpItem, depthMax = RLP_LIMITS.depthMax): Uint8Array {
  const out = new Uint8Array(encodedSize(item, depthMax));
  write(item, out, 0);
  return out;
}

/** The item that the whole of `bytes` stands for. Refuses everything that `encodeRlp` would not have written, with an `RlpError`. */
export const decodeRlp = (bytes: Uint8Array, limits: Partial<RlpLimits> = {}): RlpItem => readAll(bytes, limits, false);

/** As `decodeRlp`, but its byte strings are views into `bytes`: for decoders that turn them into something else at once. */
export const viewRlp = (bytes: Uint8Array, limits: Partial<RlpLimits> = {}): RlpItem => readAll(bytes, limits, true);

function readAll(bytes: Uint8Array, limits: Partial<RlpLimits>, isView: boolean): RlpItem {
  const bytesMax = limits.bytesMax ?? RLP_LIMITS.bytesMax;
  const itemsMax = limits.itemsMax ?? RLP_LIMITS.itemsMax;
  if (bytes.length > bytesMax) {
    throw new RlpError('too-large', 0, `Expected at most ${bytesMax} bytes of RLP, got ${bytes.length}.`);
  }
  const reader = new Reader(bytes, itemsMax, isView);
  const item = reader.item(bytes.length, limits.depthMax ?? RLP_LIMITS.depthMax);
  if (reader.at !== bytes.length) {
    throw new RlpError(
      'trailing-bytes',
      reader.at,
      `Expected the RLP to end at byte ${reader.at}, got ${bytes.length - reader.at} more.`,
    );
  }
  return item;
}

/**
 * Where the first items of an encoded list begin and end, without decoding them. Only for bytes that have been decoded: nothing is
 * checked here.
 */
export function firstItems(list: Uint8Array, count: number): { readonly start: number; readonly end: number } {
  const start = contentAt(list, 0, 0xc0);
  let end = start;
  for (let item = 0; item < count; item++) end = itemEnd(list, end);
  return { start, end };
}

const itemEnd = (bytes: Uint8Array, at: number): number => {
  const prefix = bytes[at]!;
  if (prefix < 0x80) return at + 1;
  const base = prefix < 0xc0 ? 0x80 : 0xc0;
  const start = contentAt(bytes, at, base);
  let length = prefix - base;
  if (length > 55) {
    length = 0;
    for (let index = at + 1; index < start; index++) length = length * 0x100 + bytes[index]!;
  }
  return start + length;
};

const contentAt = (bytes: Uint8Array, at: number, base: number): number => at + 1 + Math.max(0, bytes[at]! - base - 55);

/** True for a list, false for a byte string. */
export const isRlpList = (item: RlpItem): item is readonly RlpItem[] => Array.isArray(item);

/**
 * Big-endian bytes of an integer without leading zeros; zero is the empty string. Refuses a number or text that plain
 * JavaScript hands over: published clients write the text "1000" as its ASCII bytes, which is another amount.
 */
export function integerToBytes(value: bigint): Uint8Array {
  if (typeof value !== 'bigint')
    throw new TypeError(`Expected an integer as a bigint such as 1000n, got a ${typeof value}.`);
  if (value < 0n) throw new RangeError(`Expected an integer of zero or more, got ${value}.`);
  if (value < NUMBER_END) return numberToBytes(Number(value));
  if (value >= WORDS_END) {
    const hex = value.toString(16);
    return hexToBytes(hex.length % 2 === 0 ? hex : `0${hex}`);
  }
  let rest = value;
  for (let at = WORDS_BYTES - 8; at >= 0; at -= 8) {
    words.setBigUint64(at, rest);
    rest = rest < WORD_END ? 0n : rest >> 64n;
  }
  let from = 0;
  while (from < WORDS_BYTES && wordBytes[from] === 0) from++;
  return wordBytes.slice(from);
}

/** Zero is the empty string. */
function numberToBytes(value: number): Uint8Array {
  let count = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 0x100)) count++;
  const out = new Uint8Array(count);
  for (let at = count - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 0x100)) out[at] = rest % 0x100;
  return out;
}

/** The integer of big-endian bytes. Refuses a leading zero byte (so the one byte 0x00 too) and more than `bytesMax` bytes. */
export function bytesToInteger(bytes: Uint8Array, bytesMax = 32): bigint {
  if (bytes.length > bytesMax) {
    throw new RlpError(
      'integer-too-large',
      0,
      `Expected an integer of at most ${bytesMax} bytes, got ${bytes.length}.`,
    );
  }
  if (bytes[0] === 0) {
    throw new RlpError(
      'leading-zero',
      0,
      'Expected an integer without leading zero bytes (zero itself is the empty string).',
    );
  }
  return bigEndian(bytes);
}

/** The integer of big-endian bytes, leading zeros allowed; empty is zero. For fields of fixed width. */
export function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length <= NUMBER_BYTES_MAX) {
    let value = 0;
    for (const byte of bytes) value = value * 0x100 + byte;
    return BigInt(value);
  }
  if (bytes.length > WORDS_BYTES) return BigInt(`0x${bytesToHex(bytes)}`);
  wordBytes.fill(0, 0, WORDS_BYTES - bytes.length);
  wordBytes.set(bytes, WORDS_BYTES - bytes.length);
  let value = 0n;
  for (let at = 0; at < WORDS_BYTES; at += 8) {
    const word = words.getBigUint64(at);
    value = value === 0n ? word : (value << 64n) | word;
  }
  return value;
}

/** Integers of so many bytes are exact as numbers, which cost a tenth of bigint arithmetic. */
const NUMBER_BYTES_MAX = 6;
const NUMBER_END = 1n << 48n;

/** Room for 256 bits, written anew by each call: through text, an integer costs five times as much and leaves a kilobyte behind. */
const WORDS_BYTES = 32;
const wordBytes = new Uint8Array(WORDS_BYTES);
const words = new DataView(wordBytes.buffer);
const WORD_END = 1n << 64n;
const WORDS_END = 1n << 256n;

/** The kinds of refusal of RLP; `wrong-kind` is a list where a byte string belongs, or the other way round. */
export type RlpErrorCode =
  | 'empty-input'
  | 'too-large'
  | 'too-deep'
  | 'too-many-items'
  | 'truncated'
  | 'trailing-bytes'
  | 'non-minimal-byte'
  | 'non-minimal-length'
  | 'leading-zero-length'
  | 'leading-zero'
  | 'integer-too-large'
  | 'wrong-kind';

/** Bytes that are not canonical RLP. `offset` is the byte where it shows. */
export class RlpError extends Error {
  override readonly name = 'RlpError';
  readonly code: RlpErrorCode;
  readonly offset: number;
  constructor(code: RlpErrorCode, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

function encodedSize(item: RlpItem, depthLeft: number): number {
  if (!isRlpList(item)) {
    if (!ArrayBuffer.isView(item)) throw new TypeError(`Expected bytes or a list of them, got a ${typeof item}.`);
    return item.length === 1 && item[0]! < 0x80 ? 1 : rlpPrefixBytes(item.length) + item.length;
  }
  const size = payloadSize(item, depthLeft);
  return rlpPrefixBytes(size) + size;
}

function payloadSize(list: readonly RlpItem[], depthLeft: number): number {
  if (depthLeft === 0) throw new RlpError('too-deep', 0, 'Expected RLP that is nested less deeply.');
  let size = 0;
  for (const item of list) size += encodedSize(item, depthLeft - 1);
  return size;
}

/** How many bytes stand before a string or list of so many, where anything does: a byte below 0x80 stands for itself. */
export const rlpPrefixBytes = (length: number): number => (length <= 55 ? 1 : 1 + lengthBytes(length));

const lengthBytes = (length: number): number =>
  length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;

function write(item: RlpItem, out: Uint8Array, at: number): number {
  if (!isRlpList(item)) {
    if (item.length === 1 && item[0]! < 0x80) {
      out[at] = item[0]!;
      return at + 1;
    }
    const start = writeRlpPrefix(0x80, item.length, out, at);
    out.set(item, start);
    return start + item.length;
  }
  let end = writeRlpPrefix(0xc0, payloadSize(item, Infinity), out, at);
  for (const child of item) end = write(child, out, end);
  return end;
}

/** Writes the prefix of a string (`base` 0x80) or list (0xc0) of so many bytes, and gives where they begin. */
export function writeRlpPrefix(base: 0x80 | 0xc0, length: number, out: Uint8Array, at: number): number {
  if (length <= 55) {
    out[at] = base + length;
    return at + 1;
  }
  const count = lengthBytes(length);
  out[at] = base + 55 + count;
  for (let index = 0; index < count; index++) out[at + 1 + index] = (length >>> (8 * (count - 1 - index))) & 0xff;
  return at + 1 + count;
}

/** Reads items one after the other. Keeps its place itself: a result object for each item would cost more than the item. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #itemsMax: number;
  readonly #isView: boolean;
  #itemsLeft: number;

  constructor(bytes: Uint8Array, itemsMax: number, isView: boolean) {
    // A Buffer's slice shares its memory; what is decoded must not change when the input does.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#itemsMax = itemsMax;
    this.#itemsLeft = itemsMax;
    this.#isView = isView;
  }

  /** The item here, which may use bytes up to `limit`. */
  item(limit: number, depthLeft: number): RlpItem {
    const { at } = this;
    const prefix = this.#bytes[at];
    if (at >= limit || prefix === undefined) {
      throw new RlpError('empty-input', at, 'Expected an RLP item, got no bytes.');
    }
    if (--this.#itemsLeft < 0)
      throw new RlpError('too-many-items', at, `Expected RLP of at most ${this.#itemsMax} items, got more.`);
    if (prefix < 0x80) return this.#take(at, at + 1);

    const isList = prefix >= 0xc0;
    const length = this.#length(limit, prefix - (isList ? 0xc0 : 0x80));
    const start = this.at;
    const end = start + length;
    if (end > limit) {
      throw new RlpError('truncated', at, `Expected ${length} bytes after byte ${start}, got ${limit - start}.`);
    }
    if (!isList) {
      if (length === 1 && this.#bytes[start]! < 0x80) {
        throw new RlpError(
          'non-minimal-byte',
          at,
          'Expected a byte below 0x80 to stand for itself, got it with a prefix.',
        );
      }
      return this.#take(start, end);
    }
    if (depthLeft === 0) throw new RlpError('too-deep', at, 'Expected RLP that is nested less deeply.');
    const items: RlpItem[] = [];
    while (this.at < end) items.push(this.item(end, depthLeft - 1));
    return items;
  }

  #take(start: number, end: number): Uint8Array {
    this.at = end;
    return this.#isView ? this.#bytes.subarray(start, end) : this.#bytes.slice(start, end);
  }

  /** The length that the prefix here tells of; the reader stands behind it then. `head` is the prefix without its kind. */
  #length(limit: number, head: number): number {
    const { at } = this;
    if (head <= 55) {
      this.at = at + 1;
      return head;
    }
    const count = head - 55;
    const start = at + 1 + count;
    if (count > LENGTH_BYTES_MAX) {
      throw new RlpError(
        'too-large',
        at,
        `Expected a length of at most ${LENGTH_BYTES_MAX} bytes, got one of ${count}.`,
      );
    }
    if (start > limit)
      throw new RlpError('truncated', at, `Expected a length of ${count} bytes, got ${limit - at - 1}.`);
    if (this.#bytes[at + 1] === 0)
      throw new RlpError('leading-zero-length', at, 'Expected a length without leading zero bytes.');
    let length = 0;
    for (let index = at + 1; index < start; index++) length = length * 0x100 + this.#bytes[index]!;
    if (length <= 55) {
      throw new RlpError(
        'non-minimal-length',
        at,
        `Expected the length ${length} in the prefix byte, got it written out.`,
      );
    }
    this.at = start;
    return length;
  }
}

/** Hex text and byte arrays. Text is lowercase; `0x` is added and taken only by the functions that say so. */
import { bytesToHex as nobleBytesToHex, concatBytes as nobleConcatBytes } from '@noble/hashes/utils.js';

/** Lowercase hex without a prefix: two characters a byte. Node's own way leaves a fifth of the garbage; browsers have noble's. */
export const bytesToHex: (bytes: Uint8Array) => string =
  typeof Buffer === 'undefined'
    ? nobleBytesToHex
    : ({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length).toString('hex');

/** Concatenates byte arrays into a new one. */
export const concatBytes = (...parts: Uint8Array[]): Uint8Array => nobleConcatBytes(...parts);

/** True for an even number of hex digits (none at all included), without a prefix. */
export const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);

/** Bytes of a hex text without a prefix. Throws a `TypeError` that shows the length and never the text, which may be a secret. */
export function hexToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  // A digit that is none has the value -1, whose sign bit survives every `|`.
  let all = text.length % 2 === 0 ? 0 : -1;
  for (let index = 0; index < bytes.length; index++) {
    const high = digitValue(text.charCodeAt(index * 2));
    const low = digitValue(text.charCodeAt(index * 2 + 1));
    all |= high | low;
    bytes[index] = (high << 4) | low;
  }
  if (all >= 0) return bytes;
  throw new TypeError(`Expected an even number of hex digits without 0x, got ${text.length} characters that are not.`);
}

/** The value of a hex digit by its character code. One lookup: transactions and hashes are read from text on every request. */
const digitValue = (code: number): number => DIGIT_VALUES[code] ?? -1;

const DIGIT_VALUES = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  DIGIT_VALUES[digit.charCodeAt(0)] = value;
  DIGIT_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** `0x` and lowercase hex: the form of JSON-RPC's DATA. */
export const toHex0x = (bytes: Uint8Array): `0x${string}` => `0x${bytesToHex(bytes)}`;

/** Bytes of a `0x` hex text. Throws a `TypeError` when the prefix is missing or a digit is not hex. */
export function fromHex0x(text: string): Uint8Array {
  if (!text.startsWith('0x'))
    throw new TypeError(`Expected hex that begins with 0x, got ${text.length} characters that do not.`);
  return hexToBytes(text.slice(2));
}

/** True when both hold the same bytes. Not constant-time: for public values only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

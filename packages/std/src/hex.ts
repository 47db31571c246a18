/** Hex text and byte arrays. Text is lowercase; `0x` is added and taken only by the functions that say so. */
import { bytesToHex as nobleBytesToHex, concatBytes as nobleConcatBytes } from '@noble/hashes/utils.js';

/** Lowercase hex without a prefix: two characters a byte. */
export const bytesToHex = (bytes: Uint8Array): string => nobleBytesToHex(bytes);

/** Concatenates byte arrays into a new one. */
export const concatBytes = (...parts: Uint8Array[]): Uint8Array => nobleConcatBytes(...parts);

/** True for an even number of hex digits (none at all included), without a prefix. */
export const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);

/** Bytes of a hex text without a prefix. Throws a `TypeError` that shows the length and never the text, which may be a secret. */
export function hexToBytes(text: string): Uint8Array {
  if (!isHex(text)) {
    throw new TypeError(
      `Expected an even number of hex digits without 0x, got ${text.length} characters that are not.`,
    );
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  return bytes;
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

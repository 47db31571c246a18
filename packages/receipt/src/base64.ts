/** Base64 (RFC 4648 §4, with padding) in its one form, in every place that JavaScript runs. */

/** The text of some bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of a text. Throws a `RangeError` for another alphabet, missing padding or bits beyond the last byte. */
export function fromBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw notBase64(text);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  // Of the last character only some bits count: with the others set, two texts would mean the same bytes.
  if (toBase64(bytes) !== text) throw notBase64(text);
  return bytes;
}

const notBase64 = (text: string): RangeError =>
  new RangeError(
    `Expected base64 with padding and nothing beyond its bytes, got ${text.length} characters that are not.`,
  );

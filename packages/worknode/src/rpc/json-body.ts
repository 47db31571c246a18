/**
 * From the bytes of a body to a JSON value. Refuses what is no UTF-8, begins with a byte order mark, or nests too deeply or holds too
 * many values to be calls: JSON.parse holds the thread for as long as it takes.
 */
import { isUtf8 } from 'node:buffer';

/** A value, or a sentence that says what was expected. */
export type ParsedBody =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'refused'; readonly text: string };

/** Of HTTP and of a WebSocket message: a batch of a thousand transactions of two kilobytes each. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** A call nests five deep at most (batch, call, params, object, list); the rest is room. */
export const JSON_DEPTH_MAX = 32;
/** A thousand calls of a hundred values each; the longest of a published client has some thirty. */
export const JSON_VALUES_MAX = 100_000;
/** Below this many bytes neither can hurt: they cost a few hundred kilobytes, and JSON.parse does not recurse. */
const UNCHECKED_BYTES = 4096;

/** Parses a body. */
export function parseBody(body: Uint8Array): ParsedBody {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    return refused('Expected JSON, got a byte order mark before it: leave the mark out.');
  if (body[0] === 0x1f && body[1] === 0x8b) return refused('Expected JSON, got gzip: send it uncompressed.');
  if (!isUtf8(body)) return refused('Expected JSON in UTF-8, got other bytes.');
  const excess = body.length > UNCHECKED_BYTES ? excessOf(body) : undefined;
  if (excess !== undefined) return refused(`Expected JSON of at most ${excess}, got more.`);
  try {
    return { kind: 'value', value: JSON.parse(textOf(body)) };
  } catch (cause) {
    return refused(`Expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** Whether a body begins as a list does: whatever is wrong with it, no single call is. */
export function isBatch(body: Uint8Array): boolean {
  let index = 0;
  while (JSON_SPACES.includes(body[index]!)) index++;
  return body[index] === 0x5b;
}

const JSON_SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

const refused = (text: string): ParsedBody => ({ kind: 'refused', text });

const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const COMMA = 0x2c;

/**
 * The bound that a body exceeds. Counts brackets and commas outside of text, beside which there is at most one more value; whether
 * they fit is JSON.parse's.
 */
function excessOf(body: Uint8Array): string | undefined {
  let depth = 0;
  let values = 1;
  let isText = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index]!;
    if (isText) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      values++;
      if (++depth > JSON_DEPTH_MAX) return `${JSON_DEPTH_MAX} levels`;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === COMMA) values++;
    if (values > JSON_VALUES_MAX) return `${JSON_VALUES_MAX.toLocaleString('en')} values`;
  }
  return undefined;
}

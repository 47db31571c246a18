/** From the bytes of a body to a JSON value. Refuses what is no UTF-8, begins with a byte order mark, or nests too deeply to be a call. */
import { isUtf8 } from 'node:buffer';

/** A value, or a sentence that says what was expected. */
export type ParsedBody =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'refused'; readonly text: string };

/** A call nests five deep at most (batch, call, params, object, list); the rest is room. */
export const JSON_DEPTH_MAX = 32;
/** Below this many bytes no nesting can hurt: it costs a few hundred kilobytes, and JSON.parse does not recurse. */
const DEPTH_UNCHECKED_BYTES = 4096;

/** Parses a body. */
export function parseBody(body: Uint8Array): ParsedBody {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    return refused('Expected JSON, got a byte order mark before it: leave the mark out.');
  if (body[0] === 0x1f && body[1] === 0x8b) return refused('Expected JSON, got gzip: send it uncompressed.');
  if (!isUtf8(body)) return refused('Expected JSON in UTF-8, got other bytes.');
  if (body.length > DEPTH_UNCHECKED_BYTES && isDeeper(body, JSON_DEPTH_MAX))
    return refused(`Expected JSON of at most ${JSON_DEPTH_MAX} levels, got more.`);
  try {
    return { kind: 'value', value: JSON.parse(textOf(body)) };
  } catch (cause) {
    return refused(`Expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

const refused = (text: string): ParsedBody => ({ kind: 'refused', text });

const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True when lists and objects nest more than `depthMax` deep. Counts brackets outside of text; whether they fit is JSON.parse's. */
function isDeeper(body: Uint8Array, depthMax: number): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index]!;
    if (isText) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > depthMax) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

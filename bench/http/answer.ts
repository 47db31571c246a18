/** Reads one HTTP/1.1 answer from bytes: what the load generator needs of HTTP, and nothing more. */

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';
/** No server of ours writes a longer head; without a bound, bytes that are no HTTP would be kept for ever. */
const HEAD_BYTES_MAX = 16 * 1024;

/**
 * The answer that the bytes hold, or undefined when more must come. Throws for what a lean client does not read: another
 * version, an answer without `content-length`, and bytes after the answer, since nothing is asked ahead.
 */
export function readAnswer(bytes: Buffer): HttpAnswer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) {
    if (bytes.length > HEAD_BYTES_MAX)
      throw new HttpAnswerError(`the end of the head within ${HEAD_BYTES_MAX} bytes`, bytes);
    return undefined;
  }
  const head = bytes.toString('latin1', 0, headEnd);
  const status = /^HTTP\/1\.1 ([0-9]{3}) /.exec(head)?.[1];
  const length = /\r\ncontent-length: *([0-9]{1,9})(?:\r\n|$)/i.exec(head)?.[1];
  if (status === undefined) throw new HttpAnswerError('a status line of HTTP/1.1', bytes);
  if (length === undefined) throw new HttpAnswerError('an answer with content-length', bytes);
  const bodyStart = headEnd + HEAD_END.length;
  const bodyEnd = bodyStart + Number.parseInt(length, 10);
  if (bytes.length < bodyEnd) return undefined;
  if (bytes.length > bodyEnd) throw new HttpAnswerError(`an answer of ${bodyEnd} bytes`, bytes.subarray(bodyEnd));
  return { status: Number.parseInt(status, 10), body: bytes.subarray(bodyStart, bodyEnd) };
}

/** Bytes that the load generator does not understand. */
export class HttpAnswerError extends Error {
  override readonly name = 'HttpAnswerError';
  constructor(expected: string, bytes: Buffer) {
    super(`Expected ${expected} from the server, got ${JSON.stringify(bytes.toString('latin1', 0, 200))}.`);
  }
}

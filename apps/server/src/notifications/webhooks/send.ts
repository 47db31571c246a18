/** One try: a POST to an endpoint, to the address that was checked, with an end in time and in bytes. */
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '@jigeum/std';
import type { AddressGuard, ResolvedAddress } from './address-guard.ts';

/** What came of it. `failed` has the status where there was one, and says why in words that show nothing of an answer. */
export type SendOutcome =
  { kind: 'accepted'; status: number } | { kind: 'failed'; status: number | null; error: string };

export interface Post {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

export type Send = (post: Post, signal: AbortSignal) => Promise<SendOutcome>;

/** From the look-up of the name to the status of the answer. */
const TIMEOUT_MS = 10_000;
/** An answer says nothing but its status; what it has to say is read so far, so that its sender need not see a broken connection. */
const ANSWER_BYTES_MAX = 16 * 1024;

/** Makes the sender. It never throws; `timeoutMs` is for tests. */
export function createSender(deps: { clock: Pick<Clock, 'after'> }, guard: AddressGuard, timeoutMs = TIMEOUT_MS): Send {
  return async (post, signal) => {
    const late = new AbortController();
    const stopClock = deps.clock.after(timeoutMs, () => late.abort());
    try {
      return await withinTime(guard, post, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (late.signal.aborted) return failed(`No answer came within ${timeoutMs / 1000} s.`);
      if (signal.aborted) return failed('This server stopped while it waited for the answer.');
      return failed(`The name was not found, or the connection did not come about or broke${codeOf(error)}.`);
    } finally {
      stopClock();
    }
  };
}

async function withinTime(guard: AddressGuard, post: Post, signal: AbortSignal): Promise<SendOutcome> {
  const refusal = guard.refusalOf(post.url);
  if (refusal !== null) return failed(refusal);
  const url = new URL(post.url);
  const resolved = await Promise.race([guard.resolve(url), rejectionOf(signal)]);
  if (resolved.kind === 'refused') return failed(resolved.reason);
  const status = await statusOf(url, post, resolved.target, signal);
  if (status >= 200 && status < 300) return { kind: 'accepted', status };
  return {
    kind: 'failed',
    status,
    error:
      status >= 300 && status < 400
        ? `Answered ${status}: a redirect is not followed.`
        : `Answered ${status} instead of 2xx.`,
  };
}

function statusOf(url: URL, post: Post, target: ResolvedAddress, signal: AbortSignal): Promise<number> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...post.headers, 'content-length': post.body.length },
    // A connection of its own: none that was made to another address before.
    agent: false,
    lookup: pinnedTo(target),
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
    request.once('response', (answer) => resolve(readOut(answer)));
    // Stays: an error after the status changes nothing, and must not reach nobody.
    request.on('error', reject);
    // Node tells of no error where an answer changes the protocol (101): it closes.
    request.once('close', () => reject(new Error('closed without an answer')));
    request.end(post.body);
  });
}

/** The status, once the answer has ended, broken or grown too long: the status is what counts. */
function readOut(answer: IncomingMessage): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0;
    const over = (): void => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    };
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) over();
    });
    answer.once('end', over);
    answer.once('close', over);
    answer.on('error', over);
  });
}

/** Answers every look-up with the address that was checked: what the name resolves to by now does not matter. */
const pinnedTo =
  ({ address, family }: ResolvedAddress): LookupFunction =>
  (_, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };

const rejectionOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(new Error('aborted'));
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });

const failed = (error: string): SendOutcome => ({ kind: 'failed', status: null, error });

/** ` (ECONNREFUSED)`: a code of Node or OpenSSL, never a message. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : '';
}

/** JSON-RPC over HTTP with `fetch`, which keeps connections alive by itself in Node and in browsers. */
import { RpcUnknownError } from './errors.ts';
import type { RpcTransport } from './client.ts';

/** A transport to a node's HTTP address. Redirects are not followed: an answer comes from the node that was asked or from nobody. */
export function httpTransport(url: string, headers: Readonly<Record<string, string>> = {}): RpcTransport {
  const address = new URL(url);
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    throw new TypeError(`Expected an http or https address of a node, got ${address.protocol}//.`);
  }
  return {
    async post(body, { timeoutMs, responseBytesMax }) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), timeoutMs);
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
          body,
          redirect: 'error',
          signal: abort.signal,
        });
        return { status: response.status, text: await readText(response, responseBytesMax) };
      } catch (cause) {
        if (cause instanceof RpcUnknownError) throw cause;
        if (abort.signal.aborted) {
          throw new RpcUnknownError('timeout', `Expected an answer of the node within ${timeoutMs} ms, got none.`, {
            cause,
          });
        }
        throw new RpcUnknownError(
          'connection',
          `The connection to the node at ${address.host} failed before an answer came.`,
          { cause },
        );
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function readText(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done || value === undefined) return text + decoder.decode();
    size += value.length;
    if (size > bytesMax) {
      await reader.cancel();
      throw new RpcUnknownError('garbage', `Expected an answer of at most ${bytesMax} bytes, got more.`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

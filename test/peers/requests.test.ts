/**
 * Every request that the published clients were seen to send (`rpc_client_requests` of the vectors) is understood by our node: it
 * answers with a result, or with the error that this file names.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPeer, type Peer } from './symjs.ts';

interface Captured {
  readonly client_call: string;
  readonly request?: { readonly method: string; readonly params: readonly unknown[] } | null;
}

const vectors = fileURLToPath(new URL('../../vectors/symverse.json', import.meta.url));
const { rpc_client_requests } = JSON.parse(readFileSync(vectors, 'utf8')) as {
  rpc_client_requests: { clients: Readonly<Record<string, readonly Captured[]>> };
};
// A call without a request throws inside the client, or is not there in it.
const requests = Object.entries(rpc_client_requests.clients).flatMap(([client, calls]) =>
  calls.flatMap(({ client_call, request }) => (request ? [{ client, call: client_call, ...request }] : [])),
);

/** Refused, and why. */
const REFUSED: Readonly<Record<string, { readonly code: number; readonly message: string }>> = {
  sym_sign: { code: -32601, message: 'sym_sign' },
  sym_setDeposit: { code: -32601, message: 'sym_setDeposit' },
  sym_restoreDeposit: { code: -32601, message: 'sym_restoreDeposit' },
  // Signed for other chains by keys that nobody here knows; the older client's bytes have 12 fields.
  sym_sendRawTransaction: { code: -32000, message: '' },
  citizen_sendRawCitizen: { code: -32000, message: '' },
};

let peer: Peer;
beforeAll(async () => {
  peer = await startPeer();
});
afterAll(() => peer.stop());

describe('a captured request', () => {
  it('is there for both clients', () => {
    expect([...new Set(requests.map(({ client }) => client))]).toEqual(['symjs@1.0.6', 'sym-web3js(git)']);
  });

  it.each(requests)('of $client for $call is understood', async ({ method, params }) => {
    const response = await fetch(peer.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 1, jsonrpc: '2.0', method, params }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const refused = REFUSED[method];
    if (refused === undefined) expect(answer).toEqual({ jsonrpc: '2.0', id: 1, result: expect.toSatisfy(() => true) });
    else
      expect(answer).toMatchObject({
        error: { code: refused.code, message: expect.stringContaining(refused.message) },
      });
  });
});

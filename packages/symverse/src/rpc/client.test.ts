import { describe, expect, test } from 'vitest';
import { parseSymId } from '../symid.ts';
import { createRpcClient, type RpcTransport } from './client.ts';
import { RpcResponseError, RpcUnknownError } from './errors.ts';

interface Sent {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

const alice = parseSymId('0x00020000000000010002');

/** A client whose node is a function from the request to what it sends back. */
function clientOf(node: (request: Sent & Sent[]) => unknown, options: { batchMax?: number; status?: number } = {}) {
  const bodies: unknown[] = [];
  const transport: RpcTransport = {
    async post(body) {
      const request = JSON.parse(body) as Sent & Sent[];
      bodies.push(request);
      const answer = await node(request);
      return { status: options.status ?? 200, text: typeof answer === 'string' ? answer : JSON.stringify(answer) };
    },
  };
  return { client: createRpcClient({ transport, batchMax: options.batchMax ?? 100 }), bodies };
}

describe('one call', () => {
  test('sends JSON-RPC 2.0 with an id and gives the decoded result', async () => {
    const { client, bodies } = clientOf(({ id }) => ({ jsonrpc: '2.0', id, result: '0x10' }));
    expect(await client.call('sym_getBalance', alice)).toBe(16n);
    expect(await client.call('sym_getBalance', alice, 5n)).toBe(16n);
    expect(bodies).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'sym_getBalance', params: [alice, 'latest'] },
      { jsonrpc: '2.0', id: 2, method: 'sym_getBalance', params: [alice, '0x5'] },
    ]);
  });

  test('throws the node’s error with its code, also under an HTTP error status', async () => {
    const { client } = clientOf(
      ({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32000, message: 'nonce too low: next 5, got 4' } }),
      { status: 400 },
    );
    const error: unknown = await client.call('sym_blockNumber').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RpcResponseError);
    expect(error).toMatchObject({
      method: 'sym_blockNumber',
      code: -32000,
      nodeMessage: 'nonce too low: next 5, got 4',
      reason: 'nonce-too-low',
    });
  });

  test('shortens what the node says and takes its control characters out', async () => {
    const { client } = clientOf(({ id }) => ({
      id,
      error: { code: 1, message: `a\u001b[31m\u202e${'x'.repeat(999)}` },
    }));
    const error: unknown = await client.call('sym_blockNumber').catch((caught: unknown) => caught);
    expect((error as RpcResponseError).nodeMessage).toBe(`a [31m ${'x'.repeat(293)}`);
  });

  test.each<[string, (request: Sent) => unknown]>([
    ['text that is not JSON', () => '<html>502 Bad Gateway</html>'],
    ['an empty body', () => ''],
    ['another id', ({ id }) => ({ jsonrpc: '2.0', id: id + 1, result: '0x1' })],
    ['the id as text', ({ id }) => ({ jsonrpc: '2.0', id: String(id), result: '0x1' })],
    [
      'an error that belongs to no call',
      () => ({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'parse error' } }),
    ],
    ['neither result nor error', ({ id }) => ({ jsonrpc: '2.0', id })],
    ['an error without a code', ({ id }) => ({ jsonrpc: '2.0', id, error: { message: 'no' } })],
    ['a list', ({ id }) => [{ jsonrpc: '2.0', id, result: '0x1' }]],
    ['a result of another shape', ({ id }) => ({ jsonrpc: '2.0', id, result: 1 })],
  ])('is unknown when the node sends %s', async (_what, node) => {
    const { client } = clientOf(node);
    const error: unknown = await client.call('sym_blockNumber').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RpcUnknownError);
    expect(error).toMatchObject({ kind: 'garbage' });
  });

  test('is unknown, with its kind, when the transport fails', async () => {
    const { client } = clientOf(() => {
      throw new RpcUnknownError('timeout', 'late');
    });
    await expect(client.call('sym_blockNumber')).rejects.toMatchObject({ name: 'RpcUnknownError', kind: 'timeout' });
  });

  test('is sent once, whatever comes back', async () => {
    const { client, bodies } = clientOf(() => '');
    await client.call('sym_sendRawTransaction', Uint8Array.of(1)).catch((caught: unknown) => caught);
    expect(bodies.length).toBe(1);
  });
});

describe('a batch', () => {
  test('pairs answers by id in whatever order they come, each with its own outcome', async () => {
    const { client } = clientOf((requests) =>
      requests
        .map(({ id, method }) =>
          method === 'sym_gasPrice'
            ? { id, error: { code: -32601, message: 'no' } }
            : { id, result: method === 'net_version' ? '2' : '0x7' },
        )
        .toReversed(),
    );
    const [balance, price, network] = await client.batch([
      { method: 'sym_getBalance', params: [alice] },
      { method: 'sym_gasPrice', params: [] },
      { method: 'net_version', params: [] },
    ]);
    expect(balance).toEqual({ ok: true, result: 7n });
    expect(price).toMatchObject({ ok: false, error: { name: 'RpcResponseError', code: -32601 } });
    expect(network).toEqual({ ok: true, result: '2' });
  });

  test('leaves a call unknown that was not answered, or answered with garbage; a second answer to a call is ignored', async () => {
    const { client } = clientOf(([first, , third]) => [
      { id: first!.id, result: '0x1' },
      { id: first!.id, result: '0x2' },
      { id: third!.id, result: 3 },
      { id: 99, result: '0x1' },
      'noise',
    ]);
    const calls = Array.from({ length: 3 }, () => ({ method: 'sym_getBalance', params: [alice] }) as const);
    const outcomes = await client.batch(calls);
    expect(outcomes[0]).toEqual({ ok: true, result: 1n });
    expect(outcomes.slice(1)).toMatchObject([
      { ok: false, error: { kind: 'garbage' } },
      { ok: false, error: { kind: 'garbage' } },
    ]);
  });

  test('is cut into requests of at most batchMax; a request that is lost leaves only its own calls unknown', async () => {
    let requests = 0;
    const { client, bodies } = clientOf(
      (batch) => {
        if (++requests === 2) throw new RpcUnknownError('connection', 'reset');
        return batch.map(({ id }) => ({ id, result: '0x1' }));
      },
      { batchMax: 2 },
    );
    const outcomes = await client.batch(
      Array.from({ length: 5 }, () => ({ method: 'sym_blockNumber', params: [] }) as const),
    );
    expect(bodies.map((body) => (body as Sent[]).length)).toEqual([2, 2, 1]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, false, true]);
  });

  test('of nothing sends nothing', async () => {
    const { client, bodies } = clientOf(() => '');
    expect(await client.batch([])).toEqual([]);
    expect(bodies).toEqual([]);
  });

  test('leaves every call unknown when the node answers with one object', async () => {
    const { client } = clientOf(() => ({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32600, message: 'batch too large' },
    }));
    const outcomes = await client.batch([{ method: 'sym_blockNumber', params: [] }]);
    expect(outcomes).toMatchObject([{ ok: false, error: { name: 'RpcUnknownError', kind: 'garbage' } }]);
  });
});

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeBlock,
  encodeBlock,
  decodeTransaction,
  decodeHeader,
  HUG_PER_SYM,
  toChecksumCase,
} from '@jigeum/symverse';
import { createRpcClient, httpTransport } from '@jigeum/symverse/rpc';
import { toHex0x } from '@jigeum/std';
import { createWorld, hashOf, START_HUG, type TestWorld } from '../testing.ts';
import type { RunningService } from './http-json.ts';
import { rpcHandlers } from './methods.ts';
import { serve } from './testing.ts';
import { blockSize } from './views.ts';

let world: TestWorld;
let server: RunningService;
let reported: unknown[];
beforeAll(async () => {
  world = createWorld();
  ({ server, reported } = await serve(rpcHandlers(world.node)));
});
afterAll(async () => {
  await server.stop();
  expect(reported).toEqual([]);
});

const client = () => createRpcClient({ transport: httpTransport(server.url) });
const post = async (
  body: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<[number, unknown]> => {
  const response = await fetch(server.url, { method: 'POST', headers, body });
  const text = await response.text();
  return [response.status, text === '' ? null : JSON.parse(text)];
};
const code = async (body: unknown): Promise<unknown> => {
  const [, answer] = await post(typeof body === 'string' ? body : JSON.stringify(body));
  return (answer as { error?: { code: number } }).error?.code;
};
const call = (method: string, params: unknown): object => ({ jsonrpc: '2.0', id: 1, method, params });

describe('JSON-RPC over HTTP', () => {
  it('pays: estimate, send, receipt, balance, through the typed client', async () => {
    const rpc = client();
    const { alice, bob } = world.people;
    expect(await rpc.call('sym_estimateGas', { from: alice.symId, to: bob.symId })).toBe(49_000n);
    const signed = world.sign('alice', { to: bob.symId, value: HUG_PER_SYM });
    expect(await rpc.call('sym_sendRawTransaction', signed.raw)).toBe(signed.hashHex);
    expect(await rpc.call('txpool_status')).toEqual({ pending: 1n, queued: 0n });
    expect(await rpc.call('sym_getTransactionReceipt', signed.hashHex)).toBeNull();
    expect(await rpc.call('sym_getTransactionByHash', signed.hashHex)).toMatchObject({ blockHash: null, nonce: 0n });
    const counts = await Promise.all([
      rpc.call('sym_getTransactionCount', alice.symId, 'pending'),
      rpc.call('sym_getTransactionCount', alice.symId),
    ]);
    expect(counts).toEqual([1n, 0n]);
    const block = world.node.seal();
    expect(await rpc.call('sym_getTransactionReceipt', signed.hashHex)).toEqual({
      blockHash: toHex0x(block.hash),
      blockNumber: 1n,
      transactionHash: signed.hashHex,
      transactionIndex: 0n,
      from: alice.symId,
      to: bob.symId,
      contractAddress: null,
      gasUsed: 49_000n,
      cumulativeGasUsed: 49_000n,
      status: 1n,
      logs: [],
      logsBloom: new Uint8Array(256),
    });
    expect(await rpc.call('sym_getBalance', bob.symId)).toBe(START_HUG + HUG_PER_SYM);
  });

  it('shows a block whose size is the length of its RLP', async () => {
    const stored = world.node.seal();
    await world.run(world.sign('alice', { to: world.people.bob.symId, extraData: new Uint8Array(70) }));
    const block = world.storage.block(stored.number + 1)!;
    const header = decodeHeader(block.header);
    const whole = {
      header,
      transactions: block.transactions.map(({ raw }) => decodeTransaction(raw)),
      rewards: [],
      validatorInfos: [{ symId: header.primary, extra: new Uint8Array(0) }],
      signInfo: { mbNum: header.number, sign: block.sign, extra: new Uint8Array(0) },
    };
    const bytes = encodeBlock(whole);
    expect(decodeBlock(bytes)).toEqual(whole);
    expect(blockSize(block, header)).toBe(bytes.length);
    const shown = await client().call('sym_getBlockByNumber', 'latest', true);
    expect(shown).toMatchObject({
      size: BigInt(bytes.length),
      number: header.number,
      validatorInfos: [header.primary],
    });
    expect(await client().call('sym_getBlockByHash', toHex0x(block.hash), true)).toEqual(shown);
    expect((await client().call('sym_getBlockByNumber', header.number))?.transactions).toEqual([
      toHex0x(block.transactions[0]!.hash),
    ]);
  });

  it('answers null for what does not exist, and refuses a state that is not there yet', async () => {
    const rpc = client();
    const nothing = `0x${'11'.repeat(32)}` as const;
    expect(await rpc.call('sym_getBlockByNumber', 10_000n)).toBeNull();
    expect(await rpc.call('sym_getBlockByHash', nothing)).toBeNull();
    expect(await rpc.call('sym_getTransactionByHash', nothing)).toBeNull();
    expect(await rpc.call('sym_getTransactionByBlockNumberAndIndex', 'latest', 77n)).toBeNull();
    expect(await rpc.call('citizen_getCitizenByHash', nothing)).toBeNull();
    await expect(rpc.call('sym_getBalance', world.people.bob.symId, 10_000n)).rejects.toThrow(
      /state is not available: expected "latest" or at most block [0-9]+, got block 10000/,
    );
    const head = BigInt(world.node.chain.head().number);
    expect(await rpc.call('sym_getBalance', world.people.carol.symId, head)).toBe(START_HUG);
  });

  it('shows who a citizen is, and takes a SymID in checksum case', async () => {
    const { carol } = world.people;
    const entry = await client().call('citizen_getCitizenBySymID', carol.symId);
    expect(entry).toMatchObject({ ca: world.genesis.ca.symId, aKeyPubH: hashOf(carol.privateKey), status: 1n });
    const cased = `0x${toChecksumCase(carol.symId.slice(2))}`;
    const [, answer] = await post(JSON.stringify(call('sym_getBalance', [cased, 'latest'])));
    expect(answer).toMatchObject({ result: `0x${START_HUG.toString(16)}` });
  });

  it('answers batches in order, one by one right or wrong, and sends of a batch with its reads', async () => {
    const signed = [0n, 1n].map((ahead) => world.sign('carol', { to: world.people.bob.symId, nonce: ahead }));
    const [status, answers] = await post(
      JSON.stringify([
        { ...call('sym_sendRawTransaction', [toHex0x(signed[0]!.raw)]), id: 'a' },
        { ...call('sym_sendRawTransaction', [toHex0x(signed[1]!.raw)]), id: 'b' },
        { ...call('sym_sendRawTransaction', [toHex0x(signed[0]!.raw)]), id: 'c' },
        { ...call('nothing_here', []), id: 'd' },
        { jsonrpc: '2.0', method: 'web3_clientVersion' },
        7,
      ]),
    );
    expect(status).toBe(200);
    expect(answers).toMatchObject([
      { id: 'a', result: signed[0]!.hashHex },
      { id: 'b', result: signed[1]!.hashHex },
      {
        id: 'c',
        error: { code: -32000, message: `already known: ${signed[0]!.hashHex}`, data: { reason: 'already-known' } },
      },
      { id: 'd', error: { code: -32601 } },
      { id: null, error: { code: -32600 } },
    ]);
    world.node.seal();
  });

  it('refuses with the codes of JSON-RPC and says what it expected', async () => {
    expect(await code('{')).toBe(-32700);
    expect(await code('[]')).toBe(-32600);
    expect(await code(Array.from({ length: 1001 }, () => call('net_version', [])))).toBe(-32600);
    expect(await code({ id: 1 })).toBe(-32600);
    expect(await code(call('sym_sign', ['0x00020000000000010002', '0x00']))).toBe(-32601);
    expect(await code(call('sym_getBalance', ['0x12']))).toBe(-32602);
    expect(await code(call('sym_getBalance', []))).toBe(-32602);
    expect(await code(call('sym_estimateGas', [{ type: '0x9' }]))).toBe(-32602);
    expect(await code(call('sym_sendRawTransaction', ['0x00']))).toBe(-32000);
    expect(await code(call('citizen_sendRawCitizen', ['0x00']))).toBe(-32000);
    expect(await post(JSON.stringify(call('sym_getBalance', ['0x12'])))).toEqual([
      200,
      {
        jsonrpc: '2.0',
        id: 1,
        error: { code: -32602, message: expect.stringMatching(/parameter 1 \(symId\): Expected a SymID/) },
      },
    ]);
  });

  it('refuses a transaction that is too large with the reason of the family, and one beyond all sense by its form', async () => {
    const sent = async (bytes: number) => {
      const raw = toHex0x(new Uint8Array(bytes).fill(0xc0));
      return (await post(JSON.stringify(call('sym_sendRawTransaction', [raw]))))[1];
    };
    for (const bytes of [32_769, 131_072]) {
      expect(await sent(bytes)).toMatchObject({
        error: {
          code: -32000,
          message: `oversized data: Expected a transaction of at most 32768 bytes, got ${bytes}.`,
          data: { reason: 'too-large' },
        },
      });
    }
    expect(await sent(32_768)).toMatchObject({ error: { data: { reason: 'malformed' } } });
    expect(await sent(131_073)).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/at most 131072 bytes/) },
    });
  });

  it('does not answer a notification', async () => {
    expect(await post(JSON.stringify({ jsonrpc: '2.0', method: 'net_version' }))).toEqual([204, null]);
  });

  it('keeps browsers out: another content type, another host name, another method', async () => {
    const body = JSON.stringify(call('net_version', []));
    expect((await post(body, { 'content-type': 'text/plain' }))[0]).toBe(415);
    expect(await postAs('evil.example', body)).toBe(403);
    expect(await postAs('localhost:1', body)).toBe(200);
    const options = await fetch(server.url, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect(options.status).toBe(405);
    expect(options.headers.get('access-control-allow-origin')).toBeNull();
    expect((await fetch(`${server.url}/other`, { method: 'POST' })).status).toBe(404);
  });

  it('refuses a body that is too long', async () => {
    expect((await post(' '.repeat(4 * 1024 * 1024 + 1)))[0]).toBe(413);
  });
});

function postAs(host: string, body: string): Promise<number | undefined> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: 'POST', headers: { host, 'content-type': 'application/json' } };
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

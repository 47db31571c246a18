import { request } from 'node:http';
import { connect as connectTo, type NetConnectOpts, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createFeed } from '../feed.ts';
import type { StoredBlock } from '../storage/storage.ts';
import { createWorld } from '../testing.ts';
import { systemTimers } from '../timers.ts';
import { rpcHandlers } from './methods.ts';
import { SUBSCRIPTIONS_MAX } from './subscriptions.ts';
import { serve, type TestRpc } from './testing.ts';
import { createUntaken } from './untaken.ts';

let rpc: TestRpc | undefined;
afterEach(async () => {
  await rpc?.server.stop();
  expect(rpc?.reported).toEqual([]);
});

interface Client {
  readonly socket: WebSocket;
  /** Messages in the order of their arrival. */
  readonly messages: Record<string, unknown>[];
  readonly closed: Promise<[code: number, reason: string]>;
  /** Sends a call and gives its answer. */
  call(method: string, ...params: unknown[]): Promise<Record<string, unknown>>;
}

const world = createWorld();
const start = async (options: Parameters<typeof serve>[1] = {}): Promise<TestRpc> =>
  (rpc = await serve(rpcHandlers(world.node), { deps: { node: world.node }, ...options }));

let lastId = 0;
async function connect(options: WebSocket.ClientOptions = {}, path = ''): Promise<Client> {
  const socket = new WebSocket(rpc!.server.url.replace('http', 'ws') + path, options);
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString('utf8'))));
  const closed = new Promise<[number, string]>((resolve) =>
    socket.once('close', (code, reason) => resolve([code, reason.toString()])),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    socket,
    messages,
    closed,
    async call(method, ...params) {
      const id = ++lastId;
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      return expect
        .poll(() => messages.find((message) => message['id'] === id))
        .toBeDefined()
        .then(() => messages.find((message) => message['id'] === id)!);
    },
  };
}
const notifications = ({ messages }: Client): unknown[] => messages.filter(({ method }) => method !== undefined);

describe('JSON-RPC over WebSocket', () => {
  it('answers calls, batches and mistakes as HTTP does, on the same port', async () => {
    const { call: overHttp } = await start();
    const client = await connect();
    const answer = await client.call('sym_blockNumber');
    expect({ ...answer, id: 1 }).toEqual(await overHttp('sym_blockNumber'));
    client.socket.send('[{"id":"a","method":"net_version"},{"method":"net_version"},{"id":"b","method":"none"}]');
    client.socket.send('{');
    client.socket.send('{"method":"net_version"}');
    await expect.poll(() => client.messages).toHaveLength(3);
    expect(client.messages.slice(1)).toMatchObject([
      { error: { code: -32700 } },
      [
        { id: 'a', result: '7777' },
        { id: 'b', error: { code: -32601 } },
      ],
    ]);
    client.socket.close();
  });

  it('takes a transaction and tells subscribers of it and of its block, once each', async () => {
    await start();
    const [one, two] = [await connect(), await connect()];
    const { result: heads } = await one.call('sym_subscribe', 'newHeads');
    const { result: pending } = await one.call('sym_subscribe', 'newPendingTransactions');
    const { result: others } = await two.call('sym_subscribe', 'newHeads');
    expect(heads).toMatch(/^0x[0-9a-f]{32}$/);
    expect(new Set([heads, pending, others]).size).toBe(3);

    const signed = world.sign('alice', { to: world.people.bob.symId });
    const raw = `0x${Buffer.from(signed.raw).toString('hex')}`;
    expect(await two.call('sym_sendRawTransaction', raw)).toMatchObject({ result: signed.hashHex });
    expect(await two.call('sym_sendRawTransaction', raw)).toMatchObject({
      error: { data: { reason: 'already-known' } },
    });
    const { number } = world.node.seal();
    const told = (subscription: unknown, result: unknown) => ({
      jsonrpc: '2.0',
      method: 'sym_subscription',
      params: { subscription, result },
    });
    await expect.poll(() => [notifications(one).length, notifications(two).length]).toEqual([2, 1]);
    const { result: block } = await one.call('sym_getBlockByNumber', `0x${number.toString(16)}`);
    const {
      transactions: _,
      rewards: _r,
      validatorInfos: _v,
      signInfo: _s,
      size: _z,
      ...head
    } = block as Record<string, unknown>;
    expect(notifications(one)).toEqual([told(pending, signed.hashHex), told(heads, head)]);
    expect(notifications(two)).toEqual([told(others, head)]);
  });

  it('tells nothing more after unsubscribing, and knows only the subscriptions of the connection', async () => {
    await start();
    const [one, two] = [await connect(), await connect()];
    const { result: id } = await one.call('sym_subscribe', 'newHeads');
    expect(await two.call('sym_unsubscribe', id)).toMatchObject({
      error: { code: -32000, message: expect.stringMatching(/^subscription not found/) },
    });
    expect(await one.call('sym_unsubscribe', id)).toMatchObject({ result: true });
    world.node.seal();
    expect(await one.call('net_version')).toMatchObject({ result: '7777' });
    expect(notifications(one)).toEqual([]);
    expect(await one.call('sym_unsubscribe', id)).toMatchObject({ error: { code: -32000 } });
  });

  it('refuses other subscriptions and too many of them; over HTTP it says where to subscribe', async () => {
    const { call: overHttp } = await start();
    const client = await connect();
    expect(await client.call('sym_subscribe', 'logs')).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/"newHeads" or "newPendingTransactions", got "logs"/) },
    });
    for (let made = 0; made < SUBSCRIPTIONS_MAX; made++)
      expect(await client.call('sym_subscribe', 'newHeads')).toMatchObject({ result: expect.any(String) });
    expect(await client.call('sym_subscribe', 'newHeads')).toMatchObject({
      error: { code: -32000, message: expect.stringMatching(/^too many subscriptions: expected at most 16/) },
    });
    expect(await overHttp('sym_subscribe', 'newHeads')).toMatchObject({
      error: { code: -32601, message: expect.stringMatching(/notifications not supported over HTTP/) },
    });
  });
});

describe('who may connect, and how much he may ask', () => {
  const refused = async (headers: Record<string, string>, path = '/'): Promise<string> => {
    const { port } = new URL(rpc!.server.url);
    return new Promise((resolve, reject) => {
      const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
      const key = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
      const sent = request({ host: '127.0.0.1', port, path, headers: { ...upgrade, ...key, ...headers } });
      sent.once('error', reject);
      sent.once('upgrade', (response, socket) => (socket.destroy(), resolve(`${response.statusCode}`)));
      sent.once('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
        response.once('end', () => resolve(`${response.statusCode} ${text}`));
      });
      sent.end();
    });
  };

  it('keeps pages of other origins out, other host names and other paths', async () => {
    await start();
    const own = new URL(rpc!.server.url).host;
    expect(await refused({ host: own })).toBe('101');
    expect(await refused({ host: own, origin: `http://${own}` })).toBe('101');
    expect(await refused({ host: own, origin: 'https://evil.example' })).toMatch(/^403 .*page of another origin/);
    expect(await refused({ host: own, origin: 'null' })).toMatch(/^403 /);
    expect(await refused({ host: 'evil.example' })).toMatch(/^403 .*loopback name/);
    expect(await refused({ host: own }, '/other')).toMatch(/^404 /);
  });

  it('refuses connections above its bound, and serves the next when one has gone', async () => {
    await start({ webSocketLimits: { connectionsMax: 2 } });
    const [one] = [await connect(), await connect()];
    expect(await refused({ host: new URL(rpc!.server.url).host })).toMatch(/^503 Expected fewer WebSockets/);
    one.socket.close();
    await one.closed;
    await expect
      .poll(() =>
        connect()
          .then(({ call }) => call('net_version'))
          .catch(() => null),
      )
      .toMatchObject({
        result: '7777',
      });
  });

  it('ends a connection for a message that is too long or binary, with the reason', async () => {
    await start({ webSocketLimits: { messageBytesMax: 1000 } });
    const [long, binary] = [await connect(), await connect()];
    long.socket.send('x'.repeat(1001));
    binary.socket.send(Buffer.from('{}'));
    expect((await long.closed)[0]).toBe(1009);
    expect(await binary.closed).toEqual([1003, 'Expected JSON as text, got a binary message.']);
  });

  it('ends a connection that does not answer pings, and keeps one that does', async () => {
    // Time passes when the test says so.
    const waiting = new Set<() => void>();
    const after = (_ms: number, call: () => void) => {
      waiting.add(call);
      return () => void waiting.delete(call);
    };
    const pass = (): void => {
      for (const call of [...waiting]) if (waiting.delete(call)) call();
    };
    await start({ deps: { node: world.node, timers: { ...systemTimers, after } } });
    const [deaf, alive] = [await connect({ autoPong: false }), await connect()];
    const pinged = [deaf, alive].map(({ socket }) => new Promise((resolve) => socket.once('ping', resolve)));
    pass();
    await Promise.all(pinged);
    // Its pong went before this call; the other one has sent none.
    expect(await alive.call('net_version')).toMatchObject({ result: '7777' });
    pass();
    expect((await deaf.closed)[0]).toBe(1006);
    expect(await alive.call('net_version')).toMatchObject({ result: '7777' });
  });

  it('stops although a client takes nothing', async () => {
    await start();
    const client = await connect();
    client.socket.pause();
    await rpc!.server.stop();
    client.socket.resume();
    await client.closed;
  });

  it('says that it stops', async () => {
    await start();
    const client = await connect();
    const stopped = rpc!.server.stop();
    expect(await client.closed).toEqual([1001, 'The node stops.']);
    await stopped;
  });
});

describe('clients that take nothing', () => {
  it('reads no more calls of one that takes no answers, and goes on when it does', async () => {
    let calls = 0;
    const big = 'x'.repeat(500_000);
    rpc = await serve({ web3_clientVersion: () => (calls++, big) }, { webSocketLimits: { answerBytesMax: 1_000_000 } });
    const client = await connect();
    client.socket.pause();
    const asked = 200;
    for (let id = 0; id < asked; id++) client.socket.send(`{"id":${id},"method":"web3_clientVersion"}`);
    // The kernel's buffers take a few megabytes; the rest of a hundred is not computed before it can leave.
    await expect.poll(() => calls).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(calls).toBeLessThan(asked / 2);
    client.socket.resume();
    await expect.poll(() => client.messages.length, { timeout: 10_000 }).toBe(asked);
    expect(client.messages.map(({ id }) => id)).toEqual(Array.from({ length: asked }, (_, id) => id));
  });

  it('reads no more calls while too many are under way', async () => {
    let begun = 0;
    const waiting: (() => void)[] = [];
    rpc = await serve(
      {
        sym_sendRawTransaction: () =>
          new Promise((resolve) => {
            begun++;
            waiting.push(() => resolve(`0x${'0'.repeat(64)}`));
          }),
      },
      { webSocketLimits: { callsMax: 3 } },
    );
    const client = await connect();
    for (let id = 0; id < 10; id++)
      client.socket.send(`{"id":${id},"method":"sym_sendRawTransaction","params":["0x00"]}`);
    await expect.poll(() => begun).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(begun).toBe(3);
    waiting.shift()!();
    await expect.poll(() => begun).toBe(4);
    while (client.messages.length < 10) {
      waiting.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });

  it('begins no more batches of one that takes no answers, and goes on when it does', async () => {
    let calls = 0;
    const big = 'x'.repeat(2_000_000);
    rpc = await serve({ web3_clientVersion: () => (calls++, big), net_version: () => '7777' });
    let connection: Socket | undefined;
    const deaf = await connect({ createConnection: (to) => (connection = connectTo(to as NetConnectOpts)) });
    deaf.socket.pause();
    const asked = 20;
    // All arrive with one read of the server's socket.
    connection!.cork();
    for (let id = 0; id < asked; id++) deaf.socket.send(batchOf(4, (at) => call(4 * id + at, 'web3_clientVersion')));
    connection!.uncork();
    await expect.poll(() => calls).toBeGreaterThan(0);
    // Each round trip takes a turn of the node at least, in which it could begin a batch.
    for (let turn = 0; turn < 2 * asked; turn++) await rpc.call('net_version');
    // The kernel's buffers take some megabytes; what is beyond would be held in memory.
    expect(calls).toBeLessThan((4 * asked) / 4);
    deaf.socket.resume();
    await expect.poll(() => deaf.messages.length, { timeout: 20_000 }).toBe(asked);
    const answers = (deaf.messages as unknown as { id: number }[][]).flat();
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 4 * asked }, (_, id) => id));
  });

  it('counts a batch that is under way: what comes behind it is not begun while it holds too much', async () => {
    let begun = 0;
    const waiting: (() => void)[] = [];
    rpc = await serve({
      web3_clientVersion: () => 'x'.repeat(2_000_000),
      sym_sendRawTransaction: () => new Promise((resolve) => waiting.push(() => resolve(`0x${'0'.repeat(64)}`))),
      net_version: () => (begun++, '7777'),
    });
    const client = await connect();
    client.socket.send(JSON.stringify([call(1, 'web3_clientVersion'), call(2, 'sym_sendRawTransaction', ['0x00'])]));
    client.socket.send(JSON.stringify(call(3, 'net_version')));
    await expect.poll(() => waiting).toHaveLength(1);
    for (let turn = 1; turn <= 10; turn++) await rpc.call('net_version');
    expect(begun).toBe(10);
    waiting[0]!();
    await expect.poll(() => client.messages.length).toBe(2);
    expect(client.messages).toMatchObject([[{ id: 1 }, { id: 2 }], { id: 3, result: '7777' }]);
  });

  it('gives others a turn between two batches, of one connection and of several', async () => {
    const turns: string[] = [];
    // What a block timer would do: whatever waits for a turn has it before the next batch begins.
    const version = (): string => (turns.push('batch'), setImmediate(() => turns.push('others')), '7777');
    rpc = await serve({ net_version: version });
    const clients = [await connect(), await connect(), await connect()];
    for (const { socket } of clients)
      for (let id = 0; id < 5; id++) socket.send(batchOf(1, () => call(id, 'net_version')));
    for (const { messages } of clients) await expect.poll(() => messages).toHaveLength(5);
    expect(turns).toEqual(Array.from({ length: 15 }, () => ['batch', 'others']).flat());
  });

  it('carries out a call after the batch that came before it', async () => {
    const order: unknown[] = [];
    rpc = await serve({ web3_sha3: (input) => (order.push(input[0]), `0x${'0'.repeat(64)}`) });
    const client = await connect();
    client.socket.send(batchOf(2, (at) => call(at, 'web3_sha3', [`0x0${at}`])));
    client.socket.send(JSON.stringify(call(2, 'web3_sha3', ['0x02'])));
    client.socket.send(batchOf(1, () => call(3, 'web3_sha3', ['0x03'])));
    await expect.poll(() => client.messages).toHaveLength(3);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('refuses long answers while too many wait over HTTP and WebSockets together, and serves short ones', async () => {
    const long = 'x'.repeat(3_000_000);
    const untaken = createUntaken(5_000_000);
    rpc = await serve({ web3_clientVersion: () => long, net_version: () => '7777' }, { untaken });
    const client = await connect();
    const batch = JSON.stringify(['net_version', 'web3_clientVersion'].map((method, id) => call(id, method)));
    const tooMany = {
      code: -32000,
      message: expect.stringMatching(/^too many long answers wait to be taken: expected at most 5000000 characters/),
    };
    untaken.hold(4_000_000);
    expect(await client.call('web3_clientVersion')).toMatchObject({ error: tooMany });
    expect(await client.call('net_version')).toMatchObject({ result: '7777' });
    client.socket.send(batch);
    await expect.poll(() => client.messages).toHaveLength(3);
    const answers = [{ result: '7777' }, { id: 1, error: tooMany }];
    expect(client.messages[2]).toMatchObject(answers);
    expect(await rpc.post(batch)).toMatchObject({ status: 200, answer: answers });
    expect((await rpc.post(JSON.stringify(call(1, 'web3_clientVersion')))).status).toBe(503);
    untaken.release(4_000_000);
    expect(await client.call('web3_clientVersion')).toMatchObject({ result: long });
    expect((await rpc.post(batch)).answer).toMatchObject([{ result: '7777' }, { result: long }]);
    await expect.poll(() => untaken.characters).toBe(0);
  });

  it('counts what a client has not taken until it is gone', async () => {
    const untaken = createUntaken();
    rpc = await serve({ web3_clientVersion: () => 'x'.repeat(8_000_000) }, { untaken });
    const client = await connect();
    client.socket.pause();
    for (let id = 0; id < 20; id++) client.socket.send(batchOf(1, () => call(id, 'web3_clientVersion')));
    await expect.poll(() => untaken.characters).toBeGreaterThan(8_000_000 - 1);
    client.socket.terminate();
    await expect.poll(() => untaken.characters).toBe(0);
  });

  it('ends one that does not take what it has subscribed to, and the others hear on', async () => {
    const node = { heads: createFeed<StoredBlock>(fail), accepted: createFeed<`0x${string}`>(fail) };
    // Nothing is ended for good until the end: the reason waits behind what the client has not taken.
    const timers = { ...systemTimers, after: () => () => undefined };
    rpc = await serve({}, { deps: { node, timers }, webSocketLimits: { waitingBytesMax: 100_000 } });
    const [slow, quick] = [await connect(), await connect()];
    await slow.call('sym_subscribe', 'newPendingTransactions');
    await quick.call('sym_subscribe', 'newPendingTransactions');
    slow.socket.pause();
    // More than the kernel keeps for a connection: twenty megabytes, in turns that the quick one takes at once.
    let told = 0;
    for (let turn = 0; turn < 600; turn++) {
      for (let each = 0; each < 200; each++, told++) node.accepted.tell(`0x${told.toString(16).padStart(64, '0')}`);
      while (quick.messages.length <= told) await new Promise((resolve) => setImmediate(resolve));
    }
    slow.socket.resume();
    expect(await slow.closed).toEqual([1008, 'Too slow: more than 100000 bytes wait to be taken.']);
    expect(notifications(slow).length).toBeLessThan(told);
    expect(await quick.call('sym_unsubscribe', '0x')).toMatchObject({ error: { code: -32000 } });
  });
});

const call = (id: number, method: string, params: readonly unknown[] = []) => ({ jsonrpc: '2.0', id, method, params });
const batchOf = (count: number, callAt: (at: number) => object): string =>
  JSON.stringify(Array.from({ length: count }, (_, at) => callAt(at)));

const fail = (error: unknown): void => {
  throw error;
};

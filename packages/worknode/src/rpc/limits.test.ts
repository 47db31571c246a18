import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeClock } from '@jigeum/std';
import type { RpcHandlers } from '@jigeum/symverse/rpc';
import { ANSWER_CHARACTERS_MAX, BATCH_MAX } from './dispatch.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from './json-body.ts';
import { systemTimers } from '../timers.ts';
import { openSocket, serve, type TestRpc } from './testing.ts';
import { createUntaken } from './untaken.ts';

let rpc: TestRpc | undefined;
afterEach(async () => {
  await rpc?.server.stop();
  expect(rpc?.reported).toEqual([]);
});
const start = async (...options: Parameters<typeof serve>): Promise<TestRpc> => (rpc = await serve(...options));

const handlers: Partial<RpcHandlers> = { net_version: () => '7777', web3_sha3: () => `0x${'0'.repeat(64)}` };
const call = (id: unknown, method = 'net_version', params: unknown = []) => ({ jsonrpc: '2.0', id, method, params });
const errorOf = (code: number, message: RegExp) => ({
  jsonrpc: '2.0',
  id: null,
  error: { code, message: expect.stringMatching(message) },
});

describe('what a body may be', () => {
  it('refuses a body over 4 MiB and says how long it was; one just below is read', async () => {
    const { post } = await start(handlers);
    const padded = (size: number): string => JSON.stringify(call(1)).padEnd(size, ' ');
    expect(await post(padded(4_194_304))).toEqual({ status: 200, answer: { jsonrpc: '2.0', id: 1, result: '7777' } });
    expect(await post(padded(4_194_305))).toEqual({
      status: 413,
      answer: errorOf(-32600, /^Expected a body of at most 4194304 bytes, got 4194305\.$/),
    });
  });

  it('hangs up on a body that is absurdly long', async () => {
    const { server } = await start(handlers);
    const { socket, ended } = openSocket(server.url);
    socket.write(
      'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`;
    for (let sent = 0; sent < 20 && !socket.destroyed; sent++) socket.write(chunk);
    expect(await ended).toBe('');
  });

  it('refuses gzip, a byte order mark, bytes that are no UTF-8, and half a JSON', async () => {
    const { post } = await start(handlers);
    const text = JSON.stringify(call(1));
    expect(await post(gzipSync(text), { 'content-encoding': 'gzip' })).toEqual({
      status: 415,
      answer: errorOf(-32600, /^Expected an uncompressed body/),
    });
    const refused = async (body: string | Uint8Array) => (await post(body)).answer;
    expect(await refused(gzipSync(text))).toEqual(errorOf(-32700, /got gzip/));
    expect(await refused(`\ufeff${text}`)).toEqual(errorOf(-32700, /byte order mark/));
    expect(await refused(Uint8Array.of(0x22, 0xff, 0x22))).toEqual(errorOf(-32700, /in UTF-8/));
    expect(await refused(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toEqual(errorOf(-32700, /in UTF-8/));
    expect(await refused(text.slice(0, -1))).toEqual(errorOf(-32700, /^Expected JSON: /));
    expect(await refused('')).toEqual(errorOf(-32700, /^Expected JSON: /));
  });

  it('refuses deep nesting without being held up by it, and is not misled by brackets in text', async () => {
    const { post } = await start(handlers);
    const refused = errorOf(-32700, new RegExp(`at most ${JSON_DEPTH_MAX} levels`));
    expect((await post('['.repeat(4_000_000))).answer).toEqual(refused);
    expect((await post(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)).answer).toEqual(refused);
    const text = JSON.stringify(call(1, 'net_version', [])).replace('[]', `[],"x":"${'[\\"'.repeat(3000)}"`);
    expect((await post(text)).answer).toEqual({ jsonrpc: '2.0', id: 1, result: '7777' });
    expect((await post('['.repeat(3000))).answer).toEqual(errorOf(-32700, /^Expected JSON: /));
  });

  it('refuses more values than the largest batch needs, and counts none in text', async () => {
    const { post } = await start(handlers);
    const refused = errorOf(-32700, /at most 100,000 values, got more/);
    expect((await post(`[${'{},'.repeat(JSON_VALUES_MAX)}0]`)).answer).toEqual(refused);
    expect((await post(`[${'0,'.repeat(JSON_VALUES_MAX)}0]`)).answer).toEqual(refused);
    const text = JSON.stringify(call(1)).replace('[]', `[],"x":"${',[{'.repeat(JSON_VALUES_MAX)}"`);
    expect((await post(text)).answer).toEqual({ jsonrpc: '2.0', id: 1, result: '7777' });
    const transaction = Object.fromEntries(Array.from({ length: 30 }, (_, field) => [`field${field}`, 'x']));
    const batch = Array.from({ length: BATCH_MAX }, (_, id) => call(id, 'net_version', [transaction, 1, [2, 3]]));
    expect(((await post(JSON.stringify(batch))).answer as unknown[]).length).toBe(BATCH_MAX);
  });

  it('gives back ids of every kind, and refuses those that it could not give back', async () => {
    const { post } = await start(handlers);
    const answerTo = async (id: string) => (await post(`{"id":${id},"method":"net_version"}`)).answer;
    for (const id of ['0', '-7', '1.5', '9007199254740991', '""', '"가"', 'null'])
      expect(await answerTo(id)).toEqual({ jsonrpc: '2.0', id: JSON.parse(id), result: '7777' });
    for (const id of ['9007199254740993', '1e999', 'true', '{}', '[1]', `"${'i'.repeat(257)}"`])
      expect(await answerTo(id)).toEqual(errorOf(-32600, /expected an id that is null/));
    expect(await post('{"method":"net_version"}')).toEqual({ status: 204, answer: null });
    expect(await post('[{"method":"net_version"},{"method":"none"}]')).toEqual({ status: 204, answer: null });
    // The last of two equal names counts, as JSON.parse has it.
    expect((await post('{"id":1,"id":2,"method":"none","method":"net_version"}')).answer).toMatchObject({ id: 2 });
  });

  it('says of a method that is not there what is', async () => {
    const { call: ask } = await start(handlers);
    expect(await ask('eth_blockNumber')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32601,
        message: 'the method "eth_blockNumber" does not exist/is not available; rpc_modules names the modules',
      },
    });
    expect(await ask('__proto__')).toMatchObject({ error: { code: -32601 } });
    expect(await ask('constructor')).toMatchObject({ error: { code: -32601 } });
    expect(await ask('sym_blockNumber')).toMatchObject({
      error: { code: -32601, message: expect.stringMatching(/this node does not serve it/) },
    });
  });
});

describe('what a batch may be', () => {
  it(`holds ${BATCH_MAX} calls at most, and one at least`, async () => {
    const { post } = await start(handlers);
    const batch = (count: number) => post(JSON.stringify(Array.from({ length: count }, (_, id) => call(id))));
    expect((await batch(BATCH_MAX)).answer).toHaveLength(BATCH_MAX);
    expect((await batch(BATCH_MAX + 1)).answer).toEqual(errorOf(-32600, /batch too large: expected 1 to 1000 calls/));
    expect((await batch(0)).answer).toEqual(errorOf(-32600, /empty batch/));
  });

  it('begins no more calls once its answers are too long, and tells each', async () => {
    let calls = 0;
    const long = 'x'.repeat(ANSWER_CHARACTERS_MAX / 2);
    const { post } = await start({ ...handlers, web3_clientVersion: () => (calls++, long) });
    const ids = [1, 2, 3, 4, 5];
    const { answer } = await post(JSON.stringify(ids.map((id) => call(id, 'web3_clientVersion'))));
    const answers = answer as { id: number; result?: string; error?: unknown }[];
    expect(answers.map(({ id }) => id)).toEqual(ids);
    expect(answers.map(({ result }) => result?.length)).toEqual([
      long.length,
      long.length,
      undefined,
      undefined,
      undefined,
    ]);
    expect(answers[4]!.error).toEqual({
      code: -32003,
      message: expect.stringMatching(/^response too large: .*nothing was done/),
    });
    expect(calls).toBe(2);
  });

  it('refuses one answer that is too long', async () => {
    const { call: ask } = await start({ web3_clientVersion: () => 'x'.repeat(ANSWER_CHARACTERS_MAX) });
    expect(await ask('web3_clientVersion')).toMatchObject({
      error: { code: -32003, message: expect.stringMatching(/^response too large: expected at most 8388608/) },
    });
  });

  it('lets others have their turn while it runs, and ends what takes too long', async () => {
    const clock = fakeClock();
    let turns = 0;
    const slow = { ...handlers, net_listening: () => (clock.advance(40), true) };
    const soon = (resume: () => void): void => void (turns++, setImmediate(resume));
    const { post } = await start(slow, { deps: { clock, timers: { ...systemTimers, soon } } });
    const batch = (count: number) =>
      post(JSON.stringify(Array.from({ length: count }, (_, id) => call(id, 'net_listening'))));
    expect((await batch(4)).answer).toHaveLength(4);
    expect(turns).toBe(1);
    const { answer } = await batch(300);
    const outcomes = (answer as { error?: { code: number } }[]).map(({ error }) => error?.code);
    expect(outcomes).toEqual([
      ...Array.from({ length: 251 }, () => undefined),
      ...Array.from({ length: 49 }, () => -32002),
    ]);
  });
});

describe('how many may be connected, and how slowly', () => {
  const HEAD = 'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ';
  const requestText = (body = JSON.stringify(call(1))): string => `${HEAD}${body.length}\r\n\r\n${body}`;

  it('ends connections above its bound, and serves the others', async () => {
    const { server, post } = await start(handlers, { limits: { connectionsMax: 3 } });
    const held = [1, 2, 3].map(() => openSocket(server.url));
    await Promise.all(held.map(({ opened }) => opened));
    expect(await openSocket(server.url).ended).toBe('');
    held[0]!.socket.destroy();
    await held[0]!.ended;
    expect((await post(JSON.stringify(call(1)))).status).toBe(200);
    for (const { socket } of held) socket.destroy();
  });

  it('ends a request whose head or body does not come', async () => {
    const { server } = await start(handlers, { limits: { requestMs: 100 } });
    const [head, body] = [openSocket(server.url), openSocket(server.url)];
    head.socket.write('POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n');
    body.socket.write(`${HEAD}1000\r\n\r\n{`);
    expect(await head.ended).toMatch(/^HTTP\/1\.1 408 /);
    expect(await body.ended).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  it('ends a connection that asks nothing more', async () => {
    const { server } = await start(handlers, { limits: { keepAliveMs: 100 } });
    const { socket, ended } = openSocket(server.url);
    socket.write(requestText());
    expect(await ended).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  /** A server of long answers, and one who has asked for as many as may wait, and one more, and takes none. */
  const startBesideDeaf = async (idleMs: number) => {
    let calls = 0;
    const long = { ...handlers, web3_clientVersion: () => (calls++, 'x'.repeat(4 * 1024 * 1024)) };
    const { server, post } = await start(long, { limits: { idleMs }, untaken: createUntaken(12 * 1024 * 1024) });
    const deaf = openSocket(server.url);
    await deaf.opened;
    deaf.socket.pause();
    deaf.socket.write(requestText(JSON.stringify(call(1, 'web3_clientVersion'))).repeat(4));
    await expect.poll(() => calls).toBe(4);
    const ask = async (method: string) => (await post(JSON.stringify(call(1, method)))).status;
    return { deaf, ask };
  };

  it('refuses long answers while too many wait', async () => {
    const { deaf, ask } = await startBesideDeaf(60_000);
    expect(await ask('web3_clientVersion')).toBe(503);
    // Short ones are served all the while.
    expect(await ask('net_version')).toBe(200);
    deaf.socket.destroy();
    await expect.poll(() => ask('web3_clientVersion')).toBe(200);
  });

  it('ends a connection that takes no answers, and gives its room to others', async () => {
    // Two seconds, so that nobody who does take answers is slow enough to be ended.
    const { deaf, ask } = await startBesideDeaf(2_000);
    await expect.poll(() => ask('web3_clientVersion')).toBe(200);
    deaf.socket.resume();
    expect((await deaf.ended).length).toBeLessThan(12 * 1024 * 1024);
  });

  it('answers pipelined requests in order', async () => {
    const { server } = await start(handlers, { limits: { keepAliveMs: 100 } });
    const { socket, ended } = openSocket(server.url);
    socket.write([1, 2, 3].map((id) => requestText(JSON.stringify(call(id)))).join(''));
    expect((await ended).match(/"id":\d/g)).toEqual(['"id":1', '"id":2', '"id":3']);
  });
});

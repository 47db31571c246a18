/** The proxies themselves: what tests of faults believe of them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, connect, type AddressInfo, type Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Random } from '../../fuzz/random.ts';
import { startNodeProxy, type NodeFault, type NodeProxy } from './node-proxy.ts';
import { commitReader, startPostgresProxy } from './postgres-proxy.ts';

const send = '{"jsonrpc":"2.0","id":5,"method":"sym_sendRawTransaction","params":["0x0102"]}';
/** SHA3-256 of the bytes 1 and 2. */
const HASH = '0x76e8bb05214d1e776c2a4836f6c1a7446c90a274b9ae719c3c6c8a727d862c12';

const answer = (number: number): string => `{"jsonrpc":"2.0","id":5,"result":"0x${String(number).padStart(64, '0')}"}`;

describe('the proxy before a node', () => {
  let node: Server;
  let heard: string[];
  let proxy: NodeProxy;

  beforeEach(async () => {
    heard = [];
    node = createServer((incoming, outgoing) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
      incoming.on('end', () => {
        heard.push(body);
        outgoing.end(answer(heard.length));
      });
    });
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    proxy = await startNodeProxy(`http://127.0.0.1:${(node.address() as AddressInfo).port}`, new Random('proxy', 0));
  });
  afterEach(async () => {
    await proxy.stop();
    await new Promise((resolve) => node.close(resolve));
  });

  const ask = async (body = send): Promise<string> => {
    try {
      const answer = await fetch(proxy.url, { method: 'POST', body, signal: AbortSignal.timeout(2_000) });
      return await answer.text();
    } catch {
      return 'no answer';
    }
  };

  test.each<{ fault: NodeFault; told: string; heardTimes: number }>([
    { fault: { kind: 'none' }, told: answer(1), heardTimes: 1 },
    { fault: { kind: 'lose-answer', percent: 100 }, told: 'no answer', heardTimes: 1 },
    { fault: { kind: 'reset', percent: 100 }, told: 'no answer', heardTimes: 0 },
    { fault: { kind: 'duplicate' }, told: answer(2), heardTimes: 2 },
    { fault: { kind: 'reorder', msMax: 5 }, told: answer(1), heardTimes: 1 },
    { fault: { kind: 'refuse' }, told: 'no answer', heardTimes: 0 },
    { fault: { kind: 'swallow' }, told: `{"jsonrpc":"2.0","id":5,"result":"${HASH}"}`, heardTimes: 0 },
  ])('does what $fault.kind says, and passes everything again when healed', async ({ fault, told, heardTimes }) => {
    await proxy.set(fault);
    expect(await ask()).toBe(told);
    expect(heard).toEqual(Array.from({ length: heardTimes }, () => send));
    await proxy.set({ kind: 'none' });
    expect(await ask()).toBe(answer(heardTimes + 1));
  });

  test('swallows the transactions of a batch, and asks the node for what comes with them', async () => {
    node.removeAllListeners('request');
    node.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      incoming.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
      incoming.on('end', () => outgoing.end('[{"jsonrpc":"2.0","id":4,"result":"7"}]'));
    });
    await proxy.set({ kind: 'swallow' });
    const question = '{"jsonrpc":"2.0","id":4,"method":"net_version","params":[]}';
    expect(JSON.parse(await ask(`[${question},${send}]`))).toEqual([
      { jsonrpc: '2.0', id: 4, result: '7' },
      { jsonrpc: '2.0', id: 5, result: HASH },
    ]);
    expect(heard).toEqual([`[${question}]`]);
    expect(proxy.struck.get('swallow')).toBe(1);
  });

  test('lets go of what hangs when it is healed', async () => {
    await proxy.set({ kind: 'hang' });
    const hanging = ask();
    while (proxy.struck.get('hang') === undefined) await new Promise((resume) => setTimeout(resume, 5));
    await proxy.set({ kind: 'none' });
    expect(await hanging).toBe('no answer');
    expect(heard).toEqual([]);
  });

  test('answers with damage that no client may take for the answer', async () => {
    await proxy.set({ kind: 'garbage' });
    const told: string[] = [];
    for (let turn = 0; turn < 20; turn++) told.push(await ask());
    expect(told.filter((text, turn) => text === answer(turn + 1))).toEqual([]);
    expect(proxy.struck.get('garbage')).toBe(20);
  });
});

const message = (type: string, content: string): Buffer => {
  const bytes = Buffer.alloc(5 + content.length);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(4 + content.length, 1);
  bytes.write(content, 5, 'latin1');
  return bytes;
};
const COMMITTED = Buffer.concat([message('C', 'COMMIT\0'), message('Z', 'I')]);

describe('the proxy before PostgreSQL', () => {
  test('finds a COMMIT wherever the pieces of the stream end', () => {
    const stream = Buffer.concat([message('R', '\0\0\0\0'), message('C', 'INSERT 0 1\0'), COMMITTED]);
    for (let size = 1; size <= stream.length; size++) {
      const isCommit = commitReader();
      let found = 0;
      for (let at = 0; at < stream.length; at += size) if (isCommit(stream.subarray(at, at + size))) found++;
      expect(found).toBe(1);
    }
    const isCommit = commitReader();
    expect(isCommit(message('D', 'C\0\0\0\u000bCOMMIT\0'))).toBe(false);
  });

  test('keeps the order of pieces when it stops being slow, and breaks the connection instead of telling of a COMMIT', async () => {
    const database: TcpServer = createTcpServer((socket) => {
      socket.on('data', (chunk: Buffer) => socket.write(chunk));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
    const proxy = await startPostgresProxy((database.address() as AddressInfo).port, new Random('proxy', 0));
    const client = connect(proxy.port, '127.0.0.1');
    let got = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => (got = Buffer.concat([got, chunk])));
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));

    const [first, second] = [message('D', 'first'), message('D', 'second')];
    proxy.set({ kind: 'slow', ms: 50 });
    client.write(first);
    while (!proxy.struck.has('slow')) await new Promise((resume) => setTimeout(resume, 2));
    proxy.set({ kind: 'none' });
    client.write(second);
    while (got.length < first.length + second.length) await new Promise((resume) => setTimeout(resume, 2));
    expect(got.toString('latin1')).toBe(Buffer.concat([first, second]).toString('latin1'));

    proxy.set({ kind: 'lose-commit', percent: 100 });
    client.write(COMMITTED);
    await closed;
    expect(got.length).toBe(first.length + second.length);
    await proxy.stop();
    await new Promise((resolve) => database.close(resolve));
  });
});

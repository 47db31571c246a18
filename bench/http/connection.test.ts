import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openHttpConnection, postBytes, type HttpConnection } from './connection.ts';

let closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing) close();
  closing = [];
});

async function originOf(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function open(origin: string, answerWithinMs = 5_000): HttpConnection {
  const connection = openHttpConnection(origin, answerWithinMs);
  closing.push(() => connection.close());
  return connection;
}

/** Answers with what came; counts connections. */
async function echoServer(): Promise<{ origin: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat([Buffer.from(`${request.url} ${String(request.headers['x-key'])} `), ...chunks]);
      response.writeHead(200, { 'content-length': body.length }).end(body);
    });
  });
  server.on('connection', () => connections++);
  return { origin: await originOf(server), connections: () => connections };
}

describe('a connection of the load generator', () => {
  it('sends one request after the other over one socket, and reads answers of any length', async () => {
    const { origin, connections } = await echoServer();
    const connection = open(origin);
    for (const body of ['first', '', 'x'.repeat(300_000)]) {
      const answer = await connection.ask(postBytes(origin, '/here', { 'x-key': '7' }, Buffer.from(body)));
      expect(answer.status).toBe(200);
      expect(answer.body.toString()).toBe(`/here 7 ${body}`);
    }
    expect(connections()).toBe(1);
  });

  it('rejects when the server goes away, and connects again with the next request', async () => {
    let turns = 0;
    const origin = await originOf(
      createTcpServer((socket) => {
        socket.once('data', () => {
          if (turns++ === 0) socket.destroy();
          else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        });
      }),
    );
    const connection = open(origin);
    const request = postBytes(origin, '/', {}, Buffer.from('{}'));
    await expect(connection.ask(request)).rejects.toThrow(/closed the connection|ECONNRESET/);
    expect((await connection.ask(request)).body.toString()).toBe('ok');
  });

  it('rejects when no answer comes in time', async () => {
    const origin = await originOf(createTcpServer(() => undefined));
    await expect(open(origin, 50).ask(postBytes(origin, '/', {}, Buffer.from('{}')))).rejects.toThrow(
      'no answer within 0.05 s',
    );
  });
});

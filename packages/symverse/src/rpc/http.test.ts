import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createRpcClient } from './client.ts';
import { httpTransport } from './http.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  handler: (body: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => handler(body, response, request));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (body: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: (JSON.parse(body) as { id: number }).id, result: '0x2a' });

describe('JSON-RPC over HTTP', () => {
  test('posts JSON and reads the answer, over connections that are kept', async () => {
    const sockets = new Set<unknown>();
    const types: (string | undefined)[] = [];
    const url = await serve((body, response, request) => {
      sockets.add(request.socket);
      types.push(request.headers['content-type']);
      response.end(answer(body));
    });
    const client = createRpcClient({ transport: httpTransport(url) });
    for (let call = 0; call < 8; call++) expect(await client.call('sym_blockNumber')).toBe(42n);
    // Node may open a second one while the first is still being read to its end.
    expect(sockets.size).toBeLessThanOrEqual(2);
    expect(types).toEqual(Array.from({ length: 8 }, () => 'application/json'));
  });

  test('is unknown after the timeout, with headers already sent too', async () => {
    const url = await serve((_body, response) => response.write('{'));
    const client = createRpcClient({ transport: httpTransport(url), timeoutMs: 50 });
    await expect(client.call('sym_blockNumber')).rejects.toMatchObject({ name: 'RpcUnknownError', kind: 'timeout' });
  });

  test('is unknown when the node hangs up, and when nobody listens', async () => {
    const url = await serve((_body, _response, request) => request.socket.destroy());
    const client = createRpcClient({ transport: httpTransport(url) });
    await expect(client.call('sym_blockNumber')).rejects.toMatchObject({ name: 'RpcUnknownError', kind: 'connection' });
    const gone = servers.pop()!;
    await new Promise((resolve) => gone.close(resolve));
    await expect(client.call('sym_blockNumber')).rejects.toMatchObject({ kind: 'connection' });
  });

  test('reads no more than the bound of an answer', async () => {
    const url = await serve((body, response) => response.end(answer(body) + ' '.repeat(2000)));
    const client = (responseBytesMax: number) => createRpcClient({ transport: httpTransport(url), responseBytesMax });
    await expect(client(1000).call('sym_blockNumber')).rejects.toMatchObject({
      kind: 'garbage',
      message: 'Expected an answer of at most 1000 bytes, got more.',
    });
    expect(await client(4000).call('sym_blockNumber')).toBe(42n);
  });

  test('follows no redirect', async () => {
    const elsewhere = await serve((body, response) => response.end(answer(body)));
    const url = await serve((_body, response) => response.writeHead(307, { location: elsewhere }).end());
    await expect(createRpcClient({ transport: httpTransport(url) }).call('sym_blockNumber')).rejects.toMatchObject({
      kind: 'connection',
    });
  });

  test('refuses an address that is not http', () => {
    expect(() => httpTransport('file:///etc/hosts')).toThrow('http or https');
  });
});

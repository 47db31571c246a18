/**
 * An HTTP proxy before a chain node that misbehaves as nodes and networks do. What it does is switched while it runs; each choice
 * comes from its seed, in the order in which requests arrive. Live heads (WebSocket) pass, or break with everything else.
 */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { toHex0x, hexToBytes } from '@jigeum/std';
import { transactionHash } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { freePort } from '../../../apps/cli/src/embedded/ports.ts';
import type { Random } from '../../fuzz/random.ts';

export type NodeFault =
  | { readonly kind: 'none' }
  /** The node has acted; its answer is lost. */
  | { readonly kind: 'lose-answer'; readonly percent: number }
  /** The connection breaks before the node hears of it. */
  | { readonly kind: 'reset'; readonly percent: number }
  /** The node hears everything twice and the caller gets the second answer: "already known". */
  | { readonly kind: 'duplicate' }
  /** Each request waits for up to so long, so that later ones overtake it. */
  | { readonly kind: 'reorder'; readonly msMax: number }
  /** No answer, until healed. */
  | { readonly kind: 'hang' }
  /** Nobody listens. */
  | { readonly kind: 'refuse' }
  /** The node has acted; the answer is damaged: cut, of another request, or no JSON at all. */
  | { readonly kind: 'garbage' }
  /** Transactions are answered with their hash and go nowhere. */
  | { readonly kind: 'swallow' }
  /** So many of the requests go to another node. */
  | { readonly kind: 'elsewhere'; readonly url: string; readonly percent: number };

export interface NodeProxy {
  readonly url: string;
  /** What happens from now on. Everything that hangs is let go of. */
  set(fault: NodeFault): Promise<void>;
  /** How often each fault has struck. */
  readonly struck: ReadonlyMap<NodeFault['kind'], number>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const SEND = 'sym_sendRawTransaction';

/** Starts a proxy before the node at `upstream`. */
export async function startNodeProxy(upstream: string, random: Random): Promise<NodeProxy> {
  let fault: NodeFault = { kind: 'none' };
  const struck = new Map<NodeFault['kind'], number>();
  const strike = (): void => void struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1);
  const sockets = new Set<Socket>();
  const hanging = new Set<ServerResponse>();
  const port = await freePort();

  /** What happens instead of asking the node; true where that was all. */
  const before = async (now: NodeFault, body: Buffer, outgoing: ServerResponse): Promise<boolean> => {
    if (now.kind === 'hang') {
      strike();
      hanging.add(outgoing);
      return true;
    }
    if (now.kind === 'reset' && random.below(100) < now.percent) {
      strike();
      outgoing.destroy();
      return true;
    }
    if (now.kind === 'swallow') {
      const parts = swallowed(body);
      if (parts === undefined) return false;
      strike();
      send(
        outgoing,
        parts.rest === undefined ? parts.answer : joined(await forward(upstream, parts.rest), parts.answer),
      );
      return true;
    }
    if (now.kind === 'reorder') {
      strike();
      await new Promise((resume) => setTimeout(resume, random.below(now.msMax)));
    }
    if (now.kind === 'duplicate') {
      strike();
      await forward(upstream, body);
    }
    return false;
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const now = fault;
    if (await before(now, body, outgoing)) return;
    const isElsewhere = now.kind === 'elsewhere' && random.below(100) < now.percent;
    if (isElsewhere) strike();
    const answer = await forward(isElsewhere ? now.url : upstream, body);
    if (now.kind === 'lose-answer' && random.below(100) < now.percent) {
      strike();
      outgoing.destroy();
    } else if (now.kind === 'garbage') {
      strike();
      send(outgoing, damaged(answer, random));
    } else send(outgoing, answer);
  };

  const open = async (): Promise<Server> => {
    const server = createServer((incoming, outgoing) => {
      // A node that is down, or a caller that has gone: the caller sees a connection that breaks, as without a proxy.
      serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      if (fault.kind !== 'none') socket.destroy();
      else tunnel(upstream, { incoming, socket, head });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
    return server;
  };
  const shut = async (server: Server): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  let server: Server | undefined = await open();
  return {
    url: `http://${HOST}:${port}`,
    struck,
    async set(next) {
      fault = next;
      for (const outgoing of hanging) outgoing.destroy();
      hanging.clear();
      if (next.kind === 'refuse' && server !== undefined) {
        strike();
        const closing = server;
        server = undefined;
        await shut(closing);
      } else if (next.kind !== 'refuse') server ??= await open();
    },
    async stop() {
      if (server !== undefined) await shut(server);
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function forward(url: string, body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (incoming) => {
      bodyOf(incoming).then(resolve, reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

const send = (outgoing: ServerResponse, answer: Buffer): void =>
  void outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer);

function tunnel(url: string, from: { incoming: IncomingMessage; socket: Socket; head: Buffer }): void {
  const { hostname, port } = new URL(url);
  const upstream = connect(Number.parseInt(port, 10), hostname);
  const { incoming, socket, head } = from;
  const lines = incoming.rawHeaders.flatMap((name, index, all) =>
    index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
  );
  upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  upstream.write(head);
  socket.pipe(upstream).pipe(socket);
  for (const end of [socket, upstream]) {
    end.once('error', () => undefined);
    end.once('close', () => {
      socket.destroy();
      upstream.destroy();
    });
  }
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly string[];
}

/**
 * The answer to a request's transactions, made without the node, and the calls beside them, which go to it; undefined for a request
 * without transactions.
 */
function swallowed(body: Buffer): { answer: Buffer; rest: Buffer | undefined } | undefined {
  const asked = JSON.parse(body.toString('utf8')) as Call | Call[];
  const calls = Array.isArray(asked) ? asked : [asked];
  const rest = calls.filter(({ method }) => method !== SEND);
  if (rest.length === calls.length) return undefined;
  const answers = calls
    .filter(({ method }) => method === SEND)
    .map(({ id, params }) => ({
      jsonrpc: '2.0',
      id,
      result: toHex0x(transactionHash(hexToBytes(params[0]!.replace(/^0x/, '')), nativeCrypto.sha3)),
    }));
  return {
    answer: Buffer.from(JSON.stringify(Array.isArray(asked) ? answers : answers[0])),
    rest: rest.length === 0 ? undefined : Buffer.from(JSON.stringify(rest)),
  };
}

/** Two answers of batches as one: who asked finds each by its id. */
const joined = (left: Buffer, right: Buffer): Buffer =>
  Buffer.from(JSON.stringify([left, right].flatMap((answer) => JSON.parse(answer.toString('utf8')) as unknown[])));

function damaged(answer: Buffer, random: Random): Buffer {
  switch (random.below(4)) {
    case 0:
      return answer.subarray(0, random.below(answer.length));
    case 1:
      return Buffer.from('<html><body>502 Bad Gateway</body></html>');
    case 2:
      return Buffer.from(answer.toString('utf8').replaceAll(/"id":[0-9]+/g, '"id":987654321'));
    default:
      return Buffer.from(answer.toString('utf8').replaceAll(/"(?:0x)?[0-9a-f]{40,}"/g, '"0xzz"'));
  }
}

/** Small JSON services over node:http: bounded bodies, no CORS, loopback names only where they listen on loopback. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JsonRequest {
  readonly method: string;
  /** Path without the query, undecoded. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface JsonReply {
  readonly status: number;
  /** Text of the body; none for 204. */
  readonly text?: string;
}

export interface JsonService {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly bodyBytesMax: number;
  /** Shapes refusals that come before `answer`. */
  readonly refuse: (status: number, sentence: string) => JsonReply;
  /** Must not throw; a rejection is answered with 500 and reported. */
  readonly answer: (request: JsonRequest) => Promise<JsonReply>;
  readonly report: (error: unknown) => void;
}

export interface RunningService {
  /** `http://127.0.0.1:8545`. */
  readonly url: string;
  /** Stops taking connections, ends idle ones, and waits for answers under way for two seconds at most. */
  stop(): Promise<void>;
}

/** More than the platform's replicas need; each idle connection costs a few kilobytes. */
const CONNECTIONS_MAX = 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const STOP_WITHIN_MS = 2_000;

/** Starts to listen. Throws an Error with the code EADDRINUSE when the port is taken. */
export async function startJsonService(service: JsonService): Promise<RunningService> {
  const server = createServer((request, response) => void handle(service, request, response));
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(service.port, service.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', service.report);
  const { port } = server.address() as AddressInfo;
  const host = service.host.includes(':') ? `[${service.host}]` : service.host;
  return { url: `http://${host}:${port}`, stop: () => stop(server) };
}

async function handle(service: JsonService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let reply: JsonReply;
  try {
    reply = await replyTo(service, request);
  } catch (error) {
    service.report(error);
    reply = service.refuse(
      500,
      'The node failed to answer. Whether the request had an effect is unknown: ask before repeating it.',
    );
  }
  if (response.destroyed) return;
  const text = reply.text ?? '';
  response.writeHead(reply.status, {
    ...(reply.status !== 204 && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

async function replyTo(service: JsonService, request: IncomingMessage): Promise<JsonReply> {
  if (isLoopback(service.host) && !isLoopback(hostName(request.headers.host))) {
    return service.refuse(
      403,
      'Expected a request to a loopback name (127.0.0.1, localhost), got one to another host.',
    );
  }
  const body = await readBody(request, service.bodyBytesMax);
  if (body === undefined) {
    return service.refuse(413, `Expected a body of at most ${service.bodyBytesMax} bytes, got more.`);
  }
  const [path = '/'] = (request.url ?? '/').split('?');
  return service.answer({
    method: request.method ?? '',
    path,
    contentType: request.headers['content-type'] ?? '',
    body,
  });
}

/** The body, or undefined when it is longer than allowed; the rest is then read and thrown away, so that the answer arrives. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bytesMax) chunks.push(chunk);
    // Nobody's mistake is this long: stop listening to it.
    if (size > bytesMax * 4) break;
  }
  return size > bytesMax ? undefined : Buffer.concat(chunks);
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);
const isLoopback = (host: string): boolean => LOOPBACK.has(host);
const hostName = (header = ''): string => header.replace(/:[0-9]*$/, '').toLowerCase();

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
  await closed;
  clearTimeout(impatience);
}

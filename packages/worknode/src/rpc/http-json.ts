/** Small JSON services over node:http: bounded bodies, no CORS, loopback names only where they listen on loopback. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostRefusal } from './origin.ts';
import { createUntaken, isLong, type Untaken } from './untaken.ts';

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
  readonly limits?: Partial<ServiceLimits>;
  /** Counts long answers that callers have not taken. Left out, this service counts its own. */
  readonly untaken?: Untaken;
  /** Shapes refusals that come before `answer`. */
  readonly refuse: (status: number, sentence: string) => JsonReply;
  /** Answers, at once where it can. A throw or rejection is answered with 500 and reported. */
  readonly answer: (request: JsonRequest) => JsonReply | Promise<JsonReply>;
  /** Takes over connections that ask for another protocol. Left out, they are answered as plain requests. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly report: (error: unknown) => void;
}

/** Bounds of a service against callers that are many, slow or silent. */
export interface ServiceLimits {
  readonly connectionsMax: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestMs: number;
  /** Between two requests on one connection. */
  readonly keepAliveMs: number;
  /** Without a byte in either direction while a request or its answer is under way. */
  readonly idleMs: number;
}

/**
 * Connections: more than the platform's replicas need; each idle one costs a few kilobytes. Keep-alive is longer than the minute
 * after which proxies give up theirs.
 */
const LIMITS: ServiceLimits = {
  connectionsMax: 1024,
  requestMs: 30_000,
  keepAliveMs: 65_000,
  idleMs: 30_000,
};
/** How often node looks for connections that take too long. */
const LIMITS_CHECKED_EACH_MS = 5_000;
const STOP_WITHIN_MS = 2_000;

export interface RunningService {
  /** `http://127.0.0.1:8545`. */
  readonly url: string;
  /** Stops taking connections, ends idle ones, and waits for answers under way for two seconds at most. */
  stop(): Promise<void>;
}

/** Starts to listen. Throws an Error with the code EADDRINUSE when the port is taken. */
export async function startJsonService(service: JsonService): Promise<RunningService> {
  const limits = { ...LIMITS, ...service.limits };
  const server = createServer({
    requestTimeout: limits.requestMs,
    headersTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(LIMITS_CHECKED_EACH_MS, limits.requestMs),
  });
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.idleMs;
  server.on('request', requestListener(service));
  if (service.upgrade !== undefined) server.on('upgrade', service.upgrade);
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

/** Reads the body by events and answers without a promise where the service does: this is the node's hottest path. */
function requestListener(service: JsonService) {
  const send = sender(service);
  const fail = (response: ServerResponse, error: unknown): void => {
    service.report(error);
    send(
      response,
      service.refuse(
        500,
        'The node failed to answer. Whether the request had an effect is unknown: ask before repeating it.',
      ),
    );
  };
  const answer = (request: IncomingMessage, response: ServerResponse, body: Uint8Array): void => {
    try {
      const reply = service.answer(jsonRequest(request, body));
      if (reply instanceof Promise)
        reply.then((later) => send(response, later)).catch((error: unknown) => fail(response, error));
      else send(response, reply);
    } catch (error) {
      fail(response, error);
    }
  };
  return (request: IncomingMessage, response: ServerResponse): void => {
    const refused = headRefusal(service, request);
    let body: Uint8Array | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // Nobody's mistake is this long: stop listening to it.
      if (size > service.bodyBytesMax * 4) request.destroy();
      else if (size > service.bodyBytesMax) body = more = undefined;
      else if (body === undefined) body = chunk;
      else (more ??= [body as Buffer]).push(chunk);
    });
    request.on('end', () => {
      // A refused body is read to its end all the same, so that the answer arrives.
      if (refused !== undefined) send(response, refused);
      else if (size > service.bodyBytesMax) {
        send(response, service.refuse(413, `Expected a body of at most ${service.bodyBytesMax} bytes, got ${size}.`));
      } else answer(request, response, more === undefined ? (body ?? NO_BODY) : Buffer.concat(more));
    });
  };
}

const NO_BODY = new Uint8Array(0);

/** What can be said before the body has come. */
function headRefusal(service: JsonService, request: IncomingMessage): JsonReply | undefined {
  const hostRefused = hostRefusal(service.host, request);
  if (hostRefused !== undefined) return service.refuse(403, hostRefused);
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return undefined;
  return service.refuse(415, 'Expected an uncompressed body, got one with a content encoding.');
}

function jsonRequest({ method = '', url = '/', headers }: IncomingMessage, body: Uint8Array): JsonRequest {
  const query = url.indexOf('?');
  return { method, path: query === -1 ? url : url.slice(0, query), contentType: headers['content-type'] ?? '', body };
}

/** Writes replies, and refuses long ones while callers have left too many of them untaken. */
function sender(service: JsonService) {
  const untaken = service.untaken ?? createUntaken();
  return (response: ServerResponse, reply: JsonReply): void => {
    if (response.destroyed) return;
    const { status, text } = reply;
    if (text === undefined) {
      response.writeHead(status, NO_CONTENT_HEADERS).end();
      return;
    }
    if (isLong(text.length)) {
      if (!untaken.hasRoom(text.length)) {
        const { text: sentence = '' } = service.refuse(
          503,
          `Too many long answers wait to be taken: expected ${untaken.charactersMax} characters at most. Try again later; what the request asked for may have been done.`,
        );
        response.writeHead(503, headersFor(sentence)).end(sentence);
        return;
      }
      untaken.hold(text.length);
      response.once('close', () => untaken.release(text.length));
    }
    response.writeHead(status, headersFor(text)).end(text);
  };
}

const NO_CONTENT_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];
/** A list, which node:http writes as it is. */
const headersFor = (text: string): string[] => [
  'content-type',
  'application/json',
  'content-length',
  String(Buffer.byteLength(text)),
  ...NO_CONTENT_HEADERS,
];

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
  await closed;
  clearTimeout(impatience);
}

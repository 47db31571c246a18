/**
 * JSON-RPC over WebSocket, on the port of HTTP: each text message is a call or a batch, each answer a message, and subscriptions
 * are told as they happen. A client that does not take its answers is not read any more until it does; one that does not take
 * what it has subscribed to is ended, because blocks do not wait.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Ids } from '@jigeum/std';
import type { WorkNode } from '../node.ts';
import type { Timers } from '../timers.ts';
import { createDispatch, refusedForRoom, type DispatchDeps } from './dispatch.ts';
import { BODY_BYTES_MAX, isBatch } from './json-body.ts';
import { hostRefusal, originRefusal } from './origin.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';
import { isLong, shareOf } from './untaken.ts';

export interface WebSocketLimits {
  readonly connectionsMax: number;
  readonly messageBytesMax: number;
  /** Bytes that wait for a client, and characters that its batch holds; above, no more of its calls are read. */
  readonly answerBytesMax: number;
  /** Bytes that wait for a client; above, it is ended when there is something to tell it. */
  readonly waitingBytesMax: number;
  /** Calls of one connection that are under way, a batch counted as one; above, no more are read. */
  readonly callsMax: number;
  /** Between two pings. A client that has not answered the one before is ended. */
  readonly pingMs: number;
}

/**
 * Connections: each replica of the platform holds one, and people's tools a few. Messages are as long as HTTP's bodies. Waiting
 * bytes: the longest answer, and an hour of heads.
 */
const LIMITS: WebSocketLimits = {
  connectionsMax: 128,
  messageBytesMax: BODY_BYTES_MAX,
  answerBytesMax: 1024 * 1024,
  waitingBytesMax: 16 * 1024 * 1024,
  callsMax: 256,
  pingMs: 30_000,
};

/** Time for a client to take the reason for which it is ended. */
const CLOSE_WITHIN_MS = 1_000;
/** Codes of RFC 6455. */
const CLOSE = { goingAway: 1001, unsupported: 1003, policy: 1008 } as const;

export interface WebSocketDeps extends DispatchDeps {
  readonly node: Pick<WorkNode, 'heads' | 'accepted'>;
  readonly ids: Pick<Ids, 'bytes'>;
  readonly timers: Timers;
}

export interface WebSocketDoor {
  /** Takes over a connection of the HTTP server. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends all connections. */
  stop(): void;
}

/** The door for WebSockets of a server that listens on `host`. */
export function createWebSocketDoor(
  deps: WebSocketDeps,
  options: { readonly host: string; readonly limits?: Partial<WebSocketLimits> },
): WebSocketDoor {
  const limits = { ...LIMITS, ...options.limits };
  const subscriptions = createSubscriptions(deps.node, deps.ids);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytesMax,
    // Compression costs more than the loopback or the rack that this is for, and holds memory for each connection.
    perMessageDeflate: false,
  });
  server.on('connection', (socket) => serve(deps, { socket, subscriptions, limits }));

  return {
    upgrade(request, socket, head) {
      const refused = refusalOf(request, options.host, server.clients.size >= limits.connectionsMax);
      if (refused === undefined) {
        server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
        return;
      }
      const [status, sentence] = refused;
      socket.on('error', () => socket.destroy());
      socket.end(
        `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
      );
    },
    stop() {
      subscriptions.stop();
      for (const client of server.clients) end(deps, client, CLOSE.goingAway, 'The node stops.');
    },
  };
}

function refusalOf(
  request: IncomingMessage,
  host: string,
  isFull: boolean,
): [status: string, text: string] | undefined {
  const stranger = hostRefusal(host, request) ?? originRefusal(request);
  if (stranger !== undefined) return ['403 Forbidden', stranger];
  if (request.url?.split('?')[0] !== '/') return ['404 Not Found', 'Expected the path /, got another.'];
  if (isFull) return ['503 Service Unavailable', 'Expected fewer WebSockets at once. Try again later.'];
  return undefined;
}

interface Message {
  readonly body: Uint8Array;
  readonly isBatch: boolean;
}

/** Serves one connection until it ends. */
function serve(
  deps: WebSocketDeps,
  { socket, subscriptions, limits }: { socket: WebSocket; subscriptions: Subscriptions; limits: WebSocketLimits },
): void {
  let underWay = 0;
  let isAlive = true;
  /** The one batch that is not answered yet: it waits for a turn of the node, or has begun in one. */
  let batch: 'none' | 'waits' | 'begun' = 'none';
  /** What this client is answered and has not taken. */
  const untaken = shareOf(deps.untaken);
  /** Messages that had come when reading stopped: what one read of the socket holds. */
  const backlog: Message[] = [];
  let isTaking = false;
  const isBusy = (): boolean =>
    underWay >= limits.callsMax ||
    socket.bufferedAmount > limits.answerBytesMax ||
    untaken.characters > limits.answerBytesMax;
  // What comes after a batch may depend on it, and is not begun before it.
  const mustWait = (message: Message): boolean =>
    batch === 'waits' || (batch === 'begun' && message.isBatch) || isBusy();
  /** Reads on only while the client takes what it asked for. */
  const regulate = (): void => {
    if (isTaking) return;
    isTaking = true;
    while (backlog.length > 0 && !mustWait(backlog[0]!)) take(backlog.shift()!);
    isTaking = false;
    const isFull = backlog.length > 0 || isBusy();
    if (isFull && !socket.isPaused) socket.pause();
    else if (!isFull && socket.isPaused) socket.resume();
  };
  const send = (text: string): void => {
    // An error of the connection ends it: there is nobody left to tell.
    if (socket.readyState === socket.OPEN) {
      const held = isLong(text.length) ? text.length : 0;
      untaken.hold(held);
      socket.send(text, () => {
        untaken.release(held);
        regulate();
      });
    }
    regulate();
  };
  const subscriber = subscriptions.subscriber((text) => {
    if (socket.bufferedAmount <= limits.waitingBytesMax) return send(text);
    subscriber.end();
    end(deps, socket, CLOSE.policy, `Too slow: more than ${limits.waitingBytesMax} bytes wait to be taken.`);
  });
  const dispatch = createDispatch({ ...deps, untaken, handlers: { ...deps.handlers, ...subscriber.handlers } });

  const take = (message: Message): void => {
    if (!message.isBatch) return begin(message);
    batch = 'waits';
    deps.timers.soon(() => {
      batch = 'begun';
      begin(message);
      regulate();
    });
  };
  const begin = ({ body, isBatch }: Message): void => {
    const answer = dispatch(body);
    if (!(answer instanceof Promise)) {
      if (isBatch) batch = 'none';
      return tell(answer, () => refusedForRoom(untaken, body));
    }
    underWay++;
    void awaitAnswer(answer, isBatch);
  };
  /** Keeps nothing of the message: many may wait. */
  const awaitAnswer = async (answer: Promise<string | undefined>, isBatch: boolean): Promise<void> => {
    const text = await answer;
    underWay--;
    if (isBatch) batch = 'none';
    tell(text, () => refusedForRoom(untaken));
  };
  const tell = (text: string | undefined, refuse: () => string): void => {
    if (text === undefined) regulate();
    else send(isLong(text.length) && !untaken.hasRoom(text.length) ? refuse() : text);
  };

  socket.on('message', (data, isBinary) => {
    if (isBinary) return end(deps, socket, CLOSE.unsupported, 'Expected JSON as text, got a binary message.');
    const body = data as Buffer;
    backlog.push({ body, isBatch: isBatch(body) });
    regulate();
  });
  socket.on('pong', () => {
    isAlive = true;
  });
  // A frame that is none, or too long: ws closes the connection with the code that says so.
  socket.on('error', () => undefined);
  const pingOrEnd = (): void => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
    cancelPing = deps.timers.after(limits.pingMs, pingOrEnd);
  };
  let cancelPing = deps.timers.after(limits.pingMs, pingOrEnd);
  socket.once('close', () => {
    cancelPing();
    subscriber.end();
  });
}

/** Closes with a reason, and ends what does not take it. */
function end({ timers }: Pick<WebSocketDeps, 'timers'>, socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  timers.after(CLOSE_WITHIN_MS, () => socket.terminate());
}

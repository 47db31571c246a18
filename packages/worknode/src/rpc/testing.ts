/** For tests of JSON-RPC: a server over handlers on a loopback port, and requests as any client sends them. */
import { connect, type Socket } from 'node:net';
import { randomIds, systemClock } from '@jigeum/std';
import type { RpcHandlers } from '@jigeum/symverse/rpc';
import { createFeed } from '../feed.ts';
import type { StoredBlock } from '../storage/storage.ts';
import { systemTimers } from '../timers.ts';
import type { JsonService, RunningService } from './http-json.ts';
import { startRpcServer } from './server.ts';
import type { Untaken } from './untaken.ts';
import type { WebSocketDeps, WebSocketLimits } from './websocket.ts';

export interface TestRpc {
  readonly server: RunningService;
  /** What the server has reported as its own failure. */
  readonly reported: unknown[];
  /** Posts a body; the answer's text is parsed, null for none. */
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<{ status: number; answer: unknown }>;
  /** Calls a method and gives the whole answer. */
  call(method: string, ...params: unknown[]): Promise<unknown>;
}

/** Starts a server; stop it with `server.stop()`. */
export async function serve(
  handlers: Partial<RpcHandlers>,
  options: {
    readonly limits?: NonNullable<JsonService['limits']>;
    readonly webSocketLimits?: Partial<WebSocketLimits>;
    readonly untaken?: Untaken;
    readonly deps?: Partial<WebSocketDeps>;
  } = {},
): Promise<TestRpc> {
  const reported: unknown[] = [];
  const report = (error: unknown): void => void reported.push(error);
  const { deps, ...doors } = options;
  const node = { heads: createFeed<StoredBlock>(report), accepted: createFeed<`0x${string}`>(report) };
  const server = await startRpcServer(
    { handlers, node, clock: systemClock, timers: systemTimers, ids: randomIds, report, ...deps },
    { host: '127.0.0.1', port: 0, ...doors },
  );
  const post: TestRpc['post'] = async (body, headers = {}) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : Buffer.from(body),
    });
    const text = await response.text();
    return { status: response.status, answer: text === '' ? null : JSON.parse(text) };
  };
  return {
    server,
    reported,
    post,
    call: async (method, ...params) => (await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).answer,
  };
}

/** A bare connection to a server: what is written by hand, what came, and the moment when the other side has ended it. */
export function openSocket(url: string): {
  readonly socket: Socket;
  readonly opened: Promise<void>;
  readonly ended: Promise<string>;
} {
  const { hostname, port } = new URL(url);
  const socket = connect(Number.parseInt(port, 10), hostname);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  // A reset is an end as well; what came before it counts.
  socket.on('error', () => socket.destroy());
  return {
    socket,
    opened: new Promise((resolve) => socket.once('connect', resolve)),
    ended: new Promise((resolve) => socket.once('close', () => resolve(text))),
  };
}

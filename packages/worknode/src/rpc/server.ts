/**
 * JSON-RPC over HTTP and WebSocket on one port: POST / with application/json, or an upgrade of /. Browsers of other origins are kept out
 * by the content type and the missing CORS, and by the Origin of a WebSocket.
 */
import { RPC_CODE, type RpcMethod } from '@jigeum/symverse/rpc';
import { createDispatch, rpcErrorText } from './dispatch.ts';
import { startJsonService, type JsonReply, type JsonService, type RunningService } from './http-json.ts';
import { inTurns } from './in-turns.ts';
import { BODY_BYTES_MAX } from './json-body.ts';
import { createUntaken } from './untaken.ts';
import { createWebSocketDoor, type WebSocketDeps, type WebSocketLimits } from './websocket.ts';

/** Starts to serve. */
export async function startRpcServer(
  own: Omit<WebSocketDeps, 'untaken'>,
  options: Pick<JsonService, 'host' | 'port' | 'limits' | 'untaken'> & {
    readonly webSocketLimits?: Partial<WebSocketLimits>;
  },
): Promise<RunningService> {
  const { host, port, limits, webSocketLimits, untaken = createUntaken() } = options;
  // Batches of all connections share the turns, and their answers the room.
  const deps = { ...own, timers: inTurns(own.timers), untaken };
  const dispatch = createDispatch({ ...deps, absence: (method) => notOverHttp(method) ?? deps.absence?.(method) });
  const refuse = (status: number, sentence: string): JsonReply => ({
    status,
    text: rpcErrorText(null, status === 500 ? RPC_CODE.internalError : RPC_CODE.invalidRequest, sentence),
  });
  const door = createWebSocketDoor(deps, { host, ...(webSocketLimits && { limits: webSocketLimits }) });
  const service = await startJsonService({
    host,
    port,
    ...(limits && { limits }),
    untaken,
    bodyBytesMax: BODY_BYTES_MAX,
    report: deps.report,
    refuse,
    upgrade: door.upgrade,
    answer({ method, path, contentType, body }) {
      if (path !== '/') return refuse(404, 'Expected the path /, got another.');
      if (method !== 'POST') return refuse(405, `Expected POST with a JSON-RPC call, got ${method}.`);
      if (!isJson(contentType)) return refuse(415, 'Expected the content type application/json, got another.');
      const text = dispatch(body);
      return text instanceof Promise ? text.then(replyOf) : replyOf(text);
    },
  });
  return {
    url: service.url,
    async stop() {
      door.stop();
      await service.stop();
    },
  };
}

const isJson = (contentType: string): boolean =>
  contentType === 'application/json' || /^application\/json\b/i.test(contentType);

const NOTHING: JsonReply = { status: 204 };
const replyOf = (text: string | undefined): JsonReply => (text === undefined ? NOTHING : { status: 200, text });

const notOverHttp = (method: RpcMethod): string | undefined =>
  method === 'sym_subscribe' || method === 'sym_unsubscribe'
    ? 'notifications not supported over HTTP: open a WebSocket on the same port'
    : undefined;

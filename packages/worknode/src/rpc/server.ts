/** JSON-RPC over HTTP: POST / with application/json. Browsers of other origins are kept out by the content type and the missing CORS. */
import { RPC_CODE } from '@jigeum/symverse/rpc';
import { createDispatch, rpcErrorText, type DispatchDeps } from './dispatch.ts';
import { startJsonService, type JsonReply, type JsonService, type RunningService } from './http-json.ts';

/** A batch of a thousand transactions of two kilobytes each. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** Starts to serve. */
export function startRpcServer(
  deps: DispatchDeps,
  options: Pick<JsonService, 'host' | 'port' | 'limits'>,
): Promise<RunningService> {
  const dispatch = createDispatch(deps);
  const refuse = (status: number, sentence: string): JsonReply => ({
    status,
    text: rpcErrorText(null, status === 500 ? RPC_CODE.internalError : RPC_CODE.invalidRequest, sentence),
  });
  return startJsonService({
    ...options,
    bodyBytesMax: BODY_BYTES_MAX,
    report: deps.report,
    refuse,
    answer({ method, path, contentType, body }) {
      if (path !== '/') return refuse(404, 'Expected the path /, got another.');
      if (method !== 'POST') return refuse(405, `Expected POST with a JSON-RPC call, got ${method}.`);
      if (!isJson(contentType)) return refuse(415, 'Expected the content type application/json, got another.');
      const text = dispatch(body);
      return text instanceof Promise ? text.then(replyOf) : replyOf(text);
    },
  });
}

const isJson = (contentType: string): boolean =>
  contentType === 'application/json' || /^application\/json\b/i.test(contentType);

const NOTHING: JsonReply = { status: 204 };
const replyOf = (text: string | undefined): JsonReply => (text === undefined ? NOTHING : { status: 200, text });

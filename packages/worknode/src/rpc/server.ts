/** JSON-RPC over HTTP: POST / with application/json. Browsers of other origins are kept out by the content type and the missing CORS. */
import { RPC_CODE, type RpcHandlers } from '@jigeum/symverse/rpc';
import { answerBody, rpcError } from './dispatch.ts';
import { startJsonService, type JsonReply, type RunningService } from './http-json.ts';

/** A batch of a thousand transactions of two kilobytes each. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** Starts to serve. */
export function startRpcServer(
  handlers: RpcHandlers,
  options: { readonly host: string; readonly port: number; readonly report: (error: unknown) => void },
): Promise<RunningService> {
  const { report } = options;
  const refuse = (status: number, sentence: string): JsonReply => ({
    status,
    text: JSON.stringify(rpcError(null, status === 500 ? RPC_CODE.internalError : RPC_CODE.invalidRequest, sentence)),
  });
  return startJsonService({
    ...options,
    bodyBytesMax: BODY_BYTES_MAX,
    refuse,
    async answer({ method, path, contentType, body }) {
      if (path !== '/') return refuse(404, 'Expected the path /, got another.');
      if (method !== 'POST') return refuse(405, `Expected POST with a JSON-RPC call, got ${method}.`);
      if (!/^application\/json\b/i.test(contentType))
        return refuse(415, 'Expected the content type application/json, got another.');
      const text = await answerBody(handlers, body, report);
      return text === undefined ? { status: 204 } : { status: 200, text };
    },
  });
}

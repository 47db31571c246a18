/** JSON-RPC 2.0: reads calls and batches, asks the handlers, writes answers. Knows nothing of HTTP. */
import {
  decodeRpcParams,
  encodeRpcResult,
  isRpcMethod,
  readRpcRequest,
  RPC_CODE,
  RpcShapeError,
  type Json,
  type RpcAnswer,
  type RpcErrorObject,
  type RpcHandlers,
  type RpcId,
  type RpcMethod,
  type RpcRequest,
} from '@jigeum/symverse/rpc';
import { RpcFault } from './fault.ts';

/** The most calls in one batch: receipts of a third of a full block. */
export const BATCH_MAX = 1000;

/** Answers a body. Undefined when there is nothing to answer (only notifications). Never throws for what the body says. */
export async function answerBody(
  handlers: RpcHandlers,
  body: Uint8Array,
  report: (error: unknown) => void,
): Promise<string | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    return JSON.stringify(rpcError(null, RPC_CODE.parseError, `Expected JSON in UTF-8: ${messageOf(cause)}`));
  }
  if (!Array.isArray(value)) {
    const answer = await answerCall(handlers, value, report);
    return answer && JSON.stringify(answer);
  }
  if (value.length === 0 || value.length > BATCH_MAX) {
    return JSON.stringify(
      rpcError(null, RPC_CODE.invalidRequest, `Expected a batch of 1 to ${BATCH_MAX} calls, got ${value.length}.`),
    );
  }
  // All calls begin in one turn: reads of one batch see one block, and what it sends is written with one sync.
  const answers = await Promise.all(value.map((call) => answerCall(handlers, call, report)));
  const told = answers.filter((answer) => answer !== undefined);
  return told.length === 0 ? undefined : JSON.stringify(told);
}

async function answerCall(
  handlers: RpcHandlers,
  value: unknown,
  report: (error: unknown) => void,
): Promise<RpcAnswer | undefined> {
  const request = readRpcRequest(value);
  if (request === null)
    return rpcError(
      null,
      RPC_CODE.invalidRequest,
      'Expected a JSON-RPC 2.0 call: an object with jsonrpc "2.0", method and params.',
    );
  const answer = await outcomeOf(handlers, request, report);
  return request.isNotification ? undefined : answer;
}

async function outcomeOf(
  handlers: RpcHandlers,
  { id, method, params }: RpcRequest,
  report: (error: unknown) => void,
): Promise<RpcAnswer> {
  if (!isRpcMethod(method)) {
    return rpcError(
      id,
      RPC_CODE.methodNotFound,
      `the method ${JSON.stringify(method)} does not exist/is not available; rpc_modules names the modules`,
    );
  }
  try {
    return { jsonrpc: '2.0', id, result: await call(handlers, method, params) };
  } catch (error) {
    if (error instanceof RpcFault) return { jsonrpc: '2.0', id, error: error.error };
    if (error instanceof RpcShapeError) return rpcError(id, RPC_CODE.invalidParams, error.message);
    report(error);
    return rpcError(
      id,
      RPC_CODE.internalError,
      'The node failed. Whether the call had an effect is unknown: ask before repeating it.',
    );
  }
}

async function call<M extends RpcMethod>(handlers: RpcHandlers, method: M, params: unknown): Promise<Json> {
  const handler = handlers[method];
  const result = handler(...decodeRpcParams(method, params));
  return encodeRpcResult(method, result instanceof Promise ? await result : result);
}

/** An answer that is an error. */
export function rpcError(id: RpcId, code: number, message: string): RpcAnswer {
  const error: RpcErrorObject = { code, message };
  return { jsonrpc: '2.0', id, error };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

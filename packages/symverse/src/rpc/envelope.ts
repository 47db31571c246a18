/** The outer form of JSON-RPC 2.0 calls and answers. */
import type { Json } from './codec.ts';
import type { RpcErrorObject } from './errors.ts';

/** The id of a call; it comes back in its answer. */
export type RpcId = string | number | null;

/** A call as a server reads it. A notification (no id) gets no answer. */
export interface RpcRequest {
  readonly id: RpcId;
  readonly isNotification: boolean;
  readonly method: string;
  readonly params: unknown;
}

/** An answer: a result or an error, never both. */
export type RpcAnswer =
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly result: Json }
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly error: RpcErrorObject };

/** The call in a parsed JSON value, or null when it is none (answer it with -32600). `jsonrpc` may be left out, as old clients do. */
export function readRpcRequest(value: unknown): RpcRequest | null {
  if (!isObject(value)) return null;
  const { jsonrpc, id, method, params } = value;
  if (jsonrpc !== undefined && jsonrpc !== '2.0') return null;
  if (typeof method !== 'string' || method.length > METHOD_CHARACTERS_MAX) return null;
  if (id !== undefined && !isId(id)) return null;
  return { id: id ?? null, isNotification: id === undefined, method, params };
}

/** Why a value is no call, for the answer -32600: what was expected, and the id where one can be read. */
export function rpcRequestProblem(value: unknown): { readonly id: RpcId; readonly expected: string } {
  const expected = 'a JSON-RPC 2.0 call: an object with jsonrpc "2.0", id, method and params';
  if (!isObject(value)) return { id: null, expected };
  const { jsonrpc, method } = value;
  const id = value['id'] ?? null;
  if (!isId(id)) {
    return {
      id: null,
      expected: `an id that is null, a number up to 2^53 - 1 or text of at most ${ID_CHARACTERS_MAX} characters`,
    };
  }
  if (jsonrpc !== undefined && jsonrpc !== '2.0') return { id, expected: 'jsonrpc to be "2.0"' };
  if (typeof method === 'string' && method.length > METHOD_CHARACTERS_MAX)
    return { id, expected: `a method name of at most ${METHOD_CHARACTERS_MAX} characters` };
  return { id, expected: typeof method === 'string' ? expected : 'the name of a method as text' };
}

/** The answer in a parsed JSON value, or null when it is none. */
export function readRpcAnswer(
  value: unknown,
): { readonly id: RpcId; readonly result?: unknown; readonly error?: RpcErrorObject } | null {
  if (!isObject(value) || !isId(value['id'])) return null;
  const { id, error } = value;
  if (error !== undefined && error !== null) {
    if (!isObject(error) || typeof error['code'] !== 'number' || typeof error['message'] !== 'string') return null;
    return {
      id,
      error: { code: error['code'], message: error['message'], ...('data' in error && { data: error['data'] }) },
    };
  }
  return 'result' in value ? { id, result: value['result'] } : null;
}

/** No method of the chain is longer than 40 characters. */
const METHOD_CHARACTERS_MAX = 128;
const ID_CHARACTERS_MAX = 256;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A number must come back as it came: JSON.parse rounds integers above 2^53 and makes infinity of 1e999. */
const isId = (id: unknown): id is RpcId => {
  if (typeof id === 'number') return Number.isInteger(id) ? Number.isSafeInteger(id) : Number.isFinite(id);
  return id === null || (typeof id === 'string' && id.length <= ID_CHARACTERS_MAX);
};

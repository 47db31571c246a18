/**
 * JSON-RPC 2.0: reads calls and batches, asks the handlers, writes answers. Knows nothing of HTTP or WebSocket.
 * What can be answered at once is answered at once: a promise for every read would cost more than the read.
 */
import type { Clock } from '@jigeum/std';
import {
  decodeRpcParams,
  encodeRpcResult,
  isRpcMethod,
  readRpcRequest,
  RPC_CODE,
  rpcRequestProblem,
  RpcShapeError,
  type RpcErrorObject,
  type RpcHandlers,
  type RpcId,
  type RpcMethod,
  type RpcRequest,
  type RpcResult,
} from '@jigeum/symverse/rpc';
import type { Timers } from '../timers.ts';
import { RpcFault } from './fault.ts';
import { parseBody } from './json-body.ts';
import { isLong, shareOf, type Untaken } from './untaken.ts';

/** The most calls in one batch: receipts of a third of a full block. */
export const BATCH_MAX = 1000;
/** The most characters of one body's answers: what our own client takes, and three full blocks with their transactions. */
export const ANSWER_CHARACTERS_MAX = 8 * 1024 * 1024;
/** How long a batch may hold the node before others, the block timer among them, have their turn. */
const BATCH_TURN_MS = 50;
/** How long a batch may take in all. What is not begun by then is answered with an error. */
const BATCH_MS_MAX = 10_000;

export interface DispatchDeps {
  /** A method without a handler is answered with -32601. */
  readonly handlers: Partial<RpcHandlers>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'soon'>;
  /** Counts the answers of batches under way. Who sends an answer counts it from then on. */
  readonly untaken: Untaken;
  /** Why a method of the schema has no handler, as the end of a sentence. */
  readonly absence?: (method: RpcMethod) => string | undefined;
  readonly report: (error: unknown) => void;
}

/** The text that answers a body; undefined when there is nothing to answer (only notifications). Never throws or rejects. */
export type Dispatch = (body: Uint8Array) => Answered;
type Answered = string | undefined | Promise<string | undefined>;

/** A dispatcher over handlers. */
export function createDispatch(deps: DispatchDeps): Dispatch {
  return (body) => {
    const parsed = parseBody(body);
    if (parsed.kind === 'refused') return rpcErrorText(null, RPC_CODE.parseError, parsed.text);
    if (Array.isArray(parsed.value)) return answerBatch(deps, parsed.value);
    return answerCall(deps, parsed.value);
  };
}

/**
 * What a body is answered with when its long answer finds no room. The id of a single call is read from the body again: this is
 * rare, and what were kept for it would cost every call.
 */
export function refusedForRoom(untaken: Untaken, body?: Uint8Array): string {
  const parsed = body && parseBody(body);
  return noRoom(untaken, parsed?.kind === 'value' ? parsed.value : undefined);
}

/**
 * All calls begin in one turn, as long as that is short: reads of one batch then see one block, and what it sends is written
 * with one sync of the disk. When the answers grow too long or the batch takes too much time, the calls that are left are
 * not begun, and each is told so. What is held for the batch is counted as it grows.
 */
async function answerBatch(deps: DispatchDeps, calls: readonly unknown[]): Promise<string | undefined> {
  const held = shareOf(deps.untaken);
  try {
    return await answerCalls({ ...deps, untaken: held }, calls);
  } finally {
    held.release(held.characters);
  }
}

async function answerCalls(deps: DispatchDeps, calls: readonly unknown[]): Promise<string | undefined> {
  if (calls.length === 0 || calls.length > BATCH_MAX) {
    return rpcErrorText(
      null,
      RPC_CODE.invalidRequest,
      `${calls.length > BATCH_MAX ? 'batch too large' : 'empty batch'}: expected 1 to ${BATCH_MAX} calls, got ${calls.length}`,
    );
  }
  const startedAtMs = deps.clock.monotonicMs();
  let turnAtMs = startedAtMs;
  const { untaken } = deps;
  const answers: Answered[] = [];
  for (const call of calls) {
    const nowMs = deps.clock.monotonicMs();
    if (nowMs - turnAtMs > BATCH_TURN_MS) {
      await new Promise<void>((resolve) => deps.timers.soon(resolve));
      turnAtMs = deps.clock.monotonicMs();
    }
    let answer =
      untaken.characters > ANSWER_CHARACTERS_MAX
        ? notBegun(call, RPC_CODE.resultTooLarge, TOO_LARGE)
        : nowMs - startedAtMs > BATCH_MS_MAX
          ? notBegun(call, RPC_CODE.timedOut, TIMED_OUT)
          : answerCall(deps, call);
    if (typeof answer === 'string') {
      const { length } = answer;
      if (isLong(untaken.characters + length) && !untaken.hasRoom(length)) answer = noRoom(untaken, call);
      untaken.hold(answer.length);
    }
    answers.push(answer);
  }
  const told: string[] = [];
  for (const answer of answers) {
    const text = await answer;
    if (text !== undefined) told.push(text);
  }
  return told.length === 0 ? undefined : `[${told.join(',')}]`;
}

const TOO_LARGE = `response too large: the answers before this call have more than ${ANSWER_CHARACTERS_MAX} characters; nothing was done for this call, ask it in a batch of its own`;
const TIMED_OUT = `request timed out: the calls before this one took more than ${BATCH_MS_MAX / 1000} s; nothing was done for this call, ask it in a batch of its own`;

const noRoom = (untaken: Untaken, call: unknown): string =>
  rpcErrorText(
    readRpcRequest(call)?.id ?? null,
    RPC_CODE.serverError,
    `too many long answers wait to be taken: expected at most ${untaken.charactersMax} characters together; try again later, what the call asked for may have been done`,
  );

function notBegun(call: unknown, code: number, text: string): string | undefined {
  const request = readRpcRequest(call);
  if (request?.isNotification === true) return undefined;
  return rpcErrorText(request?.id ?? null, code, text);
}

function answerCall(deps: DispatchDeps, value: unknown): Answered {
  const request = readRpcRequest(value);
  if (request === null) {
    const { id, expected } = rpcRequestProblem(value);
    return rpcErrorText(id, RPC_CODE.invalidRequest, `invalid request: expected ${expected}`);
  }
  const answer = outcomeOf(deps, request);
  if (!request.isNotification) return answer;
  return typeof answer === 'string' ? undefined : answer.then(() => undefined);
}

function outcomeOf(deps: DispatchDeps, request: RpcRequest): string | Promise<string> {
  const { id, method, params } = request;
  if (!isRpcMethod(method)) return absent(id, method, 'rpc_modules names the modules');
  const handler = deps.handlers[method];
  if (handler === undefined) return absent(id, method, deps.absence?.(method) ?? 'this node does not serve it');
  const toText = (result: Awaited<ReturnType<RpcHandlers[RpcMethod]>>): string => resultText(id, method, result);
  const toError = (error: unknown): string => errorText(deps, id, error);
  try {
    const result = call(handler, method, params);
    return result instanceof Promise ? result.then(toText).catch(toError) : toText(result);
  } catch (error) {
    return toError(error);
  }
}

const call = <M extends RpcMethod>(handler: RpcHandlers[M], method: M, params: unknown) =>
  handler(...decodeRpcParams(method, params));

function resultText<M extends RpcMethod>(id: RpcId, method: M, result: RpcResult<M>): string {
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(encodeRpcResult(method, result))}}`;
  if (text.length <= ANSWER_CHARACTERS_MAX) return text;
  throw new RpcFault({
    code: RPC_CODE.resultTooLarge,
    message: `response too large: expected at most ${ANSWER_CHARACTERS_MAX} characters, got ${text.length}; ask for a part of it`,
  });
}

function errorText(deps: DispatchDeps, id: RpcId, error: unknown): string {
  if (error instanceof RpcFault) return answerText(id, error.error);
  if (error instanceof RpcShapeError) return rpcErrorText(id, RPC_CODE.invalidParams, error.message);
  deps.report(error);
  return rpcErrorText(
    id,
    RPC_CODE.internalError,
    'The node failed. Whether the call had an effect is unknown: ask before repeating it.',
  );
}

const absent = (id: RpcId, method: string, why: string): string =>
  rpcErrorText(
    id,
    RPC_CODE.methodNotFound,
    `the method ${JSON.stringify(method)} does not exist/is not available; ${why}`,
  );

/** The text of an answer that is an error. */
export const rpcErrorText = (id: RpcId, code: number, message: string): string => answerText(id, { code, message });

const answerText = (id: RpcId, error: RpcErrorObject): string => JSON.stringify({ jsonrpc: '2.0', id, error });

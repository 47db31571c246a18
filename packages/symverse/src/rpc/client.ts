/** A typed JSON-RPC client. What the node sends is untrusted: ids, shapes and sizes are checked, and anything else is `unknown`. */
import { RpcShapeError, type Json } from './codec.ts';
import { readRpcAnswer } from './envelope.ts';
import { RpcResponseError, RpcUnknownError } from './errors.ts';
import { decodeRpcResult, encodeRpcParams, type RpcArguments, type RpcMethod, type RpcResult } from './schema.ts';

/** Carries a request to a node and brings the answer's text back. Throws only `RpcUnknownError`. */
export interface RpcTransport {
  /** Sends a body once, never again by itself. Gives up after `timeoutMs`, and on more than `responseBytesMax` bytes. */
  post(
    body: string,
    limits: { readonly timeoutMs: number; readonly responseBytesMax: number },
  ): Promise<RpcTransportAnswer>;
}

export interface RpcTransportAnswer {
  /** HTTP status, or 200 where the transport has none. */
  readonly status: number;
  readonly text: string;
}

/** A call within a batch. */
export type RpcCall = {
  readonly [M in RpcMethod]: { readonly method: M; readonly params: Readonly<RpcArguments<M>> };
}[RpcMethod];

/** What became of one call of a batch. */
export type RpcOutcome<M extends RpcMethod> =
  | { readonly ok: true; readonly result: RpcResult<M> }
  | { readonly ok: false; readonly error: RpcResponseError | RpcUnknownError };

export interface RpcClient {
  /** Calls one method. Throws `RpcResponseError` when the node answers an error, `RpcUnknownError` when no usable answer comes. */
  call<M extends RpcMethod>(method: M, ...params: RpcArguments<M>): Promise<RpcResult<M>>;
  /** Calls many methods in one request (several when there are more than `batchMax`). Never throws for the network: each call has its own outcome, in order. */
  batch<const Calls extends readonly RpcCall[]>(
    calls: Calls,
  ): Promise<{ [I in keyof Calls]: RpcOutcome<Calls[I]['method']> }>;
}

export interface RpcClientOptions {
  readonly transport: RpcTransport;
  /** For one request, from its start to the last byte of the answer. */
  readonly timeoutMs?: number;
  readonly responseBytesMax?: number;
  /** Calls in one request. */
  readonly batchMax?: number;
}

/** A block of 188,495,520 gas holds 3,846 transfers of about 600 characters each in JSON. */
const RESPONSE_BYTES_MAX = 8 * 1024 * 1024;

/** A client over a transport. It keeps nothing but the count of its ids. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const { transport, timeoutMs = 10_000, responseBytesMax = RESPONSE_BYTES_MAX, batchMax = 100 } = options;
  let lastId = 0;

  const send = async (body: Json): Promise<{ status: number; value: unknown }> => {
    const { status, text } = await transport.post(JSON.stringify(body), { timeoutMs, responseBytesMax });
    try {
      return { status, value: JSON.parse(text) };
    } catch (cause) {
      throw new RpcUnknownError(
        'garbage',
        `Expected JSON from the node, got HTTP status ${status} with ${text.length} characters of something else.`,
        { cause },
      );
    }
  };

  const sendChunk = async (calls: readonly RpcCall[]): Promise<RpcOutcome<RpcMethod>[]> => {
    const requests = calls.map(({ method, params }) => ({
      jsonrpc: '2.0',
      id: ++lastId,
      method,
      params: encodeRpcParams(method, params),
    }));
    try {
      const { status, value } = await send(requests);
      if (!Array.isArray(value))
        throw new RpcUnknownError(
          'garbage',
          `Expected a batch of answers, got HTTP status ${status} with something else.`,
        );
      // The first answer with an id counts. An answer that nobody asked for is not looked at.
      const byId = new Map<unknown, unknown>();
      for (const answer of value as readonly unknown[]) {
        const id = readRpcAnswer(answer)?.id;
        if (!byId.has(id)) byId.set(id, answer);
      }
      return requests.map(({ id, method }) => outcome(method, () => readResult(method, id, byId.get(id), status)));
    } catch (error) {
      if (!(error instanceof RpcUnknownError)) throw error;
      return requests.map(() => ({ ok: false, error }));
    }
  };

  return {
    async call(method, ...params) {
      const id = ++lastId;
      const { status, value } = await send({ jsonrpc: '2.0', id, method, params: encodeRpcParams(method, params) });
      return readResult(method, id, value, status);
    },
    async batch<const Calls extends readonly RpcCall[]>(calls: Calls) {
      const outcomes: RpcOutcome<RpcMethod>[] = [];
      for (let start = 0; start < calls.length; start += batchMax) {
        outcomes.push(...(await sendChunk(calls.slice(start, start + batchMax))));
      }
      return outcomes as { [I in keyof Calls]: RpcOutcome<Calls[I]['method']> };
    },
  };
}

function readResult<M extends RpcMethod>(method: M, id: number, value: unknown, status: number): RpcResult<M> {
  const answer = readRpcAnswer(value);
  if (answer === null || answer.id !== id) {
    throw new RpcUnknownError(
      'garbage',
      `Expected the answer with id ${id} to ${method}, got HTTP status ${status} with another or none.`,
    );
  }
  if (answer.error !== undefined) throw new RpcResponseError(method, answer.error);
  try {
    return decodeRpcResult(method, answer.result);
  } catch (cause) {
    if (!(cause instanceof RpcShapeError)) throw cause;
    throw new RpcUnknownError('garbage', `The node's answer to ${method} has the wrong shape. ${cause.message}`, {
      cause,
    });
  }
}

function outcome<M extends RpcMethod>(_method: M, read: () => RpcResult<M>): RpcOutcome<M> {
  try {
    return { ok: true, result: read() };
  } catch (error) {
    if (error instanceof RpcResponseError || error instanceof RpcUnknownError) return { ok: false, error };
    throw error;
  }
}

/**
 * The node's JSON-RPC as one typed map: method → parameters → result. The client (`client.ts`) and the work node's server
 * are both checked against it. Method names, positions and field names are the chain's (symjs 1.0.6 and the developer documents).
 */
import { RpcShapeError, type Codec, type Json, type OptionalCodec } from './codec.ts';
import { CITIZEN_METHODS, type rpcCitizen, type rpcCitizenBlock, type rpcCitizenState } from './schema/citizen.ts';
import { DEBUG_METHODS, type rpcSctCall } from './schema/debug.ts';
import {
  JIGEUM_METHODS,
  type rpcBalanceProof,
  type rpcCitizenProof,
  type rpcContractAccountProof,
  type rpcContractProof,
  type rpcTransactionProof,
} from './schema/jigeum.ts';
import { KEY_METHODS, type rpcCitizenRequest, type rpcTransactionRequest } from './schema/keys.ts';
import type { Method } from './schema/method.ts';
import { NODE_METHODS } from './schema/node.ts';
import { ORACLE_METHODS } from './schema/oracle.ts';
import { SCT_METHODS, type rpcContract, type rpcContractAccount, type rpcContractItem } from './schema/sct.ts';
import { SCT_VOTE_METHODS } from './schema/sct-vote.ts';
import { SUBSCRIPTION_METHODS } from './schema/subscription.ts';
import {
  SYM_METHODS,
  rpcHead,
  type rpcBlock,
  type rpcCall,
  type rpcReceipt,
  type rpcTransaction,
} from './schema/sym.ts';
import { TXPOOL_METHODS } from './schema/txpool.ts';
import { WARRANT_METHODS } from './schema/warrant.ts';

/** Every method that this package speaks. */
export const RPC_METHODS = {
  ...NODE_METHODS,
  ...SYM_METHODS,
  ...SUBSCRIPTION_METHODS,
  ...SCT_METHODS,
  ...SCT_VOTE_METHODS,
  ...CITIZEN_METHODS,
  ...WARRANT_METHODS,
  ...ORACLE_METHODS,
  ...TXPOOL_METHODS,
  ...DEBUG_METHODS,
  ...KEY_METHODS,
  ...JIGEUM_METHODS,
} as const;

type Methods = typeof RPC_METHODS;
/** The name of a method of the schema. */
export type RpcMethod = keyof Methods;

type Arguments<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? First extends OptionalCodec<infer T>
    ? [argument?: T, ...rest: Arguments<Rest>]
    : First extends Codec<infer T>
      ? [argument: T, ...rest: Arguments<Rest>]
      : never
  : [];
type Decoded<P extends readonly unknown[]> = { [I in keyof P]: P[I] extends Codec<infer T> ? T : never };

/** What a caller passes: trailing block tags may be left out. */
export type RpcArguments<M extends RpcMethod> = Arguments<Methods[M]['params']>;
/** What a server gets: every parameter is there. */
export type RpcParams<M extends RpcMethod> = Decoded<Methods[M]['params']>;
/** What a method gives. */
export type RpcResult<M extends RpcMethod> = Methods[M]['result'] extends Codec<infer T> ? T : never;
/** One handler for each method: what a server implements. A node may leave methods out and answers -32601 for them. */
export type RpcHandlers = {
  readonly [M in RpcMethod]: (...params: RpcParams<M>) => RpcResult<M> | Promise<RpcResult<M>>;
};

/** Methods that sign with keys which a node keeps, or keep them. */
export type RpcKeyMethod = keyof typeof KEY_METHODS;
/** Methods that only a connection can answer on which the node may speak by itself. */
export type RpcSubscriptionMethod = keyof typeof SUBSCRIPTION_METHODS;

export type RpcTransactionRequest = typeof rpcTransactionRequest extends Codec<infer T> ? T : never;
export type RpcCitizenRequest = typeof rpcCitizenRequest extends Codec<infer T> ? T : never;
export type RpcHead = typeof rpcHead extends Codec<infer T> ? T : never;
export type RpcBlock = typeof rpcBlock extends Codec<infer T> ? T : never;
export type RpcTransaction = typeof rpcTransaction extends Codec<infer T> ? T : never;
export type RpcReceipt = typeof rpcReceipt extends Codec<infer T> ? T : never;
export type RpcContract = typeof rpcContract extends Codec<infer T> ? T : never;
export type RpcContractAccount = typeof rpcContractAccount extends Codec<infer T> ? T : never;
export type RpcContractItem = typeof rpcContractItem extends Codec<infer T> ? T : never;
export type RpcCitizen = typeof rpcCitizen extends Codec<infer T> ? T : never;
export type RpcCitizenBlock = typeof rpcCitizenBlock extends Codec<infer T> ? T : never;
export type RpcSctCall = typeof rpcSctCall extends Codec<infer T> ? T : never;
export type RpcCitizenState = typeof rpcCitizenState extends Codec<infer T> ? T : never;
export type RpcTransactionProof = typeof rpcTransactionProof extends Codec<infer T> ? T : never;
export type RpcBalanceProof = typeof rpcBalanceProof extends Codec<infer T> ? T : never;
export type RpcCitizenProof = typeof rpcCitizenProof extends Codec<infer T> ? T : never;
export type RpcContractAccountProof = typeof rpcContractAccountProof extends Codec<infer T> ? T : never;
export type RpcContractProof = typeof rpcContractProof extends Codec<infer T> ? T : never;
export type RpcCallObject = typeof rpcCall extends Codec<infer T> ? T : never;

/** True for a method that needs keys in the node. */
export const isRpcKeyMethod = (name: string): name is RpcKeyMethod => Object.hasOwn(KEY_METHODS, name);

/** True for a method of the schema. */
export const isRpcMethod = (name: string): name is RpcMethod => Object.hasOwn(RPC_METHODS, name);

/** Parameters from a request. Throws an `RpcShapeError` (answer it with -32602) for a missing, surplus or misshapen one. */
export function decodeRpcParams<M extends RpcMethod>(name: M, params: unknown): RpcParams<M> {
  const { params: codecs, names } = untyped(name);
  const given = params === undefined || params === null ? [] : params;
  if (!Array.isArray(given)) throw new RpcShapeError(name, 'parameters as a list', params);
  if (given.length > codecs.length) throw new RpcShapeError(name, `at most ${codecs.length} parameters`, given);
  return codecs.map((codec, index) => {
    const value: unknown = given[index];
    if ((value === undefined || value === null) && 'fallback' in codec) return codec.fallback;
    return codec.decode(value, `${name} parameter ${index + 1} (${names[index]})`);
  }) as RpcParams<M>;
}

/** Parameters for a request, as JSON. */
export function encodeRpcParams<M extends RpcMethod>(name: M, args: Readonly<RpcArguments<M>>): Json[] {
  const given = args as readonly unknown[];
  return untyped(name).params.flatMap((codec, index) => {
    const value = given[index] ?? ('fallback' in codec ? codec.fallback : undefined);
    return [codec.encode(value)];
  });
}

/** A result for an answer, as JSON. */
export const encodeRpcResult = <M extends RpcMethod>(name: M, result: RpcResult<M>): Json =>
  untyped(name).result.encode(result);

/** A result from an answer. Throws an `RpcShapeError` when the node's JSON has not the shape of the method's result. */
export const decodeRpcResult = <M extends RpcMethod>(name: M, result: unknown): RpcResult<M> =>
  untyped(name).result.decode(result, `${name} result`) as RpcResult<M>;

/** A new head, as JSON for a subscriber. */
export const encodeRpcHead = (head: RpcHead): Json => rpcHead.encode(head);

const untyped = (name: RpcMethod): Method<readonly Codec<unknown>[], unknown> => RPC_METHODS[name];

/**
 * The node's JSON-RPC as one typed map: method → parameters → result. The client (`client.ts`) and the work node's server
 * are both checked against it. Method names, positions and field names are the chain's (symjs 1.0.6 and the developer documents).
 */
import {
  address,
  arrayOf,
  blockTag,
  boolean,
  data,
  dataOf,
  either,
  hash,
  literal,
  nullable,
  object,
  optionalParam,
  quantity,
  RpcShapeError,
  text,
  textMap,
  withAlias,
  type Codec,
  type Json,
  type OptionalCodec,
} from './codec.ts';
import { TRANSACTION_BYTES_MAX } from '../transaction/transaction.ts';

interface Method<P extends readonly Codec<unknown>[], R> {
  readonly params: P;
  readonly names: readonly string[];
  readonly result: Codec<R>;
}

/** A method: its parameters as [name, codec] in order (optional ones last), and its result. */
function method<const P extends readonly (readonly [string, Codec<unknown>])[], R>(
  params: P,
  result: Codec<R>,
): Method<{ [I in keyof P]: P[I][1] }, R> {
  return {
    params: params.map(([, codec]) => codec) as { [I in keyof P]: P[I][1] },
    names: params.map(([name]) => name),
    result,
  };
}

const atLatest = ['block', optionalParam(blockTag, 'latest')] as const;
const raw = dataOf(TRANSACTION_BYTES_MAX);

/** A transaction as the node shows it; block fields are null while it waits. */
export const rpcTransaction = object(
  {
    blockHash: nullable(hash),
    blockNumber: nullable(quantity),
    transactionIndex: nullable(quantity),
    hash,
    from: address,
    nonce: quantity,
    gasPrice: quantity,
    gas: quantity,
    to: nullable(address),
    value: quantity,
    input: data,
    type: quantity,
    workNodes: nullable(arrayOf(address, 8)),
    v: quantity,
    r: quantity,
    s: quantity,
  },
  { extraData: data },
);

/** A log entry; SCT calls make none. */
export const rpcLog = object({ address, topics: arrayOf(hash, 4), data });

/** What became of a transaction. `errCode` is there only when an SCT call failed. */
export const rpcReceipt = object(
  {
    blockHash: hash,
    blockNumber: quantity,
    transactionHash: hash,
    transactionIndex: quantity,
    from: address,
    to: nullable(address),
    contractAddress: nullable(address),
    gasUsed: quantity,
    cumulativeGasUsed: quantity,
    status: quantity,
    logs: arrayOf(rpcLog, 1024),
    logsBloom: dataOf(256),
  },
  { errCode: quantity },
);

const rpcReward = object({ symId: address, value: quantity, type: quantity }, { extra: data, hash });

type RpcTransactionValue = typeof rpcTransaction extends Codec<infer T> ? T : never;
const isHash = (value: `0x${string}` | RpcTransactionValue): value is `0x${string}` => typeof value === 'string';

/** A main block; its transactions are hashes or whole, as was asked. `timeStamp` is unix seconds. */
export const rpcBlock = withAlias(
  object({
    number: quantity,
    hash,
    parentHash: hash,
    primary: address,
    stateRoot: hash,
    sctRoot: hash,
    transactionsRoot: hash,
    rewardRoot: hash,
    receiptsRoot: hash,
    cbHash: hash,
    wbHash: hash,
    obHash: hash,
    cbNum: quantity,
    wbNum: quantity,
    obNum: quantity,
    activeCbNum: quantity,
    activeWbNum: quantity,
    activeObNum: quantity,
    logsBloom: dataOf(256),
    tickStamp: quantity,
    timeStamp: quantity,
    gasLimit: quantity,
    gasUsed: quantity,
    extraData: data,
    size: quantity,
    transactions: arrayOf(either(hash, rpcTransaction, isHash)),
    rewards: arrayOf(rpcReward, 1024),
    validatorInfos: arrayOf(address, 256),
    signInfo: object({ mbNum: quantity, sign: dataOf(64) }, { extraData: data }),
  }),
  'timeStamp',
  'timestamp',
);

/** What an SCT contract is. `lock` is SCT21's, `cpoint` SCT40's; `stateCode` 0x0 is active. */
export const rpcContract = object(
  { creator: address, owner: address, name: text(), symbol: text(), state: text(), total: quantity, type: text(32) },
  { stateCode: quantity, lock: quantity, cpoint: quantity },
);

/** What one SymID holds of a contract: `balance` of tokens, and for SCT21 what is locked. */
export const rpcContractAccount = object(
  { balance: quantity },
  { lockBalance: quantity, state: text(), stateCode: quantity },
);

/** What the chain keeps of a SymID. */
export const rpcCitizenState = object({
  ca: address,
  aKeyPubH: dataOf(20),
  nonce: quantity,
  vFlag: quantity,
  country: quantity,
  status: quantity,
  credit: quantity,
  role: quantity,
  refCode: quantity,
  writeTime: quantity,
});

/** A citizen record; block fields are null while it waits. */
export const rpcCitizen = object(
  {
    blockHash: nullable(hash),
    blockNumber: nullable(quantity),
    citizenIndex: nullable(quantity),
    hash,
    from: address,
    to: address,
    nonce: quantity,
    symId: address,
    aKeyPubH: dataOf(20),
    vFlag: quantity,
    country: quantity,
    status: quantity,
    credit: quantity,
    role: quantity,
    refCode: quantity,
    writeTime: quantity,
    v: quantity,
    r: quantity,
    s: quantity,
  },
  { extra: data },
);

const rpcSyncing = object({ startingBlock: quantity, currentBlock: quantity, highestBlock: quantity });
type SyncingValue = typeof rpcSyncing extends Codec<infer T> ? T : never;
const isFalse = (value: false | SyncingValue): value is false => value === false;

/** What a transaction would be, for an estimate. Left out: `to` creates, `type` is 0, `input` empty. */
export const rpcCall = object(
  {},
  {
    from: address,
    to: address,
    gas: quantity,
    gasPrice: quantity,
    value: quantity,
    input: raw,
    data: raw,
    type: quantity,
    nonce: quantity,
  },
);

/** Every method that this package speaks. */
export const RPC_METHODS = {
  web3_clientVersion: method([], text()),
  web3_sha3: method([['data', data]], hash),
  net_version: method([], text(32)),
  net_listening: method([], boolean),
  net_peerCount: method([], quantity),
  rpc_modules: method([], textMap),
  sym_protocolVersion: method([], text(32)),
  sym_syncing: method([], either(literal(false), rpcSyncing, isFalse)),
  sym_symbase: method([], address),
  sym_gasPrice: method([], quantity),
  sym_accounts: method([], arrayOf(address)),
  sym_blockNumber: method([], quantity),
  sym_getBalance: method([['symId', address], atLatest], quantity),
  sym_getTransactionCount: method([['symId', address], atLatest], quantity),
  sym_getBlockByHash: method(
    [
      ['hash', hash],
      ['isFull', optionalParam(boolean, false)],
    ],
    nullable(rpcBlock),
  ),
  sym_getBlockByNumber: method(
    [
      ['block', blockTag],
      ['isFull', optionalParam(boolean, false)],
    ],
    nullable(rpcBlock),
  ),
  sym_getBlockTransactionCountByHash: method([['hash', hash]], nullable(quantity)),
  sym_getBlockTransactionCountByNumber: method([['block', blockTag]], nullable(quantity)),
  sym_getTransactionByHash: method([['hash', hash]], nullable(rpcTransaction)),
  sym_getTransactionByBlockHashAndIndex: method(
    [
      ['hash', hash],
      ['index', quantity],
    ],
    nullable(rpcTransaction),
  ),
  sym_getTransactionByBlockNumberAndIndex: method(
    [
      ['block', blockTag],
      ['index', quantity],
    ],
    nullable(rpcTransaction),
  ),
  sym_getTransactionReceipt: method([['hash', hash]], nullable(rpcReceipt)),
  sym_getDeposit: method(
    [['symId', address], atLatest],
    object({ account: address, balance: quantity, deposit: quantity }),
  ),
  sym_estimateGas: method([['transaction', rpcCall]], quantity),
  sym_sendRawTransaction: method([['raw', raw]], hash),
  sct_getContract: method([['contract', address], atLatest], nullable(rpcContract)),
  sct_getContractAccount: method([['contract', address], ['symId', address], atLatest], nullable(rpcContractAccount)),
  sct_getAllowance: method(
    [['contract', address], ['owner', address], ['spender', address], atLatest],
    nullable(object({ balance: quantity })),
  ),
  citizen_blockNumber: method([], quantity),
  citizen_getCitizenBySymID: method([['symId', address], atLatest], nullable(rpcCitizenState)),
  citizen_getRawCitizenBySymID: method([['symId', address], atLatest], nullable(data)),
  citizen_getCitizenByHash: method([['hash', hash]], nullable(rpcCitizen)),
  citizen_getCitizenCount: method([atLatest], quantity),
  citizen_sendRawCitizen: method([['raw', raw]], hash),
  txpool_status: method([], object({ pending: quantity, queued: quantity })),
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

export type RpcBlock = typeof rpcBlock extends Codec<infer T> ? T : never;
export type RpcTransaction = RpcTransactionValue;
export type RpcReceipt = typeof rpcReceipt extends Codec<infer T> ? T : never;
export type RpcContract = typeof rpcContract extends Codec<infer T> ? T : never;
export type RpcContractAccount = typeof rpcContractAccount extends Codec<infer T> ? T : never;
export type RpcCitizen = typeof rpcCitizen extends Codec<infer T> ? T : never;
export type RpcCitizenState = typeof rpcCitizenState extends Codec<infer T> ? T : never;
export type RpcCallObject = typeof rpcCall extends Codec<infer T> ? T : never;

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

const untyped = (name: RpcMethod): Method<readonly Codec<unknown>[], unknown> => RPC_METHODS[name];

/** `sym_*`: coins, blocks, transactions and receipts. */
import {
  address,
  arrayOf,
  blockTag,
  data,
  dataOf,
  either,
  hash,
  hashOr,
  literal,
  nullable,
  object,
  quantity,
  quantityOrNumber,
  text,
  withAlias,
  type Codec,
} from '../codec.ts';
import { atLatest, blockByHash, blockByNumber, method, raw, sentTransaction } from './method.ts';

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

/** A reward of a block, when it is asked for by its hash. Documents show numbers in place of QUANTITY. */
export const rpcPlacedReward = object({
  blockHash: hash,
  blockNumber: quantityOrNumber,
  rewardIndex: quantityOrNumber,
  symId: address,
  value: quantityOrNumber,
  type: quantityOrNumber,
  extra: data,
  hash,
});

const rpcReward = object({ symId: address, value: quantity, type: quantity }, { extra: data, hash });

const headFields = {
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
} as const;

/** Documents write the time of a block under two names. */
const withTime = <T>(codec: Codec<T>): Codec<T> => withAlias(codec, 'timeStamp', 'timestamp');

/** The header of a main block and its hash: what subscribers of new heads are told. `timeStamp` is unix seconds. */
export const rpcHead = withTime(object(headFields));

/** A main block; its transactions are hashes or whole, as was asked. `timeStamp` is unix seconds. */
export const rpcBlock = withTime(
  object({
    ...headFields,
    size: quantity,
    transactions: arrayOf(hashOr(rpcTransaction)),
    rewards: arrayOf(rpcReward, 1024),
    validatorInfos: arrayOf(address, 256),
    signInfo: object({ mbNum: quantity, sign: dataOf(64) }, { extraData: data }),
  }),
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

export const SYM_METHODS = {
  sym_protocolVersion: method([], text(32)),
  sym_syncing: method([], either(literal(false), rpcSyncing, isFalse)),
  sym_symbase: method([], address),
  sym_gasPrice: method([], quantity),
  sym_accounts: method([], arrayOf(address)),
  sym_blockNumber: method([], quantity),
  sym_getBalance: method([['symId', address], atLatest], quantity),
  sym_getTransactionCount: method([['symId', address], atLatest], quantity),
  sym_getBlockByHash: method(blockByHash, nullable(rpcBlock)),
  sym_getBlockByNumber: method(blockByNumber, nullable(rpcBlock)),
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
  sym_getReward: method([['hash', hash]], nullable(rpcPlacedReward)),
  sym_getCode: method([['symId', address], atLatest], data),
  sym_call: method([['transaction', rpcCall], atLatest], data),
  sym_estimateGas: method([['transaction', rpcCall]], quantity),
  sym_sendRawTransaction: method([['raw', sentTransaction]], hash),
} as const;

/** `warrant_*`: the chain of those who seal a network's blocks. */
import {
  address,
  arrayOf,
  blockTag,
  boolean,
  data,
  dataOf,
  either,
  hash,
  nullable,
  object,
  optionalParam,
  quantity,
  type Codec,
} from '../codec.ts';
import { blockByHash, blockByNumber, method } from './method.ts';

/** One who seals. `group` 0 is A, 1 is B; `elected` and `finished` are main blocks. */
export const rpcWarrant = object({
  symId: address,
  bKeyPub: dataOf(128),
  bKeyPubSigned: dataOf(65),
  group: quantity,
  elected: quantity,
  finished: quantity,
  extraData: data,
  hash,
});

type WarrantValue = typeof rpcWarrant extends Codec<infer T> ? T : never;
const isHash = (value: `0x${string}` | WarrantValue): value is `0x${string}` => typeof value === 'string';

/** A block of the warrant chain: who seals the main blocks from `beginMbNum` to `endMbNum`. */
export const rpcWarrantBlock = object({
  number: quantity,
  hash,
  parentHash: hash,
  relatedMbNum: quantity,
  beginMbNum: quantity,
  endMbNum: quantity,
  warrantsRoot: hash,
  size: quantity,
  warrants: arrayOf(either(hash, rpcWarrant, isHash), 1024),
});

/** A block of the warrant chain by name, number (as text or as a JSON number) or hash. */
const blockOrHash: Codec<string> = {
  decode(value, at) {
    if (typeof value === 'string' && value.length === 66) return hash.decode(value, at);
    const tag = blockTag.decode(typeof value === 'number' ? numberTag(value) : value, at);
    return typeof tag === 'bigint' ? (quantity.encode(tag) as string) : tag;
  },
  encode: (value) => value,
};
const numberTag = (value: number): unknown =>
  Number.isSafeInteger(value) && value >= 0 ? `0x${value.toString(16)}` : value;

const warrants = nullable(arrayOf(rpcWarrant, 1024));

export const WARRANT_METHODS = {
  warrant_blockNumber: method([], quantity),
  warrant_getWarrantsByBlockHash: method([['hash', hash]], warrants),
  // sym-web3js sends a second parameter, which means nothing.
  warrant_getWarrantsByBlockNumber: method(
    [
      ['block', blockTag],
      ['isFull', optionalParam(boolean, false)],
    ],
    warrants,
  ),
  warrant_getBlockByHash: method(blockByHash, nullable(rpcWarrantBlock)),
  warrant_getBlockByNumber: method(blockByNumber, nullable(rpcWarrantBlock)),
  warrant_getRewardAddr: method(
    [
      ['symId', address],
      ['block', blockOrHash],
    ],
    nullable(address),
  ),
} as const;

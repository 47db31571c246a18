/** `oracle_*`: the chain of the parameters from which a network computes rewards. */
import { address, arrayOf, data, either, hash, nullable, object, quantity, text, type Codec } from '../codec.ts';
import { atLatest, blockByHash, blockByNumber, method, raw } from './method.ts';

/** An oracle's record; block fields are null while it waits. `data` is JSON in UTF-8. */
export const rpcOracle = object({
  blockHash: nullable(hash),
  blockNumber: nullable(quantity),
  oracleIndex: nullable(quantity),
  hash,
  from: address,
  to: address,
  nonce: quantity,
  data,
  extra: data,
  v: quantity,
  r: quantity,
  s: quantity,
});

type OracleValue = typeof rpcOracle extends Codec<infer T> ? T : never;
const isHash = (value: `0x${string}` | OracleValue): value is `0x${string}` => typeof value === 'string';

/** A block of the oracle chain; its records are hashes or whole, as was asked. */
export const rpcOracleBlock = object({
  number: quantity,
  hash,
  parentHash: hash,
  stateRoot: hash,
  relatedMbNum: quantity,
  oraclesRoot: hash,
  size: quantity,
  oracles: arrayOf(either(hash, rpcOracle, isHash), 1024),
});

export const ORACLE_METHODS = {
  oracle_blockNumber: method([], quantity),
  oracle_getOracleByHash: method([['hash', hash]], nullable(rpcOracle)),
  oracle_getRawOracleByHash: method([['hash', hash]], nullable(data)),
  oracle_getOracleCount: method([['symId', address], atLatest], quantity),
  oracle_pendingOracles: method([], nullable(arrayOf(rpcOracle, 1024))),
  oracle_getBlockByHash: method(blockByHash, nullable(rpcOracleBlock)),
  oracle_getBlockByNumber: method(blockByNumber, nullable(rpcOracleBlock)),
  oracle_sendOracle: method([['oracle', object({ from: address, data }, { nonce: quantity })]], hash),
  oracle_sendOracleJSON: method(
    [
      ['from', address],
      ['json', text(16_384)],
    ],
    hash,
  ),
  oracle_sendRawOracle: method([['raw', raw]], hash),
} as const;

/** `citizen_*`: who a SymID is, and the records of CAs. */
import {
  address,
  arrayOf,
  blockTag,
  data,
  dataOf,
  either,
  hash,
  nullable,
  object,
  quantity,
  text,
  type Codec,
} from '../codec.ts';
import { atLatest, blockByHash, blockByNumber, method, raw } from './method.ts';

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

type CitizenValue = typeof rpcCitizen extends Codec<infer T> ? T : never;
const isHash = (value: `0x${string}` | CitizenValue): value is `0x${string}` => typeof value === 'string';

/** A block of the citizen chain; its records are hashes or whole, as was asked. `extraData` is ours: the hash cannot be recomputed without it. */
export const rpcCitizenBlock = object(
  {
    number: quantity,
    hash,
    parentHash: hash,
    stateRoot: hash,
    relatedMbNum: quantity,
    citizensRoot: hash,
    size: quantity,
    citizens: arrayOf(either(hash, rpcCitizen, isHash)),
  },
  { extraData: data },
);

export const CITIZEN_METHODS = {
  citizen_blockNumber: method([], quantity),
  citizen_getCitizenBySymID: method([['symId', address], atLatest], nullable(rpcCitizenState)),
  citizen_getRawCitizenBySymID: method([['symId', address], atLatest], nullable(data)),
  citizen_getCitizenByHash: method([['hash', hash]], nullable(rpcCitizen)),
  citizen_getRawCitizenByHash: method([['hash', hash]], nullable(data)),
  citizen_getCitizensByBlockNumber: method([['block', blockTag]], nullable(arrayOf(rpcCitizen))),
  citizen_getBlockByHash: method(blockByHash, nullable(rpcCitizenBlock)),
  citizen_getBlockByNumber: method(blockByNumber, nullable(rpcCitizenBlock)),
  citizen_getBlockCitizenCountByHash: method([['hash', hash]], nullable(quantity)),
  citizen_getBlockCitizenCountByNumber: method([['block', blockTag]], nullable(quantity)),
  citizen_pendingCitizens: method([], nullable(arrayOf(rpcCitizen))),
  citizen_getSymIDByUserID: method([['userId', text(20)], atLatest], nullable(address)),
  citizen_getCitizenCount: method([atLatest], quantity),
  citizen_sendRawCitizen: method([['raw', raw]], hash),
} as const;

/** `citizen_*`: who a SymID is, and the records of CAs. */
import { address, data, dataOf, hash, nullable, object, quantity } from '../codec.ts';
import { atLatest, method, raw } from './method.ts';

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

export const CITIZEN_METHODS = {
  citizen_blockNumber: method([], quantity),
  citizen_getCitizenBySymID: method([['symId', address], atLatest], nullable(rpcCitizenState)),
  citizen_getRawCitizenBySymID: method([['symId', address], atLatest], nullable(data)),
  citizen_getCitizenByHash: method([['hash', hash]], nullable(rpcCitizen)),
  citizen_getCitizenCount: method([atLatest], quantity),
  citizen_sendRawCitizen: method([['raw', raw]], hash),
} as const;

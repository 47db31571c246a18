/** Where a contract comes to live: an address made from its creator and the creating transaction's nonce. */
import { concatBytes } from '@jigeum/std';
import { sha3_256, type Sha3 } from './hash.ts';
import { encodeRlp, integerToBytes } from './rlp.ts';
import { symIdFromBytes, symIdToBytes, type SymId } from './symid.ts';

/**
 * `current`: 0xff and the first 9 bytes of SHA3-256(RLP([creator, nonce])), seen on the networks in 2022 and later.
 * `old`: the last 10 bytes, in the documents of 2019 and 2020. The block at which the rule changed is not published.
 */
export type ContractAddressRule = 'current' | 'old';

/** The address of the contract that `creator` makes with the transaction of this nonce. */
export function contractAddress(
  creator: SymId,
  nonce: bigint,
  rule: ContractAddressRule = 'current',
  sha3: Sha3 = sha3_256,
): SymId {
  const digest = sha3(encodeRlp([symIdToBytes(creator), integerToBytes(nonce)]));
  return symIdFromBytes(
    rule === 'current' ? concatBytes(Uint8Array.of(0xff), digest.subarray(0, 9)) : digest.slice(22),
  );
}

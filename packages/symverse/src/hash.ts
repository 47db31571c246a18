/** The chain's one hash: SHA3-256 (FIPS 202). It is not the keccak-256 of Ethereum. */
import { sha3_256 as nobleSha3 } from '@noble/hashes/sha3.js';

/** SHA3-256 of bytes: 32 bytes. */
export type Sha3 = (bytes: Uint8Array) => Uint8Array;

/** SHA3-256 in plain JavaScript; the native twin is in `@jigeum/symverse/native`. */
export const sha3_256: Sha3 = (bytes) => nobleSha3(bytes);

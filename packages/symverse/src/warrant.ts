/**
 * Warrant records: the nodes that may confirm main blocks for a term, listed in a warrant block. Nobody signs the record as a
 * whole. `bKeyPubSigned` is the account key's signature over the block key; what exactly it covers is not published and was
 * not found (the usual digests of the block key recover to no published key hash), so it is kept as bytes.
 */
import { bytes, decodeRecord, encodeRecord, fixedBytes, oneOf, symId, uint, type RecordOf } from './record.ts';
import { encodeRlp, viewRlp } from './rlp.ts';
import { sha3_256, type Sha3 } from './hash.ts';

/**
 * The fields in wire order. The sizes of both keys are those of the published records; the document of the chains has them
 * swapped.
 */
export const WARRANT_FIELDS = [
  ['symId', symId],
  ['bKeyPub', fixedBytes(128)],
  ['bKeyPubSigned', fixedBytes(65)],
  ['group', oneOf<0 | 1>(0, 1)],
  ['elected', uint(8)],
  ['finished', uint(8)],
  ['extra', bytes(1024)],
] as const;

/**
 * One warrant. `bKeyPub` is the key for block signatures (128 bytes), `bKeyPubSigned` r (32), s (32), v (1); `group` 0 is A
 * (the foundation's), 1 is B; `elected` and `finished` are the main block numbers of its term.
 */
export type Warrant = RecordOf<typeof WARRANT_FIELDS>;

const WARRANT_BYTES_MAX = 2048;

/** RLP of the seven fields. */
export const encodeWarrant = (warrant: Warrant): Uint8Array =>
  encodeRlp(encodeRecord(WARRANT_FIELDS, warrant, 'warrant'));

/** The record of its bytes. Refuses, naming the field, what `encodeWarrant` would not have written. */
export const decodeWarrant = (raw: Uint8Array): Warrant =>
  decodeRecord('warrant', WARRANT_FIELDS, viewRlp(raw, { bytesMax: WARRANT_BYTES_MAX, depthMax: 1 }));

/** The name of a record on the chain: SHA3-256 of its bytes. */
export const warrantHash = (raw: Uint8Array, sha3: Sha3 = sha3_256): Uint8Array => sha3(raw);

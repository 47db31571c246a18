/** Citizen records: what a CA writes on the chain to bind a SymID to a key hash. No personal data is in them. */
import { encodeRlp, integerToBytes, viewRlp } from './rlp.ts';
import { bytes, decodeRecord, encodeRecord, fixedBytes, oneOf, symId, uint, type RecordOf } from './record.ts';
import { nobleCrypto, type ProtocolCrypto } from './signature.ts';
import { recordSigningPayload, recoverRecordSigner, requireSignatureOrNone } from './signed-record.ts';
import { sha3_256, type Sha3 } from './hash.ts';

/** The thirteen fields that the CA signs, in wire order. */
export const UNSIGNED_CITIZEN_FIELDS = [
  ['from', symId],
  ['to', symId],
  ['nonce', uint(8)],
  ['symId', symId],
  ['aKeyPubH', fixedBytes(20)],
  ['vFlag', uint(2)],
  ['country', uint(2)],
  ['status', uint(1)],
  ['credit', uint(1)],
  ['role', uint(2)],
  ['refCode', uint(4)],
  ['writeTime', uint(32)],
  ['extra', bytes(1024)],
] as const;

/** All sixteen fields, in wire order. symjs 1.0.6 leaves `extra` out; its records belong to no network. */
export const CITIZEN_FIELDS = [
  ...UNSIGNED_CITIZEN_FIELDS,
  ['v', oneOf<0 | 1>(0, 1)],
  ['r', uint(32)],
  ['s', uint(32)],
] as const;

/** What the chain keeps of a citizen, in the order of `citizen_getRawCitizenBySymID`. */
export const CITIZEN_STATE_FIELDS = [
  ['ca', symId],
  ['nonce', uint(8)],
  ['aKeyPubH', fixedBytes(20)],
  ['vFlag', uint(2)],
  ['country', uint(2)],
  ['status', uint(1)],
  ['credit', uint(1)],
  ['role', uint(2)],
  ['refCode', uint(4)],
] as const;

/**
 * A record before it is signed. `from` is the CA, `to` is reserved, `nonce` the CA's, `aKeyPubH` the 20-byte key hash of the owner,
 * `writeTime` unix seconds (one live record holds ASCII text instead, so it is wide: see `writeTimeSeconds`).
 */
export type UnsignedCitizen = RecordOf<typeof UNSIGNED_CITIZEN_FIELDS>;
/** A record as it stands on the chain. Of the genesis block's, v, r and s are 0. */
export type Citizen = RecordOf<typeof CITIZEN_FIELDS>;
/** The current state of a SymID. */
export type CitizenState = RecordOf<typeof CITIZEN_STATE_FIELDS>;

/**
 * What a record's status means. Sources contradict each other in all but 1: the RPC documents have 2 locked, 3 marked, 4 revoked;
 * the paper on SymIDs 2 revoked, 3 locked, 5 marked; the one on the chains 2 revoked, 3 locked, 4 marked. The RPC documents
 * are followed, because their readers are this package's. Of another chain's citizens believe only "active".
 */
export const CITIZEN_STATUS = { active: 1n, locked: 2n, marked: 3n, revoked: 4n } as const;
/** A SymID in this status may do everything. */
export const CITIZEN_ACTIVE = CITIZEN_STATUS.active;
/** Bits of `vFlag`: how the CA has verified the person. */
export const CITIZEN_VERIFIED = { email: 1n, phone: 2n, nationalId: 4n, faceToFace: 8n, deposit: 16n } as const;
/** Values of `role`. */
export const CITIZEN_ROLE = { general: 1n, masterCa: 0xf0f0n, ca: 0xf0f1n, oracle: 0xf0f2n } as const;

/** Enough for every field at its bound. */
export const CITIZEN_BYTES_MAX = 2048;

/** A signed record with the bytes to send and the hash by which it is found. */
export interface SignedCitizen {
  readonly citizen: Citizen;
  readonly raw: Uint8Array;
  /** SHA3-256 of `raw`. */
  readonly hash: Uint8Array;
}

/** RLP of the sixteen fields. */
export const encodeCitizen = (citizen: Citizen): Uint8Array =>
  encodeRlp(encodeRecord(CITIZEN_FIELDS, citizen, 'citizen'));

/** The record of its bytes. Refuses, naming the field, what is not in its one form; and a signature that is neither canonical nor all zero. */
export function decodeCitizen(raw: Uint8Array): Citizen {
  const citizen = decodeRecord('citizen', CITIZEN_FIELDS, viewRlp(raw, { bytesMax: CITIZEN_BYTES_MAX, depthMax: 1 }));
  requireSignatureOrNone('citizen', citizen);
  return citizen;
}

/** The bytes whose SHA3-256 the CA signs: the thirteen fields followed by chain id, empty, empty. Refuses chain id 0. */
export const citizenSigningPayload = (citizen: UnsignedCitizen, chainId: bigint): Uint8Array =>
  recordSigningPayload(UNSIGNED_CITIZEN_FIELDS, citizen, chainId);

/** Signs a record with the CA's key. */
export function signCitizen(
  unsigned: UnsignedCitizen,
  chainId: bigint,
  privateKey: Uint8Array,
  crypto: ProtocolCrypto = nobleCrypto,
): SignedCitizen {
  const { v, r, s } = crypto.sign(crypto.sha3(citizenSigningPayload(unsigned, chainId)), privateKey);
  const citizen: Citizen = { ...unsigned, v, r, s };
  const raw = encodeCitizen(citizen);
  return { citizen, raw, hash: citizenHash(raw, crypto.sha3) };
}

/** The name of a record on the chain: SHA3-256 of its bytes. */
export const citizenHash = (raw: Uint8Array, sha3: Sha3 = sha3_256): Uint8Array => sha3(raw);

/**
 * The key hash (20 bytes) of the CA that signed the record; genuine when it equals the one that the chain holds for `from`.
 * Another chain id gives another key, never an error. Refuses an unsigned record with a `SignatureError`.
 */
export const recoverCitizenSigner = (
  citizen: Citizen,
  chainId: bigint,
  crypto: ProtocolCrypto = nobleCrypto,
): Uint8Array => recoverRecordSigner(citizenSigningPayload(citizen, chainId), citizen, crypto);

/**
 * A record's `writeTime` in unix seconds, or null when it is neither form in which it was seen: seconds as an integer, or the
 * ASCII text of an instant such as 2022-05-18T03:50:43Z, read as one big integer (a live citizen of the test network).
 */
export function writeTimeSeconds(writeTime: bigint): number | null {
  // The last second that a JavaScript Date can name.
  if (writeTime <= 8_640_000_000_000n) return Number(writeTime);
  const text = new TextDecoder('latin1').decode(integerToBytes(writeTime));
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return null;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}

/** RLP of what the chain keeps of a citizen. */
export const encodeCitizenState = (state: CitizenState): Uint8Array =>
  encodeRlp(encodeRecord(CITIZEN_STATE_FIELDS, state, 'citizen state'));

/** The state of its bytes; as strict as `decodeCitizen`. */
export const decodeCitizenState = (raw: Uint8Array): CitizenState =>
  decodeRecord('citizen state', CITIZEN_STATE_FIELDS, viewRlp(raw, { bytesMax: CITIZEN_BYTES_MAX, depthMax: 1 }));

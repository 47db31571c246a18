/**
 * Oracle records: the network's parameters (price of SYM, number and cost of nodes, bounds of the gas discount), published by
 * the oracle's account on a chain of their own. What the parameters do is not published: `data` stays bytes.
 */
import { bytes, decodeRecord, encodeRecord, oneOf, symId, uint, type RecordOf } from './record.ts';
import { encodeRlp, viewRlp } from './rlp.ts';
import { sha3_256, type Sha3 } from './hash.ts';
import { nobleCrypto, type ProtocolCrypto } from './signature.ts';
import { recordSigningPayload, recoverRecordSigner, requireSignatureOrNone } from './signed-record.ts';

/** The chain's limit of a payload ("Payload 32000" in its document of the chains). */
const DATA_BYTES_MAX = 32_000;
const ORACLE_BYTES_MAX = DATA_BYTES_MAX + 2048;

/** The five fields that the oracle signs, in wire order. */
const UNSIGNED_ORACLE_FIELDS = [
  ['from', symId],
  ['to', symId],
  ['nonce', uint(8)],
  ['data', bytes(DATA_BYTES_MAX)],
  ['extra', bytes(1024)],
] as const;

/** All eight fields, in wire order. */
export const ORACLE_FIELDS = [
  ...UNSIGNED_ORACLE_FIELDS,
  ['v', oneOf<0 | 1>(0, 1)],
  ['r', uint(32)],
  ['s', uint(32)],
] as const;

/**
 * A record before it is signed. `from` is the oracle, `to` is reserved (ten zero bytes in all samples but the genesis one),
 * `nonce` the oracle's own count, `data` a JSON object in UTF-8 such as `{"price":0.1,"costNodeA":1000}`.
 */
export type UnsignedOracle = RecordOf<typeof UNSIGNED_ORACLE_FIELDS>;
/** A record as it stands on the chain. Of the genesis block's, v, r and s are 0. */
export type Oracle = RecordOf<typeof ORACLE_FIELDS>;

/** A signed record with the bytes to send and the hash by which it is found. */
export interface SignedOracle {
  readonly oracle: Oracle;
  readonly raw: Uint8Array;
  /** SHA3-256 of `raw`. */
  readonly hash: Uint8Array;
}

/** RLP of the eight fields. */
export const encodeOracle = (oracle: Oracle): Uint8Array => encodeRlp(encodeRecord(ORACLE_FIELDS, oracle, 'oracle'));

/** The record of its bytes. Refuses, naming the field, what is not in its one form; and a signature that is neither canonical nor all zero. */
export function decodeOracle(raw: Uint8Array): Oracle {
  const oracle = decodeRecord('oracle', ORACLE_FIELDS, viewRlp(raw, { bytesMax: ORACLE_BYTES_MAX, depthMax: 1 }));
  requireSignatureOrNone('oracle', oracle);
  return oracle;
}

/** The bytes whose SHA3-256 the oracle signs: the five fields followed by chain id, empty, empty. Refuses chain id 0. */
export const oracleSigningPayload = (oracle: UnsignedOracle, chainId: bigint): Uint8Array =>
  recordSigningPayload(UNSIGNED_ORACLE_FIELDS, oracle, chainId);

/** Signs a record with the oracle's key. The same record, chain id and key always give the same bytes. The key is not kept. */
export function signOracle(
  unsigned: UnsignedOracle,
  chainId: bigint,
  privateKey: Uint8Array,
  crypto: ProtocolCrypto = nobleCrypto,
): SignedOracle {
  const { v, r, s } = crypto.sign(crypto.sha3(oracleSigningPayload(unsigned, chainId)), privateKey);
  const oracle: Oracle = { ...unsigned, v, r, s };
  const raw = encodeOracle(oracle);
  return { oracle, raw, hash: oracleHash(raw, crypto.sha3) };
}

/** The name of a record on the chain: SHA3-256 of its bytes. */
export const oracleHash = (raw: Uint8Array, sha3: Sha3 = sha3_256): Uint8Array => sha3(raw);

/**
 * The key hash (20 bytes) of the signer; genuine when it equals the one that the chain holds for `from`, whose role must be
 * that of an oracle. Another chain id gives another key, never an error. Refuses an unsigned record with a `SignatureError`.
 */
export const recoverOracleSigner = (
  oracle: Oracle,
  chainId: bigint,
  crypto: ProtocolCrypto = nobleCrypto,
): Uint8Array => recoverRecordSigner(oracleSigningPayload(oracle, chainId), oracle, crypto);

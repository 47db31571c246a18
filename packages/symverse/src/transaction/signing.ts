/** Signing transactions and finding who signed one. The chain id is signed but not carried: it must be known. */
import { toHex0x } from '@jigeum/std';
import { encodeRlp, firstItems, integerToBytes, rlpPrefixBytes, writeRlpPrefix } from '../rlp.ts';
import { encodeRecord, type RecordOf } from '../record.ts';
import { keyHash, nobleCrypto, type ProtocolCrypto } from '../signature.ts';
import type { Sha3 } from '../hash.ts';
import { sha3_256 } from '../hash.ts';
import { encodeTransaction, UNSIGNED_FIELDS, type Transaction, type UnsignedTransaction } from './transaction.ts';

/** Chain ids with a meaning. 3 is gsym's devnet; private networks choose their own. */
export const CHAIN_ID = { mainnet: 1n, testnet: 2n, devnet: 3n } as const;

/** A transaction with the bytes to broadcast and the hash by which it is found again. */
export interface SignedTransaction {
  readonly transaction: Transaction;
  /** RLP of the thirteen fields. Store it before the first broadcast; a retry sends the same bytes. */
  readonly raw: Uint8Array;
  /** SHA3-256 of `raw`. */
  readonly hash: Uint8Array;
  /** `hash` as `0x` and 64 lowercase hex digits. */
  readonly hashHex: `0x${string}`;
}

/** The bytes whose SHA3-256 is signed: RLP of the first ten fields followed by chain id, empty, empty. */
export function signingPayload(transaction: UnsignedTransaction, chainId: bigint): Uint8Array {
  requireChainId(chainId);
  const empty = new Uint8Array(0);
  const fields = encodeRecord(UNSIGNED_FIELDS, transaction as RecordOf<typeof UNSIGNED_FIELDS>, 'transaction');
  return encodeRlp([...fields, integerToBytes(chainId), empty, empty]);
}

/**
 * The signing payload of a signed transaction, from its bytes: a quarter of what it costs to encode the fields again. Only for bytes
 * that `decodeTransaction` has taken, which have one form; of others the result means nothing.
 */
export function signedPayload(raw: Uint8Array, chainId: bigint): Uint8Array {
  requireChainId(chainId);
  const { start, end } = firstItems(raw, UNSIGNED_FIELDS.length);
  const chain = encodeRlp(integerToBytes(chainId));
  const size = end - start + chain.length + 2;
  const payload = new Uint8Array(rlpPrefixBytes(size) + size);
  const at = writeRlpPrefix(0xc0, size, payload, 0);
  payload.set(raw.subarray(start, end), at);
  payload.set(chain, at + end - start);
  payload.fill(EMPTY_STRING, payload.length - 2);
  return payload;
}

/** Published clients drop four fields from the payload when the chain id is 0: such a signature must not be made or accepted. */
function requireChainId(chainId: bigint): void {
  if (chainId < 1n) throw new RangeError(`Expected a chain id of 1 or more, got ${chainId}.`);
}

/** RLP of no bytes. */
const EMPTY_STRING = 0x80;

/** The digest that is signed: SHA3-256 of the signing payload. */
export const signingHash = (transaction: UnsignedTransaction, chainId: bigint, sha3: Sha3 = sha3_256): Uint8Array =>
  sha3(signingPayload(transaction, chainId));

/** Signs a transaction. The same transaction, chain id and key always give the same bytes. The key is not kept. */
export function signTransaction(
  unsigned: UnsignedTransaction,
  chainId: bigint,
  privateKey: Uint8Array,
  crypto: ProtocolCrypto = nobleCrypto,
): SignedTransaction {
  const { v, r, s } = crypto.sign(signingHash(unsigned, chainId, crypto.sha3), privateKey);
  const transaction: Transaction = { ...unsigned, v, r, s };
  const raw = encodeTransaction(transaction);
  const hash = transactionHash(raw, crypto.sha3);
  return { transaction, raw, hash, hashHex: toHex0x(hash) };
}

/** The name of a transaction on the chain: SHA3-256 of its signed bytes. */
export const transactionHash = (raw: Uint8Array, sha3: Sha3 = sha3_256): Uint8Array => sha3(raw);

/** The public key X‖Y (64 bytes) that signed the transaction for this chain id. Another chain id gives another key, never an error. */
export const recoverPublicKey = (
  transaction: Transaction,
  chainId: bigint,
  crypto: ProtocolCrypto = nobleCrypto,
): Uint8Array => crypto.recover(signingHash(transaction, chainId, crypto.sha3), transaction);

/**
 * The key hash (20 bytes) of the signer. The transaction is genuine when it equals the key hash that the chain holds for `from`:
 * a SymID says nothing about its key, so that the comparison cannot be made here.
 */
export const recoverSigner = (
  transaction: Transaction,
  chainId: bigint,
  crypto: ProtocolCrypto = nobleCrypto,
): Uint8Array => keyHash(recoverPublicKey(transaction, chainId, crypto), crypto.sha3);

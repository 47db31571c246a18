/** What citizen and oracle records share: how they are signed, and that those of a genesis block are not. */
import { encodeRecord, RecordError, type FieldTable, type RecordOf } from './record.ts';
import { encodeRlp, integerToBytes } from './rlp.ts';
import { isCanonicalSignature, keyHash, type ProtocolCrypto, type Signature } from './signature.ts';

/**
 * The bytes whose SHA3-256 is signed: the unsigned fields followed by chain id, empty, empty. Refuses chain id 0, which
 * binds a signature to no chain. Found to be so for both kinds: published records recover to the published key hashes of
 * their CA and of their oracle.
 */
export function recordSigningPayload<Table extends FieldTable>(
  unsignedFields: Table,
  unsigned: RecordOf<Table>,
  chainId: bigint,
): Uint8Array {
  if (chainId < 1n) throw new RangeError(`Expected a chain id of 1 or more, got ${chainId}.`);
  const empty = new Uint8Array(0);
  return encodeRlp([...encodeRecord(unsignedFields, unsigned), integerToBytes(chainId), empty, empty]);
}

/** True for a record of a genesis block, which nobody signed: v, r and s are 0. */
export const isUnsigned = ({ v, r, s }: Signature): boolean => v === 0 && r === 0n && s === 0n;

/** Stops, naming the field s, unless the signature is canonical or all zero. */
export function requireSignatureOrNone(record: string, signature: Signature): void {
  if (isUnsigned(signature) || isCanonicalSignature(signature)) return;
  throw new RecordError(
    record,
    's',
    `Field s of the ${record}: Expected a canonical signature, or v, r and s all 0, got neither.`,
  );
}

/** The key hash (20 bytes) of whoever signed the payload. Refuses an unsigned record with a `SignatureError`. */
export const recoverRecordSigner = (payload: Uint8Array, signature: Signature, crypto: ProtocolCrypto): Uint8Array =>
  keyHash(crypto.recover(crypto.sha3(payload), signature), crypto.sha3);

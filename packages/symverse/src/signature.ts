/** secp256k1 keys and signatures as the chain uses them: over a SHA3-256 digest, deterministic (RFC 6979), s in the low half. */
import { secp256k1 as noble } from '@noble/curves/secp256k1.js';
import { concatBytes, type Ids } from '@jigeum/std';
import { sha3_256, type Sha3 } from './hash.ts';
import { bigEndian, integerToBytes } from './rlp.ts';

/** r and s in 1..n−1 (s in the low half); v is the recovery id, never 27/28. */
export interface Signature {
  readonly r: bigint;
  readonly s: bigint;
  readonly v: 0 | 1;
}

/**
 * The curve, as far as the protocol needs it. Two implementations exist; they give the same bytes. Both do the same steps for
 * every key (noble by its algorithms, libsecp256k1 in machine code), but JavaScript engines promise no equal time: where others
 * can measure, sign with the native one.
 */
export interface Secp256k1 {
  /** The public key X‖Y (64 bytes, no 0x04) of a private key (32 bytes, 1..n−1). */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** Signs a digest of 32 bytes. */
  sign(hash: Uint8Array, privateKey: Uint8Array): Signature;
  /** The public key X‖Y (64 bytes) that made the signature. Refuses a signature out of range or in the high half. */
  recover(hash: Uint8Array, signature: Signature): Uint8Array;
}

/** Curve and hash together: what signing and checking a record takes. */
export interface ProtocolCrypto extends Secp256k1 {
  /** SHA3-256. */
  readonly sha3: Sha3;
}

/** The order of the group. */
export const CURVE_ORDER = noble.Point.Fn.ORDER;
const HALF_ORDER = CURVE_ORDER >> 1n;

/** True when r and s are in range and s is in the low half, so that a signature has one form only. */
export const isCanonicalSignature = ({ r, s }: { readonly r: bigint; readonly s: bigint }): boolean =>
  r > 0n && r < CURVE_ORDER && s > 0n && s <= HALF_ORDER;

/** True for 32 bytes that are a number in 1..n−1. */
export const isPrivateKey = (bytes: Uint8Array): boolean => noble.utils.isValidSecretKey(bytes);

/** A new private key: 32 random bytes in 1..n−1. The caller clears it after use. */
export function generatePrivateKey(ids: Pick<Ids, 'bytes'>): Uint8Array {
  // The chance that one draw is out of range is 2^-128: more than a few misses in a row is a broken source.
  for (let draws = 0; draws < 8; draws++) {
    const bytes = ids.bytes(32);
    if (isPrivateKey(bytes)) return bytes;
    bytes.fill(0);
  }
  throw new SignatureError(
    'Expected random bytes that make a private key, got eight draws out of range. The random source is broken.',
  );
}

/** The name of a key on the chain: the last 20 bytes of SHA3-256(X‖Y). */
export function keyHash(publicKey: Uint8Array, sha3: Sha3 = sha3_256): Uint8Array {
  if (publicKey.length !== 64)
    throw new SignatureError(`Expected a public key X‖Y of 64 bytes, got ${publicKey.length}.`);
  return sha3(publicKey).slice(12);
}

/** 64 bytes: r (32, big-endian), s (32, big-endian). */
export const signatureToBytes = ({ r, s }: Signature): Uint8Array => concatBytes(bytes32(r), bytes32(s));

/** The signature of 64 bytes r‖s and a recovery id. Refuses another length; the range is checked where the signature is used. */
export function signatureFromBytes(bytes: Uint8Array, v: 0 | 1): Signature {
  if (bytes.length !== 64) throw new SignatureError(`Expected a signature r‖s of 64 bytes, got ${bytes.length}.`);
  return { r: bigEndian(bytes.subarray(0, 32)), s: bigEndian(bytes.subarray(32)), v };
}

/** The implementation in plain JavaScript: for the browser, and the reference for the native one. */
export const nobleCrypto: ProtocolCrypto = {
  sha3: sha3_256,
  publicKey(privateKey) {
    requirePrivateKey(privateKey);
    return noble.getPublicKey(privateKey, false).slice(1);
  },
  sign(hash, privateKey) {
    requireHash(hash);
    requirePrivateKey(privateKey);
    const bytes = noble.sign(hash, privateKey, { prehash: false, lowS: true, format: 'recovered' });
    return signatureFromBytes(bytes.subarray(1), recoveryId(bytes[0]!));
  },
  recover(hash, signature) {
    requireHash(hash);
    requireCanonical(signature);
    try {
      return new noble.Signature(signature.r, signature.s, signature.v).recoverPublicKey(hash).toBytes(false).slice(1);
    } catch (cause) {
      throw new SignatureError('Expected a signature that some key made, got one that belongs to no key.', { cause });
    }
  },
};

/** A key or signature that cannot be used. The message never shows key bytes. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}

/** Stops unless the bytes are a digest. */
export function requireHash(hash: Uint8Array): void {
  if (hash.length !== 32) throw new SignatureError(`Expected a digest of 32 bytes, got ${hash.length}.`);
}

/** Stops unless the bytes are a private key. */
export function requirePrivateKey(privateKey: Uint8Array): void {
  if (!isPrivateKey(privateKey)) {
    throw new SignatureError(
      'Expected a private key of 32 bytes between 1 and the order of secp256k1, got something else.',
    );
  }
}

/** Stops unless r and s are in range and s is in the low half. */
export function requireCanonical(signature: Signature): void {
  if (!isCanonicalSignature(signature)) {
    throw new SignatureError(
      'Expected r and s between 1 and the order of secp256k1, and s in the low half, got a signature out of range.',
    );
  }
}

/** The recovery id as the chain knows it. 2 and 3 (r above the order) happen once in 2^127 signatures and cannot be written on it. */
export function recoveryId(value: number): 0 | 1 {
  if (value !== 0 && value !== 1) throw new SignatureError(`Expected the recovery id 0 or 1, got ${value}.`);
  return value;
}

function bytes32(value: bigint): Uint8Array {
  const bytes = integerToBytes(value);
  const out = new Uint8Array(32);
  out.set(bytes, 32 - bytes.length);
  return out;
}

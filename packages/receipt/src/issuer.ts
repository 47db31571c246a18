/** The key that signs receipts: Ed25519 (RFC 8032). It signs nothing else. */
import { toHex0x } from '@jigeum/std';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';

export interface Issuer {
  /** `0x` and 64 hex digits: SHA-256 of the public key. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes; the same for the same bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** The issuer of a secret of 32 bytes, which it keeps a copy of. */
export function createIssuer(secret: Uint8Array): Issuer {
  const own = Uint8Array.from(secret);
  const publicKey = ed25519.getPublicKey(own);
  return { keyId: issuerKeyId(publicKey), publicKey, sign: (bytes) => ed25519.sign(bytes, own) };
}

/** The name of a public key: SHA-256 of its 32 bytes, `0x` hex. */
export const issuerKeyId = (publicKey: Uint8Array): string => toHex0x(sha256(publicKey));

/** True for a signature of this key over these bytes, by the strict rules of RFC 8032; false for a key that is none. */
export function isSignedBy(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return ed25519.verify(signature, bytes, publicKey, { zip215: false });
}

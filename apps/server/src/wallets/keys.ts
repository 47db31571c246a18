/** The curve and the key-hash rule, in one place: 32 random bytes, secp256k1, the last 20 bytes of SHA3-256 of the public key. */
import type { Signer } from '@jigeum/chain';
import type { Ids } from '@jigeum/std';
import { generatePrivateKey, keyHash, signatureToBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';

/** A new private key, 32 bytes. The caller clears it. */
export const newPrivateKey = (ids: Pick<Ids, 'bytes'>): Uint8Array => generatePrivateKey(ids);

/** The 20 bytes by which the chain knows a key. */
export const keyHashOf = (privateKey: Uint8Array): Uint8Array =>
  keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3);

/** Signs with a key that stays the caller's: it works until the caller clears the key, and keeps no copy. */
export function signerOf(privateKey: Uint8Array): Signer {
  return {
    sign(digest) {
      const signature = nativeCrypto.sign(digest, privateKey);
      const bytes = signatureToBytes(signature);
      return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
    },
  };
}

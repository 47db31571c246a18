/** The seal of a block: 64 bytes r‖s of its sealer over the block hash, in `signInfo.sign`. */
import { equalBytes } from '@jigeum/std';
import { keyHash, signatureFromBytes, SignatureError, type ProtocolCrypto } from './signature.ts';

/** True when the key of this hash made the seal. The recovery id is not stored: both are tried. */
export function isSealedBy(
  crypto: ProtocolCrypto,
  seal: { readonly blockHash: Uint8Array; readonly sign: Uint8Array; readonly sealerKeyHash: Uint8Array },
): boolean {
  const { blockHash, sign, sealerKeyHash } = seal;
  if (sign.length !== 64) return false;
  return ([0, 1] as const).some((v) => {
    try {
      return equalBytes(keyHash(crypto.recover(blockHash, signatureFromBytes(sign, v)), crypto.sha3), sealerKeyHash);
    } catch (error) {
      // A seal that belongs to no key is no seal of this sealer.
      if (error instanceof SignatureError) return false;
      throw error;
    }
  });
}

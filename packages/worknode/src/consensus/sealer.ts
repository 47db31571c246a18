/** Who closes a block. One interface, so that a network's consensus could stand where the single sealer stands. */
import { equalBytes } from '@jigeum/std';
import {
  keyHash,
  signatureFromBytes,
  signatureToBytes,
  SignatureError,
  type ProtocolCrypto,
  type SymId,
} from '@jigeum/symverse';

export interface Sealer {
  readonly symId: SymId;
  /** 64 bytes r‖s over a block hash. */
  seal(blockHash: Uint8Array): Uint8Array;
}

/** The sealer that is alone: what it signs is final. */
export function singleSealer(crypto: ProtocolCrypto, symId: SymId, privateKey: Uint8Array): Sealer {
  return { symId, seal: (blockHash) => signatureToBytes(crypto.sign(blockHash, privateKey)) };
}

/** True when the key of this hash made the seal. The recovery id is not stored: both are tried. */
export function isSealedBy(
  crypto: ProtocolCrypto,
  input: { blockHash: Uint8Array; sign: Uint8Array; sealerKeyHash: Uint8Array },
): boolean {
  const { blockHash, sign, sealerKeyHash } = input;
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

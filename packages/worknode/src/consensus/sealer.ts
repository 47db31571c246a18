/** Who closes a block. One interface, so that a network's consensus could stand where the single sealer stands. */
import { signatureToBytes, type ProtocolCrypto, type SymId } from '@jigeum/symverse';

export interface Sealer {
  readonly symId: SymId;
  /** 64 bytes r‖s over a block hash. */
  seal(blockHash: Uint8Array): Uint8Array;
}

/** The sealer that is alone: what it signs is final. */
export function singleSealer(crypto: ProtocolCrypto, symId: SymId, privateKey: Uint8Array): Sealer {
  return { symId, seal: (blockHash) => signatureToBytes(crypto.sign(blockHash, privateKey)) };
}

export { isSealedBy } from '@jigeum/symverse';

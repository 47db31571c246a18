/** Who signed a digest: the question that is passed between threads, and how any of them answers it. */
import { keyHash, SignatureError, signedPayload, type ProtocolCrypto, type Signature } from '@jigeum/symverse';
import type { Signer } from './admission.ts';
import type { PoolTransaction } from './mempool.ts';

/** All that finding a signer takes. */
export interface SignerQuestion {
  /** 32 bytes. */
  readonly digest: Uint8Array;
  readonly signature: Signature;
}

/** The question of a transaction that decoded. */
export const signerQuestion = (
  { raw, transaction }: Pick<PoolTransaction, 'raw' | 'transaction'>,
  { crypto, chainId }: { readonly crypto: ProtocolCrypto; readonly chainId: bigint },
): SignerQuestion => ({ digest: crypto.sha3(signedPayload(raw, chainId)), signature: transaction });

/** Recovers the key. Throws nothing that a transaction could cause. */
export function answerTo({ digest, signature }: SignerQuestion, crypto: ProtocolCrypto): Signer {
  try {
    return keyHash(crypto.recover(digest, signature), crypto.sha3);
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
}

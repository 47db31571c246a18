/** A new member's wallet: the key and its keystore before the transaction, the row and the file inside it. */
import type { Deps } from '#deps';
import { audit, type Trx } from '#platform';
import { processKdfGate } from './kdf-gate.ts';
import { writeKeystoreFile } from './keystore-files.ts';
import { keyHashOf, newPrivateKey } from './keys.ts';
import { sealKeystore } from './sealed-keystore.ts';
import * as store from './store.ts';

export interface WalletDraft {
  walletId: string;
  /** 20 bytes: all that ever leaves for the certificate authority. */
  keyHash: Uint8Array;
  sealedKeystore: Uint8Array;
  /** 32 bytes, for the session that begins at once. The caller clears it. */
  privateKey: Uint8Array;
  /**
   * Writes the file, then the row with the same bytes, in state `preparing`. Poke the job 'register-wallets' after the
   * commit. If the transaction rolls back, the file stays behind; the check at start counts it.
   */
  insert(trx: Trx, input: { memberId: string }): Promise<void>;
}

/** Makes key and sealed keystore. Slow on purpose: never call it inside a transaction. The caller clears the passphrase. */
export async function draftWallet(
  deps: Pick<Deps, 'ids' | 'clock' | 'secrets' | 'config' | 'chain'>,
  input: { passphrase: Uint8Array },
): Promise<WalletDraft> {
  const walletId = deps.ids.uuid(deps.clock.nowMs());
  const privateKey = newPrivateKey(deps.ids);
  try {
    const keyHash = keyHashOf(privateKey);
    const sealedKeystore = await processKdfGate.run(() =>
      sealKeystore(deps, { walletId, keyVersion: 1, privateKey, keyHash, passphrase: input.passphrase }),
    );
    return {
      walletId,
      keyHash,
      sealedKeystore,
      privateKey,
      insert: (trx, { memberId }) => insertWallet(deps, trx, { walletId, keyHash, sealedKeystore, memberId }),
    };
  } catch (error) {
    privateKey.fill(0);
    throw error;
  }
}

async function insertWallet(
  deps: Pick<Deps, 'clock' | 'ids' | 'secrets' | 'config' | 'chain'>,
  trx: Trx,
  wallet: { walletId: string; keyHash: Uint8Array; sealedKeystore: Uint8Array; memberId: string },
): Promise<void> {
  await writeKeystoreFile(deps.config.keystoreDir, wallet.walletId, wallet.sealedKeystore);
  await store.insertWallet(trx, {
    id: wallet.walletId,
    kind: 'member',
    memberId: wallet.memberId,
    chainId: deps.chain.chainId,
    keyHash: wallet.keyHash,
    sealedKeystore: wallet.sealedKeystore,
    createdAt: new Date(deps.clock.nowMs()),
  });
  await audit(deps, trx, {
    actor: `member:${wallet.memberId}`,
    act: 'wallet.created',
    subject: wallet.walletId,
    facts: { kind: 'member', member: wallet.memberId },
  });
}

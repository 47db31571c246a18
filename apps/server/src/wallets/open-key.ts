/** Opening a member's key: with the passphrase at log-in and unlock, with the cookie's secret while the session is unlocked. */
import type { Deps } from '#deps';
import { AppError, openWith, SealBrokenError, sealWith } from '#platform';
import { createKeystore } from '@jigeum/keystore';
import type { Signer } from '@jigeum/chain';
import { processKdfGate } from './kdf-gate.ts';
import { signerOf } from './keys.ts';
import { unsealKeystore } from './sealed-keystore.ts';
import * as store from './store.ts';

export type OpenKeyOutcome = { kind: 'opened'; privateKey: Uint8Array } | { kind: 'wrong-passphrase' };

/**
 * Opens the keystore of a member (its UUID). The keystore's own MAC decides; no other hash of the passphrase exists. The
 * caller has counted the attempt before, clears the passphrase and clears the key. Slow on purpose: not in a transaction.
 *
 * `memberId` null: nobody has the ID that was typed. It takes the same time in the same line and is always a wrong
 * passphrase, so that neither the answer nor its time tells whether an ID exists.
 */
export async function openMemberKey(
  deps: Pick<Deps, 'db' | 'secrets' | 'ids' | 'config'>,
  input: { memberId: string | null; passphrase: Uint8Array },
): Promise<OpenKeyOutcome> {
  const wallet = await store.keystoreOfMember(deps.db, input.memberId ?? NOBODY);
  if (wallet === undefined && input.memberId !== null)
    throw new Error(`Expected a wallet of member ${input.memberId}, got none.`);
  if (input.passphrase.length === 0) return { kind: 'wrong-passphrase' };
  if (wallet === undefined) {
    await spendTheTime(deps, input.passphrase);
    return { kind: 'wrong-passphrase' };
  }
  const privateKey = await processKdfGate.run(() =>
    unsealKeystore(deps, {
      walletId: wallet.id,
      keyVersion: wallet.key_version,
      keyHash: wallet.key_hash,
      sealed: wallet.sealed_keystore,
      passphrase: input.passphrase,
    }),
  );
  return privateKey === null ? { kind: 'wrong-passphrase' } : { kind: 'opened', privateKey };
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

async function spendTheTime(deps: Pick<Deps, 'ids' | 'config'>, passphrase: Uint8Array): Promise<void> {
  const privateKey = deps.ids.bytes(32);
  const cost = { n: deps.config.keystoreScryptN, r: 8, p: 1 };
  try {
    await processKdfGate.run(() => createKeystore(deps, { privateKey, passphrase, address: NOBODY, cost }));
  } finally {
    privateKey.fill(0);
  }
}

const sessionContext = (memberId: string): string => `session key ${memberId}`;

/** Seals the key for `sessions.sealed_key`. `unlockKey`: 32 bytes made from the cookie. The caller clears both keys. */
export const sealForSession = (
  deps: Pick<Deps, 'ids'>,
  input: { unlockKey: Uint8Array; memberId: string; privateKey: Uint8Array },
): Uint8Array => sealWith(deps, input.unlockKey, sessionContext(input.memberId), input.privateKey);

/**
 * Runs `work` with a signer of an unlocked session's key, and clears the key whatever happens: the signer works no longer
 * than `work`. Throws 'wallet-locked' when the sealed key does not open.
 */
export async function withSessionSigner<T>(
  input: { unlockKey: Uint8Array; memberId: string; sealedKey: Uint8Array },
  work: (signer: Signer) => Promise<T>,
): Promise<T> {
  let privateKey: Uint8Array;
  try {
    privateKey = openWith(input.unlockKey, sessionContext(input.memberId), input.sealedKey);
  } catch (cause) {
    if (cause instanceof SealBrokenError) throw new AppError('wallet-locked', { cause });
    throw cause;
  }
  try {
    return await work(signerOf(privateKey));
  } finally {
    privateKey.fill(0);
  }
}

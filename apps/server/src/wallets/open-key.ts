/** Opening a member's key: with the passphrase at log-in and unlock, with the cookie's secret while the session is unlocked. */
import type { Deps } from '#deps';
import { AppError, openWith, SealBrokenError, sealWith } from '#platform';
import { createKeystore } from '@jigeum/keystore';
import { processKdfGate } from './kdf-gate.ts';
import { unsealKeystore } from './sealed-keystore.ts';
import * as store from './store.ts';

export type OpenKeyOutcome = { kind: 'opened'; privateKey: Uint8Array } | { kind: 'wrong-passphrase' };

/**
 * Opens the keystore of a member (its UUID). The keystore's own MAC decides; no other hash of the passphrase exists. The
 * caller has counted the attempt before, clears the passphrase and clears the key. Slow on purpose: not in a transaction.
 */
export async function openMemberKey(
  deps: Pick<Deps, 'db' | 'secrets'>,
  input: { memberId: string; passphrase: Uint8Array },
): Promise<OpenKeyOutcome> {
  const wallet = await store.keystoreOfMember(deps.db, input.memberId);
  if (wallet === undefined) throw new Error(`Expected a wallet of member ${input.memberId}, got none.`);
  if (input.passphrase.length === 0) return { kind: 'wrong-passphrase' };
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

/**
 * Spends the time of `openMemberKey` for an ID that nobody has, in the same line, so that neither the answer nor its
 * time tells whether an ID exists.
 */
export async function verifyPassphraseOfNobody(
  deps: Pick<Deps, 'db' | 'ids' | 'config'>,
  input: { passphrase: Uint8Array },
): Promise<void> {
  const nobody = '00000000-0000-0000-0000-000000000000';
  await store.keystoreOfMember(deps.db, nobody);
  if (input.passphrase.length === 0) return;
  const privateKey = deps.ids.bytes(32);
  try {
    await processKdfGate.run(() =>
      createKeystore(deps, {
        privateKey,
        passphrase: input.passphrase,
        address: nobody,
        cost: { n: deps.config.keystoreScryptN, r: 8, p: 1 },
      }),
    );
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

/** The private key of an unlocked session. The caller clears it. Throws 'wallet-locked' when it does not open. */
export function openForSession(input: { unlockKey: Uint8Array; memberId: string; sealedKey: Uint8Array }): Uint8Array {
  try {
    return openWith(input.unlockKey, sessionContext(input.memberId), input.sealedKey);
  } catch (cause) {
    if (cause instanceof SealBrokenError) throw new AppError('wallet-locked', { cause });
    throw cause;
  }
}

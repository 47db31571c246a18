/** The one form in which a member's key rests: a Symverse keystore under the passphrase, sealed under the server key. */
import { createKeystore, openKeystore, parseKeystore, serializeKeystore, KeystoreError } from '@jigeum/keystore';
import { bytesToHex, equalBytes } from '@jigeum/std';
import type { Deps } from '#deps';
import { keyHashOf } from './keys.ts';

/** A seal opens only for the wallet and key version that it was made for: rows cannot be swapped. */
const contextOf = (walletId: string, keyVersion: number): string => `keystore ${walletId} ${keyVersion}`;

/** Encrypts and seals. The caller clears key and passphrase. */
export async function sealKeystore(
  deps: Pick<Deps, 'ids' | 'secrets' | 'config'>,
  input: {
    walletId: string;
    keyVersion: number;
    privateKey: Uint8Array;
    keyHash: Uint8Array;
    passphrase: Uint8Array;
  },
): Promise<Uint8Array> {
  const file = await createKeystore(deps, {
    privateKey: input.privateKey,
    passphrase: input.passphrase,
    // The SymID is not known yet; the key hash names the key, as in the paper's Fig. 4.
    address: bytesToHex(input.keyHash),
    format: 'symverse-v3',
    cost: { n: deps.config.keystoreScryptN, r: 8, p: 1 },
  });
  const text = new TextEncoder().encode(serializeKeystore(file));
  return deps.secrets.seal(contextOf(input.walletId, input.keyVersion), text);
}

/** Null for a wrong passphrase. Throws when the seal is broken or the key is not the wallet's: somebody changed the row. */
export async function unsealKeystore(
  deps: Pick<Deps, 'secrets'>,
  input: { walletId: string; keyVersion: number; keyHash: Uint8Array; sealed: Uint8Array; passphrase: Uint8Array },
): Promise<Uint8Array | null> {
  const text = deps.secrets.open(contextOf(input.walletId, input.keyVersion), input.sealed);
  const file = parseKeystore(new TextDecoder().decode(text));
  let privateKey: Uint8Array;
  try {
    privateKey = await openKeystore({ file, passphrase: input.passphrase });
  } catch (error) {
    if (error instanceof KeystoreError && error.code === 'wrong-passphrase') return null;
    throw error;
  }
  if (!equalBytes(keyHashOf(privateKey), input.keyHash)) {
    privateKey.fill(0);
    throw new Error(
      'Expected the key of the wallet in its keystore, got another key. Take the keystore from a backup.',
    );
  }
  return privateKey;
}

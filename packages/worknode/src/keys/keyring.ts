/**
 * Keys that the node keeps for others: encrypted in files, and for a bounded time unlocked in memory. Off unless the operator
 * asks for it: whoever reaches the node while a key is unlocked can sign with it.
 *
 *   file ── unlock (passphrase) ──► in memory ── lock, or the time is over ──► cleared
 *
 * Passphrases come as JSON text, which cannot be cleared; the bytes made of them, and keys, are.
 */
import {
  createKeystore,
  KeystoreError,
  openKeystore,
  parseKeystore,
  serializeKeystore,
  type ScryptCost,
} from '@jigeum/keystore';
import type { Ids } from '@jigeum/std';
import { generatePrivateKey, isPrivateKey, type SymId } from '@jigeum/symverse';
import type { Timers } from '../timers.ts';
import type { KeyFiles } from './key-files.ts';
import { createTurns } from './turns.ts';

export interface Keyring {
  list(): SymId[];
  /** Makes a key for a SymID; the CA binds it later. */
  create(symId: SymId, passphrase: string): Promise<void>;
  /** Keeps a copy of a key. */
  add(symId: SymId, privateKey: Uint8Array, passphrase: string): Promise<void>;
  /** Holds the key in memory for so many seconds. */
  unlock(symId: SymId, passphrase: string, seconds: number): Promise<void>;
  lock(symId: SymId): void;
  /** Calls with the unlocked key, which must not be kept. */
  withUnlocked<T>(symId: SymId, call: (privateKey: Uint8Array) => T): T;
  /** Opens the key for one use alone. */
  withPassphrase<T>(symId: SymId, passphrase: string, call: (privateKey: Uint8Array) => T): Promise<T>;
  /** Forgets all keys in memory. */
  stop(): void;
}

/** gsym's default: a second and 256 MiB for each try. */
export const GSYM_SCRYPT: ScryptCost = { n: 262_144, r: 8, p: 1 };
/** A key is never in memory for longer. gsym's 0 ("until the node ends") is read as this. */
export const UNLOCK_SECONDS_MAX = 86_400;
/** Derivations that wait for their turn; each holds 256 MiB while it runs, so they run one by one. */
const DERIVATIONS_MAX = 8;
/** Wrong passphrases in a row for one key, after which it is not tried for a while. */
const FAILURES_MAX = 5;
const FAILURES_PAUSE_MS = 60_000;

/** What a caller of the keyring is told; the texts are those of the geth family where it has one. */
export class KeyringRefusal extends Error {
  override readonly name = 'KeyringRefusal';
}

/** A keyring over files. */
export function createKeyring(
  deps: { readonly files: KeyFiles; readonly timers: Timers; readonly ids: Pick<Ids, 'bytes'> },
  cost: ScryptCost = GSYM_SCRYPT,
): Keyring {
  const { files, timers, ids } = deps;
  const unlocked = new Map<SymId, { key: Uint8Array; cancel: () => void }>();
  const failures = new Map<SymId, number>();
  const inTurn = createTurns(
    DERIVATIONS_MAX,
    () => new KeyringRefusal(`busy: ${DERIVATIONS_MAX} passphrases are being tried; ask again later`),
  );

  const lock = (symId: SymId): void => {
    const held = unlocked.get(symId);
    held?.cancel();
    held?.key.fill(0);
    unlocked.delete(symId);
  };

  const add = async (symId: SymId, privateKey: Uint8Array, passphrase: string): Promise<void> => {
    const secret = passphraseBytes(passphrase);
    try {
      await inTurn(async () => {
        if (files.read(symId) !== undefined)
          throw new KeyringRefusal(`account already exists: the node has a key file of ${symId}`);
        const file = await createKeystore({ ids }, { privateKey, passphrase: secret, address: symId.slice(2), cost });
        files.add(symId, serializeKeystore(file));
      });
    } finally {
      secret.fill(0);
    }
  };

  const open = async (symId: SymId, passphrase: string): Promise<Uint8Array> => {
    const secret = passphraseBytes(passphrase);
    try {
      return await inTurn(async () => {
        requireNotPaused(symId);
        const text = files.read(symId);
        if (text === undefined) throw new KeyringRefusal(`unknown account: the node has no key of ${symId}`);
        const file = parseKeystore(text);
        if (file.address !== symId.slice(2))
          throw new KeyringRefusal(`the key file of ${symId} names another address inside: ${file.address}`);
        const key = await openKeystore({ file, passphrase: secret });
        failures.delete(symId);
        return key;
      });
    } catch (error) {
      if (!(error instanceof KeystoreError && error.code === 'wrong-passphrase')) throw error;
      noteFailure(symId);
      throw new KeyringRefusal(`could not decrypt key with given password: expected the passphrase of ${symId}`, {
        cause: error,
      });
    } finally {
      secret.fill(0);
    }
  };

  const requireNotPaused = (symId: SymId): void => {
    if ((failures.get(symId) ?? 0) < FAILURES_MAX) return;
    throw new KeyringRefusal(
      `too many wrong passwords: ${FAILURES_MAX} in a row for ${symId}; try again after ${FAILURES_PAUSE_MS / 1000} s`,
    );
  };
  const noteFailure = (symId: SymId): void => {
    const count = (failures.get(symId) ?? 0) + 1;
    failures.set(symId, count);
    if (count === FAILURES_MAX) timers.after(FAILURES_PAUSE_MS, () => failures.delete(symId));
  };

  return {
    list: () => files.list(),
    async create(symId, passphrase) {
      const key = generatePrivateKey(ids);
      try {
        await add(symId, key, passphrase);
      } finally {
        key.fill(0);
      }
    },
    add,
    async unlock(symId, passphrase, seconds) {
      if (seconds > UNLOCK_SECONDS_MAX)
        throw new KeyringRefusal(`unlock duration too long: expected at most ${UNLOCK_SECONDS_MAX} s, got ${seconds}`);
      const key = await open(symId, passphrase);
      lock(symId);
      const forMs = (seconds === 0 ? UNLOCK_SECONDS_MAX : seconds) * 1000;
      unlocked.set(symId, { key, cancel: timers.after(forMs, () => lock(symId)) });
    },
    lock,
    withUnlocked(symId, call) {
      const held = unlocked.get(symId);
      if (held !== undefined) return call(held.key);
      if (files.read(symId) === undefined) throw new KeyringRefusal(`unknown account: the node has no key of ${symId}`);
      throw new KeyringRefusal(`authentication needed: password or unlock; expected ${symId} to be unlocked`);
    },
    async withPassphrase(symId, passphrase, call) {
      const key = await open(symId, passphrase);
      try {
        return call(key);
      } finally {
        key.fill(0);
      }
    },
    stop() {
      for (const symId of [...unlocked.keys()]) lock(symId);
    },
  };
}

/** Bytes of a private key in hex, with 0x or without. Says nothing of what came: it may be nearly a key. */
export function privateKeyOf(text: string): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  const bytes = /^[0-9a-fA-F]{64}$/.test(digits) ? Uint8Array.from(Buffer.from(digits, 'hex')) : new Uint8Array(0);
  if (isPrivateKey(bytes)) return bytes;
  throw new KeyringRefusal('invalid private key: expected 64 hex digits of a number below the order of secp256k1');
}

function passphraseBytes(passphrase: string): Uint8Array {
  if (passphrase !== '') return new TextEncoder().encode(passphrase);
  throw new KeyringRefusal('empty password: expected a passphrase of one character or more');
}

/**
 * The platform's own two wallets: the treasury, which grants gas, and the reserve, which creates tokens and holds their
 * supply. Their keystores come from PLATFORM_KEYSTORE_DIR and open with the passphrase in PLATFORM_PASSPHRASE_FILE.
 *
 * The trade-off: payments must go on while nobody is there, so these two keys stay open in the memory of each process
 * that signs with them. Whoever owns that process owns them; members' keys are not open there. Keep the treasury's
 * float small, and read "Custody" in README.md.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '@jigeum/chain';
import { openKeystore, parseKeystore, serializeKeystore, type KeystoreFile } from '@jigeum/keystore';
import { bytesToHex, equalBytes } from '@jigeum/std';
import { readSecretFile } from '#config';
import type { Deps } from '#deps';
import { audit, inTrx, type Secrets } from '#platform';
import { checkKeystoreFiles } from './keystore-files.ts';
import { keyHashOf, signerOf } from './keys.ts';
import * as store from './store.ts';

export type PlatformWalletKind = 'treasury' | 'reserve';

export interface PlatformWallet {
  walletId: string;
  address: string;
  signer: Signer;
}

/** Opened keys of a running server, by its secrets: two servers in one test process do not meet. */
const opened = new WeakMap<Secrets, Record<PlatformWalletKind, PlatformWallet>>();

type OpenDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'config' | 'chain' | 'keyRegistry'>;

/**
 * Opens both wallets; at the first start also writes their rows with the chain's nonce and coin. Then compares members'
 * keystore files with their rows and reports differences in the log. Call it before the jobs and routes begin. Throws `ChainUnreachable` where a first start finds no node, and an error that names the file where
 * a keystore does not fit.
 */
export async function openCustody(deps: OpenDeps & Pick<Deps, 'log'>): Promise<void> {
  const passphrase = readSecretFile(deps.config.platformPassphraseFile);
  try {
    const wallets = {
      treasury: await openPlatformWallet(deps, 'treasury', passphrase),
      reserve: await openPlatformWallet(deps, 'reserve', passphrase),
    };
    opened.set(deps.secrets, wallets);
  } finally {
    passphrase.fill(0);
  }
  await checkKeystoreFiles(deps);
}

/** An opened platform wallet. Throws where `openCustody` has not run in this process. */
export function platformSigner(deps: Pick<Deps, 'secrets'>, kind: PlatformWalletKind): PlatformWallet {
  const wallets = opened.get(deps.secrets);
  if (wallets === undefined) throw new Error('Expected openCustody to have run before anything is signed.');
  return wallets[kind];
}

async function openPlatformWallet(
  deps: OpenDeps,
  kind: PlatformWalletKind,
  passphrase: Uint8Array,
): Promise<PlatformWallet> {
  const path = join(deps.config.platformKeystoreDir, `${kind}.json`);
  const file = parseKeystore(await readFile(path, 'utf8'));
  const privateKey = await openKeystore({ file, passphrase });
  const keyHash = keyHashOf(privateKey);
  const chainId = deps.chain.chainId;
  let row = await store.platformWallet(deps.db, { chainId, kind });
  if (row === undefined) {
    const address = await addressOf(deps, { file, keyHash, path });
    const id = deps.ids.uuid(deps.clock.nowMs());
    const nextNonce = await deps.chain.finalNonce(address);
    const gasAvailable = await deps.chain.nativeBalance(address);
    await inTrx(deps, async (trx) => {
      const isNew = await store.insertPlatformWallet(trx, {
        id,
        kind,
        chainId,
        keyHash,
        address,
        sealedKeystore: deps.secrets.seal(`keystore ${id} 1`, new TextEncoder().encode(serializeKeystore(file))),
        nextNonce,
        gasAvailable,
        at: new Date(deps.clock.nowMs()),
      });
      if (!isNew) return;
      await audit(deps, trx, {
        actor: 'job:start',
        act: 'wallet.created',
        subject: id,
        facts: { kind, member: null },
      });
    });
    row = await store.platformWallet(deps.db, { chainId, kind });
  }
  if (row === undefined || !equalBytes(row.key_hash, keyHash)) {
    privateKey.fill(0);
    throw new Error(
      row === undefined
        ? `Expected in ${path} a key of the ${kind}'s own, got the key of another wallet of this database. Create one for the ${kind}.`
        : `Expected in ${path} the ${kind} key that this database has used so far, got another key. Put the earlier keystore back.`,
    );
  }
  const { id, address } = row;
  // Before it can sign.
  await inTrx(deps, (trx) =>
    audit(deps, trx, { actor: 'job:start', act: 'key.opened', subject: id, facts: { why: 'start' } }),
  );
  return { walletId: id, address, signer: signerOf(privateKey) };
}

/** The keystore names its SymID where one was issued before; else the certificate authority issues one now. */
async function addressOf(
  deps: Pick<Deps, 'chain' | 'keyRegistry'>,
  input: { file: KeystoreFile; keyHash: Uint8Array; path: string },
): Promise<string> {
  const named = /^(?:0x)?([0-9a-f]{20})$/.exec(input.file.address ?? '')?.[1];
  if (named !== undefined) {
    const address = `0x${named}`;
    const identity = await deps.chain.identity(address);
    if (identity?.keyHash.replace(/^0x/, '') !== bytesToHex(input.keyHash)) {
      throw new Error(
        `Expected the chain to hold the key of ${input.path} for the SymID that the file names, got ${identity === null ? 'no such SymID' : 'another key'}.`,
      );
    }
    return address;
  }
  const outcome = await deps.keyRegistry.register(input.keyHash);
  if (outcome.kind === 'registered') return outcome.address;
  throw new Error(
    `Expected a SymID for the key of ${input.path} from the certificate authority: ${outcome.kind === 'refused' ? outcome.text : outcome.cause}`,
  );
}

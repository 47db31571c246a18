/**
 * The data folder of a node:
 *
 *   chain.sqlite          blocks, receipts, state, journal (with -wal while it runs)
 *   chain.sqlite-mark     how far it had come, so that no answered block is forgotten unseen
 *   sealer.key, ca.key    private keys in hex, mode 0600: who closes blocks, who issues SymIDs
 *   ca.secret             the secret of the CA's partner API, unless it is given
 *   keystore/             encrypted keys of a node that keeps some for others: one file for each SymID
 *   development-key.json  the funded SymID of a chain that began without a genesis, mode 0600
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes, isHex, type Ids } from '@jigeum/std';
import { generatePrivateKey, isPrivateKey } from '@jigeum/symverse';
import { makeFolder, renameDurably, syncFolder } from './storage/durable.ts';

export interface NodeFolder {
  readonly chainFile: string;
  readonly keystoreFolder: string;
  /** The private key in a file, made when the chain is new. The caller owns the bytes. */
  key(name: 'sealer' | 'ca', isNewChain: boolean): Uint8Array;
  caSecret(): string;
  readonly developmentKeyFile: string;
  /** Writes a file that its owner alone reads, in this folder or the keystore's, and waits until the disk has it. */
  write(file: string, content: string): void;
}

/** Opens or makes a folder. Throws `NodeFolderError`. Takes no lock: opening the chain does. `sync` waits for the names in a folder. */
export function openNodeFolder(
  path: string,
  ids: Pick<Ids, 'bytes'>,
  sync: (folder: string) => void = syncFolder,
): NodeFolder {
  try {
    makeFolder(path, sync);
  } catch (cause) {
    throw new NodeFolderError(`The data folder ${path} cannot be made (${codeOf(cause)}). Choose another.`, { cause });
  }
  const write = (file: string, content: string): void => writePrivately(file, content, sync);
  return {
    chainFile: join(path, 'chain.sqlite'),
    keystoreFolder: join(path, 'keystore'),
    developmentKeyFile: join(path, 'development-key.json'),
    write,
    key(name, isNewChain) {
      const file = join(path, `${name}.key`);
      if (existsSync(file)) return readKey(file);
      if (!isNewChain) {
        throw new NodeFolderError(
          `The key file ${file} is missing. Restore it from your backup: the chain in ${path} cannot go on without it.`,
        );
      }
      const key = generatePrivateKey(ids);
      write(file, `${bytesToHex(key)}\n`);
      return key;
    },
    caSecret() {
      const file = join(path, 'ca.secret');
      if (!existsSync(file)) write(file, `${bytesToHex(ids.bytes(16))}\n`);
      return readFileSync(file, 'utf8').trim();
    },
  };
}

/** A data folder that cannot be used. The message names the file and says what to do. */
export class NodeFolderError extends Error {
  override readonly name = 'NodeFolderError';
}

function readKey(file: string): Uint8Array {
  const hex = readFileSync(file, 'utf8').trim();
  const key = isHex(hex) ? hexToBytes(hex) : new Uint8Array(0);
  if (isPrivateKey(key)) return key;
  throw new NodeFolderError(
    `The key file ${file} is damaged: expected a private key in 64 hex digits. Restore it from your backup.`,
  );
}

/**
 * Mode 0600. A crash leaves the old file, the new one or none, never a half. When this returns, the file outlives the power: a
 * chain that is on the disk without its sealer's key cannot go on.
 */
function writePrivately(file: string, content: string, sync: (folder: string) => void): void {
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, content, { mode: 0o600, flush: true });
  renameDurably([[draft, file]], sync);
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';

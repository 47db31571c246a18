/**
 * The second copy of each sealed keystore: one file a wallet, the same bytes as the row. Written before the row commits,
 * so that a row without its file cannot be; a file without a row (the commit failed) is tolerated and reported at start.
 */
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import type { Deps } from '#deps';
import { isHex } from '@jigeum/std';

/** Files are spread over 256 folders by the last two digits of the wallet's id, which are random. */
const pathOf = (folder: string, walletId: string): string => join(folder, walletId.slice(-2), `${walletId}.keystore`);

/** Writes the file: a temporary one first, flushed, then renamed, then its folder flushed. */
export async function writeKeystoreFile(folder: string, walletId: string, bytes: Uint8Array): Promise<void> {
  const path = pathOf(folder, walletId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // A wallet's file is written once, by the one that made its key: nobody else writes this name.
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const parent = await open(dirname(path), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

/** The file's bytes. Null where there is none. */
export async function readKeystoreFile(folder: string, walletId: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(pathOf(folder, walletId)));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
}

/** What a comparison of rows and files found. Wallet ids only. */
export interface KeystoreFilesReport {
  checkedCount: number;
  missing: string[];
  different: string[];
  orphanCount: number;
}

const BATCH = 500;

/**
 * Compares every member's row with its file, at start. (A platform wallet's file is the one that it was imported from.) Nothing is repaired: the row is the live copy and which one is right is an
 * operator's decision. The wallet of a row that differs still opens, because the seal proves the row's own bytes.
 */
export async function checkKeystoreFiles(deps: Pick<Deps, 'db' | 'log' | 'config'>): Promise<KeystoreFilesReport> {
  const folder = deps.config.keystoreDir;
  const report: KeystoreFilesReport = { checkedCount: 0, missing: [], different: [], orphanCount: 0 };
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await sql<{ id: string; sealed_keystore: Buffer }>`
      select id, sealed_keystore from wallets where kind = 'member' and id > ${after} order by id limit ${BATCH}
    `.execute(deps.db);
    for (const row of rows) {
      const bytes = await readKeystoreFile(folder, row.id);
      report.checkedCount++;
      if (bytes === null) report.missing.push(row.id);
      else if (!row.sealed_keystore.equals(bytes)) report.different.push(row.id);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) break;
    after = last.id;
  }
  const fileCount = await countFiles(folder);
  report.orphanCount = Math.max(0, fileCount - (report.checkedCount - report.missing.length));
  for (const walletId of report.missing) deps.log.error('A wallet has no keystore file.', { walletId });
  for (const walletId of report.different) deps.log.error('A keystore file differs from its row.', { walletId });
  if (report.orphanCount > 0) deps.log.warn('Keystore files without a wallet.', { count: report.orphanCount });
  return report;
}

async function countFiles(folder: string): Promise<number> {
  let count = 0;
  let shards: string[];
  try {
    shards = await readdir(folder);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return 0;
    throw error;
  }
  for (const shard of shards.filter((name) => name.length === 2 && isHex(name))) {
    const names = await readdir(join(folder, shard));
    count += names.filter((name) => name.endsWith('.keystore')).length;
  }
  return count;
}

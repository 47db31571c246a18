/** The SQLite file itself: how it is opened, and what its errors mean. */
import { DatabaseSync } from 'node:sqlite';
import { PARTS_MAX } from './limits.ts';
import { StorageInUseError, type DamagedStorageError } from '../storage.ts';

/** Pages in the log before they are copied into the file: 16 MB, about ten full blocks. */
const CHECKPOINT_PAGES = 4_000;
/** What blocks read is in the machine’s own cache of files; this holds the upper pages of the indexes. */
const CACHE_KIB = 16 * 1024;

/** Opens the file for this process alone. Throws SQLite's errors. */
export function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    // Exclusive locking must be chosen before the file is touched: then no shared memory file is made and the lock is held until close.
    db.exec('pragma locking_mode = exclusive');
    db.exec('pragma journal_mode = wal');
    // Syncs the log before its pages are copied into the file, and the file after it; who commits syncs the log by `LogSync`.
    db.exec('pragma synchronous = normal');
    db.exec('pragma cell_size_check = on');
    db.exec(`pragma cache_size = -${CACHE_KIB}`);
    db.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    // Takes the lock also when nothing is written.
    db.exec('begin exclusive');
    db.exec('commit');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Result codes of SQLite (sqlite.org/rescode.html). 1 ERROR: our own statements are right, so the tables are not. */
const RESULT = { error: 1, busy: 5, readOnly: 8, corrupt: 11, notADatabase: 26 } as const;
const DAMAGE: ReadonlySet<number> = new Set([RESULT.error, RESULT.readOnly, RESULT.corrupt, RESULT.notADatabase]);

type SqliteError = Error & { readonly errcode: number };

/** True for an error by which SQLite says that the file is not what it has written. */
export const isDamage = (cause: unknown): cause is SqliteError => isSqliteError(cause) && DAMAGE.has(codeOf(cause));

const isSqliteError = (cause: unknown): cause is SqliteError => cause instanceof Error && 'errcode' in cause;

/** The low byte is the code, the rest says more about it. */
const codeOf = ({ errcode }: SqliteError): number => errcode & 0xff;

/** The error that tells a person what one of SQLite's means; any other error as it is. */
export function translate(
  cause: unknown,
  file: string,
  damaged: (what: string, cause?: unknown) => DamagedStorageError,
): unknown {
  if (isDamage(cause)) return damaged(`SQLite says "${cause.message}"`, cause);
  if (!isSqliteError(cause) || codeOf(cause) !== RESULT.busy) return cause;
  return new StorageInUseError(
    `The chain in ${file} is in use by another process. Stop that node first, or start with another data folder.`,
    { cause },
  );
}

/**
 * What SQLite finds wrong with how the file is built, or undefined. Rows are read and checked elsewhere; this finds what would
 * go wrong at the next write, such as a page that belongs to two rows.
 */
export function structureProblem(db: DatabaseSync): string | undefined {
  const { integrity_check: found } = db.prepare('pragma integrity_check(1)').get() as { integrity_check: string };
  if (found === 'ok') return undefined;
  const owner = ownerOf(db, found);
  return `${owner === undefined ? '' : `${owner} is stored in a damaged page: `}SQLite reports "${found.replaceAll('\n', ' ')}"`;
}

/** How many rows of each table belong to one block of its chain. */
const BLOCK_OF_KEY: Readonly<Record<string, readonly [chain: string, keysOfBlock: number]>> = {
  block: ['block', 1],
  block_part: ['block', PARTS_MAX],
  citizen_block: ['citizen block', 1],
  citizen_part: ['citizen block', PARTS_MAX],
};

/** The block of the cell that SQLite complains of, as far as the file still tells. */
function ownerOf(db: DatabaseSync, problem: string): string | undefined {
  const [, page, cell = '0'] = /page ([0-9]+)(?: cell ([0-9]+))?/.exec(problem) ?? [];
  if (page === undefined) return undefined;
  try {
    const place = db.prepare('select name, path from dbstat where pageno = ?').get(Number.parseInt(page, 10)) as
      { name: string; path: string } | undefined;
    const [chain, keysOfBlock] = BLOCK_OF_KEY[place?.name ?? ''] ?? [];
    if (place === undefined || chain === undefined || keysOfBlock === undefined) return undefined;
    const before = db
      .prepare("select coalesce(sum(ncell), 0) as count from dbstat where name = ? and pagetype = 'leaf' and path < ?")
      .get(place.name, place.path) as { count: number };
    const row = db
      .prepare(`select rowid as key from ${place.name} order by rowid limit 1 offset ?`)
      .get(before.count + Number.parseInt(cell, 10)) as { key: number } | undefined;
    return row && `${chain} ${Math.floor(row.key / keysOfBlock)}`;
  } catch (cause) {
    // The damage may stand in the way of this very question; the complaint itself is told in any case.
    if (isSqliteError(cause)) return undefined;
    throw cause;
  }
}

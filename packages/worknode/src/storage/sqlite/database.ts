/** The SQLite file itself: how it is opened, and what its errors mean. */
import { DatabaseSync } from 'node:sqlite';
import { StorageInUseError, type DamagedStorageError } from '../storage.ts';

/** Pages in the log before they are copied into the file: 16 MB, about ten full blocks. */
const CHECKPOINT_PAGES = 4_000;
const CACHE_KIB = 64 * 1024;

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

/** The error that tells a person what one of SQLite's means; any other error as it is. */
export function translate(
  cause: unknown,
  file: string,
  damaged: (what: string, cause?: unknown) => DamagedStorageError,
): unknown {
  if (!(cause instanceof Error) || !('errcode' in cause)) return cause;
  // The low byte is the code, the rest says more about it.
  const code = (cause.errcode as number) & 0xff;
  if (code === RESULT.busy) {
    return new StorageInUseError(
      `The chain in ${file} is in use by another process. Stop that node first, or start with another data folder.`,
      { cause },
    );
  }
  return DAMAGE.has(code) ? damaged(`SQLite says "${cause.message}"`, cause) : cause;
}

/**
 * Durable storage in one SQLite file: write-ahead log, one transaction for each block, and a sync of the disk before a commit returns.
 * The file is locked for as long as it is open, and by the operating system, so that the lock goes with the process.
 *
 * SQLite keeps whole rows of sealed bytes in order and writes them all or not at all; what is in them, and that nothing is
 * missing, is checked here. docs/decisions/0006-node-storage.md says why each part is kept as it is.
 */
import { DatabaseSync } from 'node:sqlite';
import { BLOCK_TABLES, Blocks } from './sqlite/blocks.ts';
import { CITIZEN_TABLES, Citizens } from './sqlite/citizens.ts';
import { openDatabase, structureProblem, translate } from './sqlite/database.ts';
import { History, HISTORY_TABLES } from './sqlite/history.ts';
import { Journal, JOURNAL_TABLES } from './sqlite/journal.ts';
import { LogSync } from './sqlite/log-sync.ts';
import { Mark, readMark, type MarkPoint } from './sqlite/mark.ts';
import { NO_PROGRESS, RECORD_TABLES, Records, type Progress } from './sqlite/records.ts';
import { BrokenSealError } from './sqlite/sealed.ts';
import { STATE_TABLES, StateRows } from './sqlite/state-rows.ts';
import { DamagedStorageError, PrunedHistoryError, type Commit, type NodeStorage, type StatePoint } from './storage.ts';

/** 1: a row for each transaction, state roots were sums of row hashes. 2: state roots are those of tries. 3 to 6: sealed rows. */
const FORMAT = '6';

const SCHEMA = [RECORD_TABLES, BLOCK_TABLES, CITIZEN_TABLES, STATE_TABLES, HISTORY_TABLES, JOURNAL_TABLES].join('\n');

export interface SqliteOptions {
  /** Blocks below the newest whose states stay readable; left out, all do. */
  readonly keepHistory?: number;
  /** Smaller ones make a short chain go through all that a long one does. */
  readonly bounds?: SqliteBounds;
}

/** How much waits in memory before it is put in order on disk; all of it is read again at a start. */
export interface SqliteBounds {
  /** Entries of an index by hash, some 100 bytes each; at most twice as many wait. */
  readonly indexBatch: number;
  /** Changed rows within which the state's pages are brought up to date once; at most twice as many wait. */
  readonly sweepChanges: number;
  /** Changed rows in a segment of the history, 8 bytes each on disk. */
  readonly segmentEntries: number;
}

const BOUNDS: SqliteBounds = { indexBatch: 65_536, sweepChanges: 131_072, segmentEntries: 65_536 };

/**
 * Opens or makes the file, and reads and checks all of it. Throws `StorageInUseError` when another process has it, and
 * `DamagedStorageError` naming the block when a stored byte is not what was written or a commit is missing.
 */
export function openSqliteStorage(file: string, options: SqliteOptions = {}): NodeStorage {
  const damaged = (what: string, cause?: unknown): DamagedStorageError =>
    new DamagedStorageError(
      `The chain in ${file} is damaged: ${what}. Restore the data folder from your backup, or start with another folder.`,
      { cause },
    );
  const guarded = <T>(step: () => T): T => {
    try {
      return step();
    } catch (cause) {
      if (cause instanceof BrokenSealError) throw damaged(cause.message, cause);
      throw translate(cause, file, damaged);
    }
  };
  const db = guarded(() => openDatabase(file));
  try {
    const isNew = guarded(() => begin(db));
    requireVersion(db, file, guarded);
    guarded(() => requireFormat(db));
    requireMark(db, file, isNew, guarded, damaged);
    const bounds = options.bounds ?? BOUNDS;
    const parts = guarded(() => load(db, bounds));
    const log = new LogSync(`${file}-wal`);
    // What an earlier process wrote last may be nowhere but in its memory of files.
    log.now();
    const mark = Mark.open(markOf(file));
    return storageOver({ db, log, mark, parts, bounds, guarded, keepHistory: options.keepHistory });
  } catch (error) {
    db.close();
    throw error;
  }
}

const markOf = (file: string): string => `${file}-mark`;

/** Makes the tables of an empty file. */
function begin(db: DatabaseSync): boolean {
  const isNew = (db.prepare('select count(*) as count from sqlite_schema').get() as { count: number }).count === 0;
  if (!isNew) return false;
  db.exec('begin immediate');
  db.exec(SCHEMA);
  const records = new Records(db);
  records.putText('format', FORMAT);
  records.putProgress(NO_PROGRESS);
  db.exec('commit');
  return true;
}

/** Stops at a file of another format, which is whole but not ours to read. */
function requireVersion(db: DatabaseSync, file: string, guarded: <T>(step: () => T) => T): void {
  const format = guarded(() => formatOf(db));
  if (format === undefined || format === FORMAT) return;
  throw new DamagedStorageError(
    `The chain in ${file} was written by another version of this node: expected format ${FORMAT}, got ${format}. Export its blocks with that version and import them, or start with another folder.`,
  );
}

/** Undefined where none is told, or its table is missing. */
function formatOf(db: DatabaseSync): string | undefined {
  const tables = db.prepare("select name from sqlite_schema where name in ('meta', 'record')").all() as {
    name: string;
  }[];
  // Formats 1 and 2 kept it elsewhere.
  if (tables.some(({ name }) => name === 'meta')) return '2 or older';
  return tables.length === 0 ? undefined : new Records(db).text('format');
}

function requireFormat(db: DatabaseSync): void {
  const model = new DatabaseSync(':memory:');
  try {
    model.exec(SCHEMA);
    if (layoutOf(db) !== layoutOf(model)) throw new BrokenSealError('its tables are not those that this version makes');
  } finally {
    model.close();
  }
  if (formatOf(db) === undefined) throw new BrokenSealError(`expected format ${FORMAT}, got none`);
}

/** The tables of a file, as text. */
const layoutOf = (db: DatabaseSync): string =>
  JSON.stringify(db.prepare('select type, name, tbl_name, sql from sqlite_schema order by name').all());

/** Stops when the database is older than its mark: commits that were answered are missing. */
function requireMark(
  db: DatabaseSync,
  file: string,
  isNew: boolean,
  guarded: <T>(step: () => T) => T,
  damaged: (what: string) => DamagedStorageError,
): void {
  const { commits, blocks } = guarded(() => new Records(db).progress());
  const point = readMark(markOf(file));
  if (point === 'damaged') throw damaged(`its mark ${markOf(file)} is not what was written`);
  if (point === undefined) {
    // A crash may come between the making of the database and that of the mark.
    if (isNew || commits === 0) return;
    throw damaged(`its mark ${markOf(file)} is missing`);
  }
  if (commits >= point.commits) return;
  const newest = blocks.count === 0 ? 'the beginning' : `block ${blocks.count - 1}`;
  throw damaged(
    `what was written after ${newest} is missing: the mark tells of ${point.commits} commits up to block ${point.blocks - 1}, the database has ${commits}`,
  );
}

interface Parts {
  readonly records: Records;
  readonly blocks: Blocks;
  readonly citizens: Citizens;
  readonly state: StateRows;
  readonly history: History;
  readonly journal: Journal;
  commits: number;
}

/** Reads everything. Blocks come first: of all that may be damaged, they are what a person asks about. */
function load(db: DatabaseSync, bounds: SqliteBounds): Parts {
  const records = new Records(db);
  const progress = records.progress();
  const parts: Parts = {
    records,
    blocks: new Blocks(db, progress.blocks, bounds.indexBatch),
    citizens: new Citizens(db, progress.citizens, bounds.indexBatch),
    state: new StateRows(db, progress.state, bounds.sweepChanges),
    history: new History(db, progress.history, bounds.segmentEntries),
    journal: new Journal(db, progress.journal),
    commits: progress.commits,
  };
  parts.blocks.load();
  parts.citizens.load();
  parts.state.load(progress.state.rowCount);
  parts.history.load(progress.state.change);
  const problem = structureProblem(db);
  if (problem !== undefined) throw new BrokenSealError(problem);
  parts.blocks.checkIndexes();
  parts.citizens.checkIndexes();
  parts.journal.load(progress.journal.count, (hash) => parts.blocks.transaction(hash) !== undefined);
  return parts;
}

function storageOver(input: {
  readonly db: DatabaseSync;
  readonly log: LogSync;
  readonly mark: Mark;
  readonly parts: Parts;
  readonly bounds: SqliteBounds;
  readonly guarded: <T>(step: () => T) => T;
  readonly keepHistory: number | undefined;
}): NodeStorage {
  const { db, log, mark, bounds, guarded, keepHistory } = input;
  let { parts } = input;
  let broken: { readonly cause: unknown } | undefined;
  let marked = 0;
  let isClosed = false;

  const read = <T>(step: () => T): T => {
    if (broken !== undefined) throw broken.cause;
    return guarded(step);
  };

  /** Rows one by one: what goes wrong does so while they are taken. */
  const each = <T>(rows: () => Iterable<T>): Iterable<T> => ({
    *[Symbol.iterator]() {
      const iterator = read(rows)[Symbol.iterator]();
      for (let next = read(() => iterator.next()); next.done !== true; next = read(() => iterator.next()))
        yield next.value;
    },
  });

  /** One transaction. When it fails, nothing has changed: what the parts keep in memory is read again. */
  const change = (step: () => void): void =>
    read(() => {
      db.exec('begin immediate');
      try {
        step();
        parts.commits++;
        parts.records.putProgress(progressOf(parts));
        db.exec('commit');
      } catch (cause) {
        if (db.isTransaction) db.exec('rollback');
        broken = { cause };
        parts = load(db, bounds);
        broken = undefined;
        throw cause;
      }
    });

  const point = (): MarkPoint => ({ commits: parts.commits, blocks: parts.blocks.count });

  /** The mark follows the disk: were it ahead after a power cut, a sound chain would pass for one that lacks commits. */
  const markAt = (reached: MarkPoint): void => {
    if (reached.commits <= marked) return;
    mark.write(reached);
    marked = reached.commits;
  };

  /** What fails here leaves open what the disk has, and a log that is damaged later could pass unseen: nothing is taken any more. */
  const orBreak = (step: () => void): void => {
    try {
      step();
    } catch (cause) {
      broken = { cause };
      throw cause;
    }
  };

  const sync = (): void =>
    read(() =>
      orBreak(() => {
        log.now();
        markAt(point());
      }),
    );

  const write = (step: () => void): void => {
    change(step);
    sync();
  };

  const requireNext = ({ block, citizenBlock }: Commit): void => {
    requireNumber('block', block?.number, parts.blocks.count);
    requireNumber('citizen block', citizenBlock?.number, parts.citizens.count);
  };

  return {
    genesis: () => read(() => parts.records.text('genesis')),
    rules: () => read(() => parts.records.text('rules')),
    head: () => read(() => parts.blocks.head(parts.blocks.count - 1)?.head),
    citizenHead: () => read(() => parts.citizens.block(parts.citizens.count - 1)),
    state: () => each(() => parts.state.rows()),
    commit(commit) {
      const { block, citizenBlock, state, journalDone = [], genesis } = commit;
      requireNext(commit);
      write(() => {
        if (state.length > 0) {
          const numbered = parts.state.put(state);
          parts.history.put(parts.state.change, numbered);
        }
        parts.state.step(state.length);
        if (block !== undefined) parts.blocks.put(block, parts.state.change);
        if (citizenBlock !== undefined) parts.citizens.put(citizenBlock, parts.state.change);
        parts.journal.settle(journalDone);
        if (genesis !== undefined) {
          parts.records.putText('genesis', genesis.text);
          parts.records.putText('rules', genesis.rules);
        }
        if (block !== undefined && keepHistory !== undefined) prune(parts, block.number - keepHistory);
      });
    },
    journalAdd(rows) {
      if (rows.length > 0) change(() => parts.journal.add(rows));
    },
    async synced() {
      const reached = read(point);
      if (reached.commits <= marked) return;
      try {
        await log.later();
      } catch (cause) {
        broken = { cause };
        throw cause;
      }
      if (!isClosed) read(() => orBreak(() => markAt(reached)));
    },
    journalRemove(hashes) {
      if (hashes.length > 0) write(() => parts.journal.drop(hashes));
    },
    journal: () => read(() => parts.journal.rows()),
    block: (number) => read(() => parts.blocks.block(number)),
    blockHead: (number) => read(() => parts.blocks.head(number)?.head),
    transactionCount: (number) => read(() => parts.blocks.head(number)?.transactionCount),
    heads: () => each(() => parts.blocks.heads()),
    blockNumber: (hash) => read(() => parts.blocks.numberOf(hash)),
    transaction: (hash) => read(() => parts.blocks.transaction(hash)),
    transactionAt: (number, index) => read(() => parts.blocks.transactionAt(number, index)),
    citizenBlock: (number) => read(() => parts.citizens.block(number)),
    citizenBlockHead: (number) => read(() => parts.citizens.head(number)),
    recordCount: (number) => read(() => parts.citizens.recordCountOf(number)),
    citizenBlockNumber: (hash) => read(() => parts.citizens.numberOf(hash)),
    citizen: (hash) => read(() => parts.citizens.record(hash)),
    rowAt: (point, table, key) =>
      read(() => {
        const change = changesUntil(parts, point);
        if (change + 1 < parts.history.oldest) throw new PrunedHistoryError(point, historyFrom(parts));
        const id = parts.state.idOf(table, key);
        const after = id === undefined ? undefined : parts.history.after(change, id);
        return after === undefined ? { kind: 'unchanged' } : { kind: 'changed', before: after.before };
      }),
    changesUntil: (point) => read(() => changesUntil(parts, point)),
    historyFrom: () => read(() => historyFrom(parts)),
    close() {
      if (broken === undefined) sync();
      isClosed = true;
      db.close();
      mark.close();
      log.close();
    },
  };
}

const progressOf = (parts: Parts): Progress => ({
  commits: parts.commits,
  blocks: parts.blocks.progress(),
  citizens: parts.citizens.progress(),
  state: parts.state.progress(),
  history: parts.history.progress(),
  journal: parts.journal.progress(),
});

function requireNumber(what: string, number: number | undefined, expected: number): void {
  if (number !== undefined && number !== expected)
    throw new RangeError(`Expected the ${what} ${expected} to be written next, got ${number}.`);
}

function changesUntil({ blocks, citizens }: Parts, { chain, block }: StatePoint): number {
  const change = chain === 'main' ? blocks.head(block)?.change : citizens.changeOf(block);
  if (change === undefined) throw new RangeError(`Expected a block that exists, got ${block}.`);
  return change;
}

/** Removes the history that no block from this one on needs. */
function prune(parts: Parts, horizon: number): void {
  const head = parts.blocks.head(horizon);
  if (head !== undefined) parts.history.prune(head.change + 1);
}

/** The first block whose state follows from what is kept. Changes only grow with the number, so halving finds it. */
function historyFrom({ blocks, history }: Parts): number {
  let from = 0;
  let to = Math.max(0, blocks.count - 1);
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((blocks.head(middle)?.change ?? 0) + 1 < history.oldest) from = middle + 1;
    else to = middle;
  }
  return from;
}

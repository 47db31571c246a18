/**
 * Durable storage in one SQLite file: write-ahead log, a full sync at each commit, one transaction for each block.
 * The file is locked for as long as it is open, and by the operating system, so that the lock goes with the process.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { equalBytes } from '@jigeum/std';
import type { Sha3 } from '@jigeum/symverse';
import type { StateRow } from '../state/state.ts';
import { TABLE_NAMES } from '../state/tables.ts';
import {
  blockChecksum,
  citizenBlockChecksum,
  DamagedStorageError,
  journalChecksum,
  StorageInUseError,
  type NodeStorage,
  type StoredBlock,
  type StoredCitizenBlock,
} from './storage.ts';

/** 1: state roots were sums of row hashes. 2: they are roots of tries. */
const FORMAT = '2';

const SCHEMA = `
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists block (number integer primary key, hash blob not null unique, header blob not null, sign blob not null, checksum blob not null);
create table if not exists tx (block integer not null, idx integer not null, hash blob not null unique, raw blob not null, receipt blob not null, primary key (block, idx)) without rowid;
create table if not exists citizen_block (number integer primary key, hash blob not null unique, header blob not null, checksum blob not null);
create table if not exists citizen (block integer not null, idx integer not null, hash blob not null unique, raw blob not null, primary key (block, idx)) without rowid;
create table if not exists state (tbl integer not null, key text not null, value blob not null, primary key (tbl, key)) without rowid;
create table if not exists journal (seq integer primary key autoincrement, hash blob not null unique, raw blob not null, checksum blob not null);
`;

/**
 * Opens or makes the file. Throws `StorageInUseError` when another process has it, and `DamagedStorageError` when it is no
 * database of ours or SQLite finds it damaged. Blocks are checked by `verify`.
 */
export function openSqliteStorage(file: string, sha3: Sha3): NodeStorage {
  const damaged = (what: string, cause?: unknown): DamagedStorageError =>
    new DamagedStorageError(
      `The chain in ${file} is damaged: ${what}. Restore the data folder from your backup, or start with another folder.`,
      { cause },
    );
  const guarded = <T>(step: () => T): T => {
    try {
      return step();
    } catch (cause) {
      throw translate(cause, file, damaged);
    }
  };

  const db = guarded(() => new DatabaseSync(file));
  try {
    guarded(() => prepare(db));
    const problem = guarded(() => db.prepare('pragma integrity_check(1)').get() as { integrity_check: string });
    if (problem.integrity_check !== 'ok') throw damaged(`SQLite reports "${problem.integrity_check}"`);
    if (guarded(() => layoutOf(db)) !== expectedLayout())
      throw damaged('its tables are not those that this version makes');
    const format = guarded(() => db.prepare("select value from meta where name = 'format'").get() as { value: string });
    if (format.value !== FORMAT) {
      throw new DamagedStorageError(
        `The chain in ${file} was written by another version of this node: expected format ${FORMAT}, got ${format.value}. Open it with that version, or start with another folder.`,
      );
    }
  } catch (error) {
    db.close();
    throw error;
  }
  return storageOver(db, sha3, guarded, damaged);
}

/** The tables and indexes of a file, as text. */
function layoutOf(db: DatabaseSync): string {
  return JSON.stringify(db.prepare('select type, name, tbl_name, sql from sqlite_schema order by name').all());
}

function expectedLayout(): string {
  const model = new DatabaseSync(':memory:');
  try {
    model.exec(SCHEMA);
    return layoutOf(model);
  } finally {
    model.close();
  }
}

function prepare(db: DatabaseSync): void {
  // Exclusive locking must be chosen before the file is touched: then no shared memory file is made and the lock is held until close.
  db.exec('pragma locking_mode = exclusive');
  db.exec('pragma journal_mode = wal');
  db.exec('pragma synchronous = full');
  db.exec('pragma cell_size_check = on');
  db.exec('pragma cache_size = -65536');
  db.exec('begin exclusive');
  db.exec(SCHEMA);
  db.prepare("insert or ignore into meta (name, value) values ('format', ?)").run(FORMAT);
  db.exec('commit');
}

type Blob = Uint8Array;
interface BlockRow {
  number: number;
  hash: Blob;
  header: Blob;
  sign: Blob;
  checksum: Blob;
}

function storageOver(
  db: DatabaseSync,
  sha3: Sha3,
  guarded: <T>(step: () => T) => T,
  damaged: (what: string, cause?: unknown) => DamagedStorageError,
): NodeStorage {
  const sql = statements(db);

  const readBlock = (row: BlockRow | undefined): StoredBlock | undefined => {
    if (row === undefined) return undefined;
    const { number, hash, header, sign, checksum } = row;
    const transactions = sql.txsOfBlock.all(number) as unknown as StoredBlock['transactions'];
    const block = { number, hash, header, sign, transactions };
    if (!equalBytes(blockChecksum(block, sha3), checksum)) throw damaged(`block ${number} does not have its checksum`);
    return block;
  };
  const readCitizenBlock = (row: Omit<BlockRow, 'sign'> | undefined): StoredCitizenBlock | undefined => {
    if (row === undefined) return undefined;
    const { number, hash, header, checksum } = row;
    const citizens = sql.citizensOfBlock.all(number) as unknown as StoredCitizenBlock['citizens'];
    const block = { number, hash, header, citizens };
    if (!equalBytes(citizenBlockChecksum(block, sha3), checksum)) {
      throw damaged(`citizen block ${number} does not have its checksum`);
    }
    return block;
  };
  const write = (step: () => void): void =>
    guarded(() => {
      db.exec('begin immediate');
      try {
        step();
        db.exec('commit');
      } catch (cause) {
        if (db.isTransaction) db.exec('rollback');
        throw cause;
      }
    });
  const requireNext = (what: string, number: number, last: StatementSync): void => {
    const expected = (last.get() as { next: number }).next;
    if (number !== expected)
      throw new RangeError(`Expected the ${what} ${expected} to be written next, got ${number}.`);
  };
  const block = (number: number): StoredBlock | undefined =>
    guarded(() => readBlock(sql.block.get(number) as BlockRow | undefined));
  const citizenBlock = (number: number): StoredCitizenBlock | undefined =>
    guarded(() => readCitizenBlock(sql.citizenBlock.get(number) as BlockRow | undefined));

  return {
    genesis: () => guarded(() => (sql.genesis.get() as { value: string } | undefined)?.value),
    head: () => guarded(() => readBlock(sql.head.get() as BlockRow | undefined)),
    citizenHead: () => guarded(() => readCitizenBlock(sql.citizenHead.get() as BlockRow | undefined)),
    state: () =>
      guarded(() =>
        (sql.state.all() as { tbl: number; key: string; value: Blob }[]).map((row): StateRow => {
          const table = TABLE_NAMES[row.tbl];
          if (table === undefined) throw damaged(`the state has a row of table ${row.tbl}`);
          return { table, key: row.key, value: row.value };
        }),
      ),
    commit(commit) {
      write(() => {
        if (commit.block !== undefined) {
          const { number, hash, header, sign, transactions } = commit.block;
          requireNext('block', number, sql.nextBlock);
          sql.putBlock.run(number, hash, header, sign, blockChecksum(commit.block, sha3));
          transactions.forEach((row, index) => sql.putTx.run(number, index, row.hash, row.raw, row.receipt));
        }
        if (commit.citizenBlock !== undefined) {
          const { number, hash, header, citizens } = commit.citizenBlock;
          requireNext('citizen block', number, sql.nextCitizenBlock);
          sql.putCitizenBlock.run(number, hash, header, citizenBlockChecksum(commit.citizenBlock, sha3));
          citizens.forEach((row, index) => sql.putCitizen.run(number, index, row.hash, row.raw));
        }
        for (const { table, key, value } of commit.state) {
          const tbl = TABLE_NAMES.indexOf(table);
          if (value === undefined) sql.deleteState.run(tbl, key);
          else sql.putState.run(tbl, key, value);
        }
        for (const hash of commit.journalDone ?? []) sql.deleteJournal.run(hash);
        if (commit.genesis !== undefined) sql.putGenesis.run(commit.genesis);
      });
    },
    journalAdd(rows) {
      if (rows.length === 0) return;
      write(() => rows.forEach((row) => sql.putJournal.run(row.hash, row.raw, journalChecksum(row, sha3))));
    },
    journalRemove(hashes) {
      if (hashes.length === 0) return;
      write(() => hashes.forEach((hash) => sql.deleteJournal.run(hash)));
    },
    journal: () =>
      guarded(() =>
        (sql.journal.all() as unknown as { seq: number; hash: Blob; raw: Blob; checksum: Blob }[]).map((row) => {
          if (!equalBytes(journalChecksum(row, sha3), row.checksum)) {
            throw damaged(`row ${row.seq} of the journal of waiting transactions does not have its checksum`);
          }
          return { hash: row.hash, raw: row.raw };
        }),
      ),
    block,
    blockHead: (number) => guarded(() => sql.blockHead.get(number) as unknown as StoredBlock | undefined),
    blockNumber: (hash) => guarded(() => (sql.blockNumber.get(hash) as { number: number } | undefined)?.number),
    transaction: (hash) =>
      guarded(() => {
        const row = sql.tx.get(hash) as unknown as
          { block: number; idx: number; hash: Blob; raw: Blob; receipt: Blob } | undefined;
        if (row === undefined) return undefined;
        return { block: row.block, index: row.idx, row: { hash: row.hash, raw: row.raw, receipt: row.receipt } };
      }),
    citizenBlock,
    citizenBlockNumber: (hash) =>
      guarded(() => (sql.citizenBlockNumber.get(hash) as { number: number } | undefined)?.number),
    citizen: (hash) =>
      guarded(() => {
        const row = sql.citizen.get(hash) as unknown as
          { block: number; idx: number; hash: Blob; raw: Blob } | undefined;
        return row && { block: row.block, index: row.idx, row: { hash: row.hash, raw: row.raw } };
      }),
    verify() {
      const next = (sql.nextBlock.get() as { next: number }).next;
      for (let number = 0; number < next; number++) {
        if (block(number) === undefined) throw damaged(`block ${number} is missing`);
      }
      const nextCitizen = (sql.nextCitizenBlock.get() as { next: number }).next;
      for (let number = 0; number < nextCitizen; number++) {
        if (citizenBlock(number) === undefined) throw damaged(`citizen block ${number} is missing`);
      }
    },
    close: () => db.close(),
  };
}

function statements(db: DatabaseSync) {
  const all = {
    genesis: "select value from meta where name = 'genesis'",
    putGenesis: "insert into meta (name, value) values ('genesis', ?)",
    head: 'select * from block order by number desc limit 1',
    block: 'select * from block where number = ?',
    blockHead: 'select number, hash, header from block where number = ?',
    blockNumber: 'select number from block where hash = ?',
    nextBlock: 'select coalesce(max(number) + 1, 0) as next from block',
    putBlock: 'insert into block (number, hash, header, sign, checksum) values (?, ?, ?, ?, ?)',
    txsOfBlock: 'select hash, raw, receipt from tx where block = ? order by idx',
    tx: 'select * from tx where hash = ?',
    putTx: 'insert into tx (block, idx, hash, raw, receipt) values (?, ?, ?, ?, ?)',
    citizenHead: 'select * from citizen_block order by number desc limit 1',
    citizenBlock: 'select * from citizen_block where number = ?',
    citizenBlockNumber: 'select number from citizen_block where hash = ?',
    nextCitizenBlock: 'select coalesce(max(number) + 1, 0) as next from citizen_block',
    putCitizenBlock: 'insert into citizen_block (number, hash, header, checksum) values (?, ?, ?, ?)',
    citizensOfBlock: 'select hash, raw from citizen where block = ? order by idx',
    citizen: 'select * from citizen where hash = ?',
    putCitizen: 'insert into citizen (block, idx, hash, raw) values (?, ?, ?, ?)',
    state: 'select * from state',
    putState: 'insert into state (tbl, key, value) values (?, ?, ?) on conflict do update set value = excluded.value',
    deleteState: 'delete from state where tbl = ? and key = ?',
    journal: 'select * from journal order by seq',
    putJournal: 'insert into journal (hash, raw, checksum) values (?, ?, ?) on conflict (hash) do nothing',
    deleteJournal: 'delete from journal where hash = ?',
  } as const;
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, db.prepare(text)])) as {
    readonly [Name in keyof typeof all]: StatementSync;
  };
}

/** Result codes of SQLite (sqlite.org/rescode.html). 1 ERROR: our own statements are right, so the tables are not. */
const RESULT = { error: 1, busy: 5, readOnly: 8, corrupt: 11, notADatabase: 26 } as const;
const DAMAGE: ReadonlySet<number> = new Set([RESULT.error, RESULT.readOnly, RESULT.corrupt, RESULT.notADatabase]);

function translate(
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

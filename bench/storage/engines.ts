/** Ways to keep a chain. Each commits a block durably, with everything by which it is found again. */
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStorage } from '@jigeum/worknode';
import { firstRows, type WorkloadBlock } from './workload.ts';

export interface Engine {
  /** Returns when the disk has the block. */
  commit(block: WorkloadBlock): void;
}

/** Opens an engine in an empty folder, with the first rows of the state in it. */
export const ENGINES = {
  /** Appends the bytes of the block to a file, and nothing else: what no engine can do with less. */
  append(folder: string): Engine {
    const file = openSync(join(folder, 'append'), 'w');
    return {
      commit({ header, transactions, rows }) {
        const parts = [header];
        for (const { hash, raw, receipt } of transactions) parts.push(hash, raw, receipt);
        for (const { value, before } of rows) parts.push(value, before!);
        writeSync(file, Buffer.concat(parts));
        fdatasyncSync(file);
      },
    };
  },

  /** What comes to mind first: a row for each thing, found by its key, in the same database engine as ours. */
  rows(folder: string): Engine {
    const db = new DatabaseSync(join(folder, 'rows.sqlite'));
    db.exec(`pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536;
      create table block (number integer primary key, header blob not null);
      create table tx (hash blob primary key, block integer not null, idx integer not null, raw blob not null, receipt blob not null) without rowid;
      create table state (key text primary key, value blob not null) without rowid;
      create table history (key text not null, block integer not null, value blob not null, primary key (key, block)) without rowid;`);
    const block = db.prepare('insert into block (number, header) values (?, ?)');
    const tx = db.prepare('insert into tx (hash, block, idx, raw, receipt) values (?, ?, ?, ?, ?)');
    const state = db.prepare(
      'insert into state (key, value) values (?, ?) on conflict do update set value = excluded.value',
    );
    const history = db.prepare('insert into history (key, block, value) values (?, ?, ?)');
    db.exec('begin');
    for (const { key, value } of firstRows()) state.run(key, value);
    db.exec('commit');
    return {
      commit({ number, header, transactions, rows }) {
        db.exec('begin immediate');
        block.run(number, header);
        transactions.forEach(({ hash, raw, receipt }, index) => tx.run(hash, number, index, raw, receipt));
        for (const { key, value, before } of rows) {
          state.run(key, value);
          history.run(key, number, before!);
        }
        db.exec('commit');
      },
    };
  },

  /** The work node's storage. */
  jigeum(folder: string): Engine {
    const storage = openSqliteStorage(join(folder, 'chain.sqlite'));
    storage.commit({ state: firstRows().map((row) => ({ table: 'holding', ...row })) });
    return {
      commit({ number, header, transactions, rows }) {
        storage.commit({
          block: { number, hash: transactions[0]!.hash, header, sign: new Uint8Array(64), transactions },
          state: rows.map((row) => ({ table: 'holding', ...row })),
        });
      },
    };
  },
} as const;

export type EngineName = keyof typeof ENGINES;

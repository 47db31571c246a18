/**
 * Transactions that were answered and are in no block yet. What is written together is one row; the row leaves when all of its
 * transactions are in blocks, so that a block costs the journal a few deletions and no rewriting.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesToHex } from '@jigeum/std';
import type { JournalRow } from '../storage.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';

export const JOURNAL_TABLES = `
create table journal (batch integer primary key, row blob not null);
`;

export interface JournalProgress {
  /** The number of the next batch. */
  readonly next: number;
  /** Batches that are kept. */
  readonly count: number;
}

interface Waiting {
  readonly row: JournalRow;
  readonly batch: number;
}

export class Journal {
  readonly #put: StatementSync;
  readonly #all: StatementSync;
  readonly #remove: StatementSync;
  readonly #waiting = new Map<string, Waiting>();
  /** How many of each batch still wait. */
  readonly #left = new Map<number, number>();
  #next: number;

  constructor(db: DatabaseSync, progress: JournalProgress) {
    this.#put = db.prepare(
      'insert into journal (batch, row) values (?, ?) on conflict do update set row = excluded.row',
    );
    this.#all = db.prepare('select batch, row from journal order by batch');
    this.#all.setReturnArrays(true);
    this.#remove = db.prepare('delete from journal where batch = ?');
    this.#next = progress.next;
  }

  progress(): JournalProgress {
    return { next: this.#next, count: this.#left.size };
  }

  /** Reads what waits. A row of a batch that lives on for another one's sake is in the chain, and left out. */
  load(count: number, isInChain: (hash: Uint8Array) => boolean): void {
    for (const [batch, row] of this.#all.iterate() as unknown as Iterable<[number, Uint8Array]>) {
      const rows = readBatch(batch, row).filter(({ hash }) => !isInChain(hash));
      this.#enter(batch, rows);
    }
    if (this.#left.size !== count)
      throw new BrokenSealError(
        `the journal of waiting transactions has ${this.#left.size} batches instead of ${count}`,
      );
  }

  rows(): JournalRow[] {
    return Array.from(this.#waiting.values(), ({ row }) => row);
  }

  add(rows: readonly JournalRow[]): void {
    const news = [...new Map(rows.map((row) => [bytesToHex(row.hash), row]))].filter(
      ([hex]) => !this.#waiting.has(hex),
    );
    if (news.length === 0) return;
    const batch = this.#next++;
    const added = news.map(([, row]) => row);
    this.#write(batch, added);
    this.#enter(batch, added);
  }

  /** These are in a block now; a batch of which nothing waits any more is removed. */
  settle(hashes: readonly Uint8Array[]): void {
    for (const batch of this.#take(hashes)) {
      if (this.#left.get(batch) !== 0) continue;
      this.#remove.run(batch);
      this.#left.delete(batch);
    }
  }

  /** These are in no block and shall not come back: what remains of their batches is written again. */
  drop(hashes: readonly Uint8Array[]): void {
    const remaining = new Map(Array.from(this.#take(hashes), (batch) => [batch, [] as JournalRow[]]));
    if (remaining.size === 0) return;
    for (const { row, batch } of this.#waiting.values()) remaining.get(batch)?.push(row);
    for (const [batch, rows] of remaining) {
      if (rows.length > 0) this.#write(batch, rows);
      else {
        this.#remove.run(batch);
        this.#left.delete(batch);
      }
    }
  }

  #take(hashes: readonly Uint8Array[]): Set<number> {
    const batches = new Set<number>();
    for (const hash of hashes) {
      const hex = bytesToHex(hash);
      const waiting = this.#waiting.get(hex);
      if (waiting === undefined) continue;
      this.#waiting.delete(hex);
      this.#left.set(waiting.batch, this.#left.get(waiting.batch)! - 1);
      batches.add(waiting.batch);
    }
    return batches;
  }

  #enter(batch: number, rows: readonly JournalRow[]): void {
    this.#left.set(batch, rows.length);
    for (const row of rows) this.#waiting.set(bytesToHex(row.hash), { row, batch });
  }

  #write(batch: number, rows: readonly JournalRow[]): void {
    const writer = new SealedWriter().u32(rows.length);
    for (const { hash, raw } of rows) writer.raw(hash).blob(raw);
    this.#put.run(batch, writer.seal(batch));
  }
}

function readBatch(batch: number, row: Uint8Array): JournalRow[] {
  try {
    const reader = new SealedReader(batch, row);
    return Array.from({ length: reader.u32() }, () => ({ hash: reader.raw(32), raw: reader.blob() }));
  } catch (cause) {
    if (!(cause instanceof BrokenSealError)) throw cause;
    throw new BrokenSealError(`batch ${batch} of the journal of waiting transactions is damaged: ${cause.message}`, {
      cause,
    });
  }
}

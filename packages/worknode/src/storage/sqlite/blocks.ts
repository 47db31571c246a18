/**
 * Main blocks: one row for the head, one for each 64 transactions, so that a block is written in sequence and one of its
 * transactions is read without the others.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { equalBytes } from '@jigeum/std';
import type { Place, StoredBlock, StoredHead, StoredTransaction } from '../storage.ts';
import { isDamage } from './database.ts';
import { HashIndex, type HashIndexProgress } from './hash-index.ts';
import { PARTS_MAX, PLACES_MAX } from './limits.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';

export const BLOCK_TABLES = `
create table block (number integer primary key, row blob not null);
create table block_part (id integer primary key, row blob not null);
create table block_index (key integer primary key, place integer not null);
create table transaction_index (key integer primary key, place integer not null);
`;

const PER_PART = 64;

interface HeadRow {
  readonly head: StoredHead;
  readonly transactionCount: number;
  /** The newest change of the state that belongs to this block. */
  readonly change: number;
}

export interface BlocksProgress {
  readonly count: number;
  readonly byHash: HashIndexProgress;
  readonly transactions: HashIndexProgress;
}

export class Blocks {
  readonly #putHead: StatementSync;
  readonly #putPart: StatementSync;
  readonly #getHead: StatementSync;
  readonly #getPart: StatementSync;
  readonly #allHeads: StatementSync;
  readonly #allParts: StatementSync;
  readonly #byHash: HashIndex;
  readonly #transactions: HashIndex;
  #count: number;

  constructor(db: DatabaseSync, progress: BlocksProgress, indexBatch: number) {
    this.#putHead = db.prepare('insert into block (number, row) values (?, ?)');
    this.#putPart = db.prepare('insert into block_part (id, row) values (?, ?)');
    this.#getHead = db.prepare('select row from block where number = ?');
    this.#getPart = db.prepare('select row from block_part where id = ?');
    this.#allHeads = db.prepare('select number, row from block order by number');
    this.#allParts = db.prepare('select id, row from block_part order by id');
    for (const statement of [this.#getHead, this.#getPart, this.#allHeads, this.#allParts])
      statement.setReturnArrays(true);
    this.#byHash = new HashIndex(db, 'block_index', progress.byHash, indexBatch);
    this.#transactions = new HashIndex(db, 'transaction_index', progress.transactions, indexBatch);
    this.#count = progress.count;
  }

  get count(): number {
    return this.#count;
  }

  progress(): BlocksProgress {
    return { count: this.#count, byHash: this.#byHash.progress(), transactions: this.#transactions.progress() };
  }

  /** Reads every block, checks it, and puts into the indexes what is not in their tables. Throws `BrokenSealError` naming the block. */
  load(): void {
    let expected = 0;
    try {
      for (const number of this.#read()) expected = number + 1;
    } catch (cause) {
      throw isDamage(cause)
        ? new BrokenSealError(`block ${expected} cannot be read: ${cause.message}`, { cause })
        : cause;
    }
  }

  /** The number of each block that is right. */
  *#read(): Generator<number, void> {
    const parts = this.#allParts.iterate() as unknown as Iterator<[number, Uint8Array]>;
    let expected = 0;
    for (const [number, row] of this.#allHeads.iterate() as unknown as Iterable<[number, Uint8Array]>) {
      if (number !== expected) throw new BrokenSealError(`block ${expected} is missing`);
      naming(number, () => {
        const { head, transactionCount } = readHead(number, row);
        if (number >= this.#byHash.settledBlocks) this.#byHash.put(head.hash, number);
        const isNew = number >= this.#transactions.settledBlocks;
        for (let part = 0; part * PER_PART < transactionCount; part++) {
          const next = parts.next();
          if (next.done === true || next.value[0] !== partId(number, part))
            throw new BrokenSealError(`its transactions from ${part * PER_PART} on are missing`);
          const reader = new SealedReader(next.value[0], next.value[1]);
          if (!isNew) continue;
          const count = sizeOf(transactionCount, part);
          for (let index = part * PER_PART; index < part * PER_PART + count; index++)
            this.#transactions.put(readTransaction(reader).hash, number * PLACES_MAX + index);
        }
      });
      this.#byHash.endBlock(number);
      this.#transactions.endBlock(number);
      expected++;
      yield number;
    }
    if (expected !== this.#count) throw new BrokenSealError(`block ${expected} is missing`);
    if (parts.next().done !== true) throw new BrokenSealError(`there are transactions of blocks after ${expected - 1}`);
  }

  /** Throws `BrokenSealError` when an index is not what was written. */
  checkIndexes(): void {
    if (!this.#byHash.isSound()) throw new BrokenSealError('the index of blocks by hash is not what was written');
    if (!this.#transactions.isSound()) throw new BrokenSealError('the index of transactions is not what was written');
  }

  /** Writes the next block. */
  put(block: StoredBlock, change: number): void {
    const { number, hash, header, sign, transactions } = block;
    const head = new SealedWriter().u48(change).u32(transactions.length).raw(hash).blob(sign).blob(header);
    this.#putHead.run(number, head.seal(number));
    const writer = new SealedWriter();
    for (let from = 0; from < transactions.length; from += PER_PART) {
      for (const row of transactions.slice(from, from + PER_PART)) writer.raw(row.hash).blob(row.raw).blob(row.receipt);
      const id = partId(number, from / PER_PART);
      this.#putPart.run(id, writer.seal(id));
    }
    this.#count = number + 1;
    this.#byHash.put(hash, number);
    transactions.forEach((row, index) => this.#transactions.put(row.hash, number * PLACES_MAX + index));
    this.#byHash.endBlock(number);
    this.#transactions.endBlock(number);
    this.#byHash.step(1);
    this.#transactions.step(transactions.length);
  }

  head(number: number): HeadRow | undefined {
    const found = this.#getHead.get(number) as unknown as [Uint8Array] | undefined;
    return found && naming(number, () => readHead(number, found[0]));
  }

  *heads(): Generator<StoredHead> {
    for (const [number, row] of this.#allHeads.iterate() as unknown as Iterable<[number, Uint8Array]>)
      yield naming(number, () => readHead(number, row).head);
  }

  block(number: number): StoredBlock | undefined {
    const found = this.head(number);
    if (found === undefined) return undefined;
    const { head, transactionCount } = found;
    const transactions: StoredTransaction[] = [];
    for (let part = 0; part * PER_PART < transactionCount; part++)
      transactions.push(...this.#part(number, part, sizeOf(transactionCount, part)));
    return { ...head, transactions };
  }

  numberOf(hash: Uint8Array): number | undefined {
    for (const number of this.#byHash.candidates(hash)) {
      const found = this.head(number);
      if (found !== undefined && equalBytes(found.head.hash, hash)) return number;
    }
    return undefined;
  }

  transaction(hash: Uint8Array): Place<StoredTransaction> | undefined {
    for (const place of this.#transactions.candidates(hash)) {
      const block = Math.floor(place / PLACES_MAX);
      const index = place % PLACES_MAX;
      const row = this.#rowAt(block, index);
      if (row !== undefined && equalBytes(row.hash, hash)) return { block, index, row };
    }
    return undefined;
  }

  transactionAt(number: number, index: number): StoredTransaction | undefined {
    const count = this.head(number)?.transactionCount ?? 0;
    return index < 0 || index >= count ? undefined : this.#rowAt(number, index);
  }

  /** The transaction at a place that the block has. */
  #rowAt(number: number, index: number): StoredTransaction | undefined {
    return this.#part(number, Math.floor(index / PER_PART), (index % PER_PART) + 1).at(-1);
  }

  /** The first transactions of a part. */
  #part(number: number, part: number, count: number): StoredTransaction[] {
    const id = partId(number, part);
    const found = this.#getPart.get(id) as unknown as [Uint8Array] | undefined;
    return naming(number, () => {
      if (found === undefined) throw new BrokenSealError(`its transactions from ${part * PER_PART} on are missing`);
      const reader = new SealedReader(id, found[0]);
      return Array.from({ length: count }, () => readTransaction(reader));
    });
  }
}

const partId = (number: number, part: number): number => number * PARTS_MAX + part;
const sizeOf = (transactionCount: number, part: number): number =>
  Math.min(PER_PART, transactionCount - part * PER_PART);

function readHead(number: number, row: Uint8Array): HeadRow {
  const reader = new SealedReader(number, row);
  const change = reader.u48();
  const transactionCount = reader.u32();
  const [hash, sign, header] = [reader.raw(32), reader.blob(), reader.blob()];
  return { head: { number, hash, header, sign }, transactionCount, change };
}

const readTransaction = (reader: SealedReader): StoredTransaction => ({
  hash: reader.raw(32),
  raw: reader.blob(),
  receipt: reader.blob(),
});

function naming<T>(number: number, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (!(cause instanceof BrokenSealError)) throw cause;
    throw new BrokenSealError(`block ${number} is damaged: ${cause.message}`, { cause });
  }
}

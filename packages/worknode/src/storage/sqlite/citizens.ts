/** Blocks of the citizen chain: one row each, records and all, because a record has its own block. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { equalBytes } from '@jigeum/std';
import type { Place, StoredCitizen, StoredCitizenBlock } from '../storage.ts';
import { isDamage } from './database.ts';
import { HashIndex, type HashIndexProgress } from './hash-index.ts';
import { PLACES_MAX } from './limits.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';

export const CITIZEN_TABLES = `
create table citizen_block (number integer primary key, row blob not null);
create table citizen_block_index (key integer primary key, place integer not null);
create table citizen_index (key integer primary key, place integer not null);
`;

export interface CitizensProgress {
  readonly count: number;
  readonly byHash: HashIndexProgress;
  readonly records: HashIndexProgress;
}

export class Citizens {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #all: StatementSync;
  readonly #byHash: HashIndex;
  readonly #records: HashIndex;
  #count: number;

  constructor(db: DatabaseSync, progress: CitizensProgress, indexBatch: number) {
    this.#put = db.prepare('insert into citizen_block (number, row) values (?, ?)');
    this.#get = db.prepare('select row from citizen_block where number = ?');
    this.#all = db.prepare('select number, row from citizen_block order by number');
    for (const statement of [this.#get, this.#all]) statement.setReturnArrays(true);
    this.#byHash = new HashIndex(db, 'citizen_block_index', progress.byHash, indexBatch);
    this.#records = new HashIndex(db, 'citizen_index', progress.records, indexBatch);
    this.#count = progress.count;
  }

  get count(): number {
    return this.#count;
  }

  progress(): CitizensProgress {
    return { count: this.#count, byHash: this.#byHash.progress(), records: this.#records.progress() };
  }

  /** Reads every block, checks it, and puts into the indexes what is not in their tables. Throws `BrokenSealError` naming the block. */
  load(): void {
    let expected = 0;
    try {
      for (const [number, row] of this.#all.iterate() as unknown as Iterable<[number, Uint8Array]>) {
        if (number !== expected) break;
        this.#index(readBlock(number, row).block);
        expected++;
      }
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      throw new BrokenSealError(`citizen block ${expected} cannot be read: ${cause.message}`, { cause });
    }
    if (expected !== this.#count) throw new BrokenSealError(`citizen block ${expected} is missing`);
  }

  /** Throws `BrokenSealError` when an index is not what was written. */
  checkIndexes(): void {
    if (!this.#byHash.isSound())
      throw new BrokenSealError('the index of citizen blocks by hash is not what was written');
    if (!this.#records.isSound()) throw new BrokenSealError('the index of citizen records is not what was written');
  }

  /** Writes the next block. */
  put(block: StoredCitizenBlock, change: number): void {
    const { number, hash, header, citizens } = block;
    const writer = new SealedWriter().u48(change).u32(citizens.length).raw(hash).blob(header);
    for (const row of citizens) writer.raw(row.hash).blob(row.raw);
    this.#put.run(number, writer.seal(number));
    this.#count = number + 1;
    this.#index(block);
    this.#byHash.step(1);
    this.#records.step(citizens.length);
  }

  block(number: number): StoredCitizenBlock | undefined {
    return this.#row(number)?.block;
  }

  /** The newest change of the state that belongs to this block. */
  changeOf(number: number): number | undefined {
    return this.#row(number)?.change;
  }

  numberOf(hash: Uint8Array): number | undefined {
    for (const number of this.#byHash.candidates(hash)) {
      const found = this.block(number);
      if (found !== undefined && equalBytes(found.hash, hash)) return number;
    }
    return undefined;
  }

  record(hash: Uint8Array): Place<StoredCitizen> | undefined {
    for (const place of this.#records.candidates(hash)) {
      const block = Math.floor(place / PLACES_MAX);
      const index = place % PLACES_MAX;
      const row = this.block(block)?.citizens[index];
      if (row !== undefined && equalBytes(row.hash, hash)) return { block, index, row };
    }
    return undefined;
  }

  #row(number: number): CitizenRow | undefined {
    const found = this.#get.get(number) as unknown as [Uint8Array] | undefined;
    return found && readBlock(number, found[0]);
  }

  #index({ number, hash, citizens }: StoredCitizenBlock): void {
    if (number >= this.#byHash.settledBlocks) this.#byHash.put(hash, number);
    if (number >= this.#records.settledBlocks)
      citizens.forEach((row, index) => this.#records.put(row.hash, number * PLACES_MAX + index));
    this.#byHash.endBlock(number);
    this.#records.endBlock(number);
  }
}

interface CitizenRow {
  readonly block: StoredCitizenBlock;
  readonly change: number;
}

function readBlock(number: number, row: Uint8Array): CitizenRow {
  try {
    const reader = new SealedReader(number, row);
    const change = reader.u48();
    const count = reader.u32();
    const [hash, header] = [reader.raw(32), reader.blob()];
    const citizens = Array.from({ length: count }, () => ({ hash: reader.raw(32), raw: reader.blob() }));
    return { block: { number, hash, header, citizens }, change };
  } catch (cause) {
    if (!(cause instanceof BrokenSealError)) throw cause;
    throw new BrokenSealError(`citizen block ${number} is damaged: ${cause.message}`, { cause });
  }
}

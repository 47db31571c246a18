/**
 * Blocks of the citizen chain: one row each, records and all, because a record has its own block. Only the genesis has many: what
 * is more than 64 lies in rows of 64 each, so that one record is read without the others.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { equalBytes } from '@jigeum/std';
import type { Place, StoredCitizen, StoredCitizenBlock, StoredCitizenHead } from '../storage.ts';
import { isDamage } from './database.ts';
import { HashIndex, type HashIndexProgress } from './hash-index.ts';
import { PARTS_MAX, PLACES_MAX } from './limits.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';

export const CITIZEN_TABLES = `
create table citizen_block (number integer primary key, row blob not null);
create table citizen_part (id integer primary key, row blob not null);
create table citizen_block_index (key integer primary key, place integer not null);
create table citizen_index (key integer primary key, place integer not null);
`;

const PER_PART = 64;

export interface CitizensProgress {
  readonly count: number;
  readonly byHash: HashIndexProgress;
  readonly records: HashIndexProgress;
}

export class Citizens {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #all: StatementSync;
  readonly #putPart: StatementSync;
  readonly #getPart: StatementSync;
  readonly #allParts: StatementSync;
  readonly #byHash: HashIndex;
  readonly #records: HashIndex;
  #count: number;

  constructor(db: DatabaseSync, progress: CitizensProgress, indexBatch: number) {
    this.#put = db.prepare('insert into citizen_block (number, row) values (?, ?)');
    this.#get = db.prepare('select row from citizen_block where number = ?');
    this.#all = db.prepare('select number, row from citizen_block order by number');
    this.#putPart = db.prepare('insert into citizen_part (id, row) values (?, ?)');
    this.#getPart = db.prepare('select row from citizen_part where id = ?');
    this.#allParts = db.prepare('select id, row from citizen_part order by id');
    for (const statement of [this.#get, this.#all, this.#getPart, this.#allParts]) statement.setReturnArrays(true);
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
    const parts = this.#allParts.iterate() as unknown as Iterator<[number, Uint8Array]>;
    let expected = 0;
    try {
      for (const [number, row] of this.#all.iterate() as unknown as Iterable<[number, Uint8Array]>) {
        if (number !== expected) break;
        const partOf = (id: number): Uint8Array | undefined => {
          const next = parts.next();
          return next.done !== true && next.value[0] === id ? next.value[1] : undefined;
        };
        this.#index(whole(readHead(number, row), partOf));
        expected++;
      }
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      throw new BrokenSealError(`citizen block ${expected} cannot be read: ${cause.message}`, { cause });
    }
    if (expected !== this.#count) throw new BrokenSealError(`citizen block ${expected} is missing`);
    if (parts.next().done !== true)
      throw new BrokenSealError(`there are records of citizen blocks after ${expected - 1}`);
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
    const head = new SealedWriter().u48(change).u32(citizens.length).raw(hash).blob(header);
    this.#put.run(number, writeRecords(head, citizens.slice(0, PER_PART)).seal(number));
    for (let from = PER_PART; from < citizens.length; from += PER_PART) {
      const id = partId(number, from / PER_PART);
      this.#putPart.run(id, writeRecords(new SealedWriter(), citizens.slice(from, from + PER_PART)).seal(id));
    }
    this.#count = number + 1;
    this.#index(block);
    this.#byHash.step(1);
    this.#records.step(citizens.length);
  }

  block(number: number): StoredCitizenBlock | undefined {
    const head = this.#head(number);
    return head && whole(head, (id) => this.#part(id));
  }

  head(number: number): StoredCitizenHead | undefined {
    const found = this.#head(number);
    return found && { number, hash: found.hash, header: found.header };
  }

  recordCountOf(number: number): number | undefined {
    return this.#head(number)?.count;
  }

  /** The newest change of the state that belongs to this block. */
  changeOf(number: number): number | undefined {
    return this.#head(number)?.change;
  }

  numberOf(hash: Uint8Array): number | undefined {
    for (const number of this.#byHash.candidates(hash)) {
      const found = this.#head(number);
      if (found !== undefined && equalBytes(found.hash, hash)) return number;
    }
    return undefined;
  }

  record(hash: Uint8Array): Place<StoredCitizen> | undefined {
    for (const place of this.#records.candidates(hash)) {
      const block = Math.floor(place / PLACES_MAX);
      const index = place % PLACES_MAX;
      const row = this.#recordAt(block, index);
      if (row !== undefined && equalBytes(row.hash, hash)) return { block, index, row };
    }
    return undefined;
  }

  #recordAt(number: number, index: number): StoredCitizen | undefined {
    const head = this.#head(number);
    if (head === undefined) return undefined;
    const part = Math.floor(index / PER_PART);
    return (part === 0 ? head.records : readPart(head, part, this.#part(partId(number, part))))[index % PER_PART];
  }

  #head(number: number): CitizenHead | undefined {
    const found = this.#get.get(number) as unknown as [Uint8Array] | undefined;
    return found && readHead(number, found[0]);
  }

  #part(id: number): Uint8Array | undefined {
    return (this.#getPart.get(id) as unknown as [Uint8Array] | undefined)?.[0];
  }

  #index({ number, hash, citizens }: StoredCitizenBlock): void {
    if (number >= this.#byHash.settledBlocks) this.#byHash.put(hash, number);
    if (number >= this.#records.settledBlocks)
      citizens.forEach((row, index) => this.#records.put(row.hash, number * PLACES_MAX + index));
    this.#byHash.endBlock(number);
    this.#records.endBlock(number);
  }
}

/** A block with its first records. */
interface CitizenHead {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly header: Uint8Array;
  readonly change: number;
  readonly count: number;
  readonly records: readonly StoredCitizen[];
}

const partId = (number: number, part: number): number => number * PARTS_MAX + part;

function writeRecords(writer: SealedWriter, records: readonly StoredCitizen[]): SealedWriter {
  for (const { hash, raw } of records) writer.raw(hash).blob(raw);
  return writer;
}

const readRecords = (reader: SealedReader, count: number): StoredCitizen[] =>
  Array.from({ length: count }, () => ({ hash: reader.raw(32), raw: reader.blob() }));

const readHead = (number: number, row: Uint8Array): CitizenHead =>
  naming(number, () => {
    const reader = new SealedReader(number, row);
    const change = reader.u48();
    const count = reader.u32();
    const [hash, header] = [reader.raw(32), reader.blob()];
    return { number, hash, header, change, count, records: readRecords(reader, Math.min(count, PER_PART)) };
  });

const readPart = ({ number, count }: CitizenHead, part: number, row: Uint8Array | undefined): StoredCitizen[] =>
  naming(number, () => {
    const from = part * PER_PART;
    if (row === undefined) throw new BrokenSealError(`its records from ${from} on are missing`);
    return readRecords(new SealedReader(partId(number, part), row), Math.min(PER_PART, count - from));
  });

/** The block with all its records; `partOf` is asked for its parts in order. */
function whole(head: CitizenHead, partOf: (id: number) => Uint8Array | undefined): StoredCitizenBlock {
  const { number, hash, header, count } = head;
  const citizens = [...head.records];
  for (let part = 1; part * PER_PART < count; part++)
    citizens.push(...readPart(head, part, partOf(partId(number, part))));
  return { number, hash, header, citizens };
}

function naming<T>(number: number, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (!(cause instanceof BrokenSealError)) throw cause;
    throw new BrokenSealError(`citizen block ${number} is damaged: ${cause.message}`, { cause });
  }
}

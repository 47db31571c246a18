/**
 * Finds a place by a hash. A B-tree keyed by hashes takes a page write for nearly every insert, and the more pages the longer
 * the chain; so new entries wait in memory and are written in batches, sorted, some with each commit. What waits is found again
 * at the start, when all blocks are read anyway.
 *
 *   put ─► recent (in memory) ─► full: draining (sorted, a step with each commit) ─► table
 *
 * The key is the first 6 bytes of the hash. Two hashes that share them lie side by side, as in a hash table with linear probing:
 * a reader compares the whole hash and goes on to the next key until there is none.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { lowerBound } from './lower-bound.ts';

/** What of the index is on disk: the fingerprint finds a changed row without a look at the blocks. */
export interface HashIndexProgress {
  /** Entries of this many blocks are in the table. */
  readonly settledBlocks: number;
  /** Count, and sums of the halves of key and place, modulo 2^40. */
  readonly fingerprint: readonly number[];
}

export const EMPTY_INDEX: HashIndexProgress = { settledBlocks: 0, fingerprint: [0, 0, 0, 0, 0] };

/** A batch is in the table after so many commits, and before the next one is full. */
const STEPS_MAX = 256;
/**
 * Two neighbours among 2^48 keys are rare, and whoever wants more must search for hashes that begin alike. So many are beyond
 * any search: the table is wrong.
 */
const PROBES_MAX = 65_536;
const TOO_MANY = `Expected fewer than ${PROBES_MAX} neighbours in an index of hashes.`;
const HALF = 2 ** 24;
const SUM = 2 ** 40;

export class HashIndex {
  readonly #batch: number;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #sums: StatementSync;
  #recent = new Map<number, number>();
  #recentUntil: number;
  #draining = NOTHING;
  #drainingUntil: number;
  /** How many of those that drain are in the table. */
  #drained = 0;
  #settledBlocks: number;
  #fingerprint: number[];

  /** `batch`: entries that wait in memory before they are written. */
  constructor(db: DatabaseSync, table: string, progress: HashIndexProgress, batch: number) {
    this.#batch = batch;
    this.#find = db.prepare(`select place from ${table} where key = ?`);
    this.#find.setReturnArrays(true);
    this.#insert = db.prepare(`insert into ${table} (key, place) values (?, ?) on conflict do nothing`);
    this.#sums = db.prepare(
      `select count(*), coalesce(sum(key % ${HALF}), 0), coalesce(sum(key / ${HALF}), 0), coalesce(sum(place % ${HALF}), 0), coalesce(sum(place / ${HALF}), 0) from ${table}`,
    );
    this.#sums.setReturnArrays(true);
    this.#settledBlocks = progress.settledBlocks;
    this.#recentUntil = progress.settledBlocks;
    this.#drainingUntil = progress.settledBlocks;
    this.#fingerprint = [...progress.fingerprint];
  }

  /** The blocks before this number need not be put again. */
  get settledBlocks(): number {
    return this.#settledBlocks;
  }

  progress(): HashIndexProgress {
    return { settledBlocks: this.#settledBlocks, fingerprint: this.#fingerprint };
  }

  /** True when the table holds what was written into it. Reads all of it. */
  isSound(): boolean {
    const sums = this.#sums.get() as unknown as number[];
    return sums.every((sum, index) => sum % SUM === this.#fingerprint[index]);
  }

  put(hash: Uint8Array, place: number): void {
    let key = keyOf(hash);
    while (this.#recent.has(key)) key++;
    this.#recent.set(key, place);
  }

  /** Says that the entries of this block are all put. */
  endBlock(number: number): void {
    this.#recentUntil = number + 1;
    if (this.#recent.size < this.#batch || this.#draining.keys.length > 0) return;
    this.#draining = sorted(this.#recent);
    this.#drainingUntil = this.#recentUntil;
    this.#recent = new Map();
  }

  /** Writes some of what waits: more than the commit has added. What a crash has cut off from its batch does not count. */
  step(added: number): void {
    const { keys, places } = this.#draining;
    if (keys.length === 0) return;
    for (let count = Math.max(this.#batch / STEPS_MAX, added * 2); count > 0 && this.#drained < keys.length;) {
      const next = this.#drained++;
      if (this.#write(keys[next]!, places[next]!)) count--;
    }
    if (this.#drained < keys.length) return;
    this.#draining = NOTHING;
    this.#drained = 0;
    this.#settledBlocks = this.#drainingUntil;
  }

  /** Places that may belong to the hash; the caller compares. */
  *candidates(hash: Uint8Array): Generator<number, undefined> {
    const first = keyOf(hash);
    for (let key = first; key < first + PROBES_MAX; key++) {
      const found = [this.#recent.get(key), placeOf(this.#draining, key), this.#stored(key)].filter(
        (place) => place !== undefined,
      );
      if (found.length === 0) return undefined;
      yield* found;
    }
    throw new Error(TOO_MANY);
  }

  #stored(key: number): number | undefined {
    return (this.#find.get(key) as unknown as [number] | undefined)?.[0];
  }

  /** False when the entry was there. */
  #write(wanted: number, place: number): boolean {
    for (let key = wanted; key < wanted + PROBES_MAX; key++) {
      if (this.#insert.run(key, place).changes === 1) {
        this.#count([1, key % HALF, Math.floor(key / HALF), place % HALF, Math.floor(place / HALF)]);
        return true;
      }
      if (this.#stored(key) === place) return false;
    }
    throw new Error(TOO_MANY);
  }

  #count(parts: readonly number[]): void {
    for (let index = 0; index < parts.length; index++)
      this.#fingerprint[index] = (this.#fingerprint[index]! + parts[index]!) % SUM;
  }
}

/** Entries in the order of their keys, in two columns: as pairs they would take five times as much, and the collector would visit each. */
interface Sorted {
  readonly keys: Float64Array;
  readonly places: Float64Array;
}

const NOTHING: Sorted = { keys: new Float64Array(0), places: new Float64Array(0) };

function sorted(entries: ReadonlyMap<number, number>): Sorted {
  const keys = Float64Array.from(entries.keys()).sort();
  return { keys, places: keys.map((key) => entries.get(key)!) };
}

function placeOf({ keys, places }: Sorted, key: number): number | undefined {
  const at = lowerBound(keys, key);
  return keys[at] === key ? places[at] : undefined;
}

/** 6 bytes: a whole number that JavaScript and SQLite both hold exactly. */
const keyOf = (hash: Uint8Array): number =>
  hash[0]! * 2 ** 40 + hash[1]! * 2 ** 32 + hash[2]! * 2 ** 24 + ((hash[3]! << 16) | (hash[4]! << 8) | hash[5]!);

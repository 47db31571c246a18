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
  #draining = new Map<number, number>();
  #drainingUntil: number;
  #queue: (readonly [key: number, place: number])[] = [];
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
    if (this.#recent.size < this.#batch || this.#queue.length > 0) return;
    this.#draining = this.#recent;
    this.#drainingUntil = this.#recentUntil;
    // From the last to the first, so that the next one is taken off the end.
    this.#queue = [...this.#draining].sort((left, right) => right[0] - left[0]);
    this.#recent = new Map();
  }

  /** Writes some of what waits: more than the commit has added. What a crash has cut off from its batch does not count. */
  step(added: number): void {
    if (this.#queue.length === 0) return;
    for (let count = Math.max(this.#batch / STEPS_MAX, added * 2); count > 0;) {
      const next = this.#queue.pop();
      if (next === undefined) break;
      if (this.#write(next[0], next[1])) count--;
    }
    if (this.#queue.length > 0) return;
    this.#draining = new Map();
    this.#settledBlocks = this.#drainingUntil;
  }

  /** Places that may belong to the hash; the caller compares. */
  *candidates(hash: Uint8Array): Generator<number, undefined> {
    const first = keyOf(hash);
    for (let key = first; key < first + PROBES_MAX; key++) {
      const found = [this.#recent.get(key), this.#draining.get(key), this.#stored(key)].filter(
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

/** 6 bytes: a whole number that JavaScript and SQLite both hold exactly. */
const keyOf = (hash: Uint8Array): number =>
  hash[0]! * 2 ** 40 + hash[1]! * 2 ** 32 + hash[2]! * 2 ** 24 + ((hash[3]! << 16) | (hash[4]! << 8) | hash[5]!);

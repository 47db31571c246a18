/**
 * Older states. Each change of the state keeps what its rows were before it (undo), so a row at an older block is what the first
 * change after that block found. Which changes touched a row is indexed in segments: sorted lists of about 65,536 entries, written
 * once. The newest segment is still open, in memory, and found again in the undo rows at the start.
 *
 * Everything is written in sequence and removed from its old end, so the cost of a block does not grow with the chain.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { lowerBound } from './lower-bound.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';
import type { NumberedChange } from './state-rows.ts';

export const HISTORY_TABLES = `
create table undo (change integer primary key, row blob not null);
create table undo_segment (first_change integer primary key, row blob not null);
`;

/** Changes in one segment; entries are row · 2^17 + change − first change. */
const SEGMENT_CHANGES_MAX = 2 ** 17;
/** Segments that stay in memory after a read: 16 MB. */
const CACHED_MAX = 32;
/** Undo rows that leave with one commit. */
const REMOVED_MAX = 64;

export interface HistoryProgress {
  /** The oldest change that is kept, or the next one when none is. */
  readonly oldest: number;
  /** The first change of the open segment. */
  readonly open: number;
}

interface Segment {
  readonly first: number;
  /** The first change after the segment. */
  readonly end: number;
}

export class History {
  readonly #segmentEntries: number;
  readonly #putUndo: StatementSync;
  readonly #getUndo: StatementSync;
  readonly #allUndo: StatementSync;
  readonly #removeUndo: StatementSync;
  readonly #putSegment: StatementSync;
  readonly #getSegment: StatementSync;
  readonly #allSegments: StatementSync;
  readonly #removeSegment: StatementSync;
  readonly #closed: Segment[] = [];
  readonly #cache = new Map<number, Float64Array>();
  /** The open segment: the changes of each row, in their order. */
  #openChanges = new Map<number, number[]>();
  #openCount = 0;
  #open: number;
  #oldest: number;
  #next: number;
  #lastUndo: { readonly change: number; readonly reader: SealedReader } | undefined;

  /** `segmentEntries`: how many close a segment. */
  constructor(db: DatabaseSync, progress: HistoryProgress, segmentEntries: number) {
    this.#segmentEntries = segmentEntries;
    this.#putUndo = db.prepare('insert into undo (change, row) values (?, ?)');
    this.#getUndo = db.prepare('select row from undo where change = ?');
    this.#allUndo = db.prepare('select change, row from undo order by change');
    this.#removeUndo = db.prepare('delete from undo where change < ?');
    this.#putSegment = db.prepare('insert into undo_segment (first_change, row) values (?, ?)');
    this.#getSegment = db.prepare('select row from undo_segment where first_change = ?');
    this.#allSegments = db.prepare('select first_change, row from undo_segment order by first_change');
    this.#removeSegment = db.prepare('delete from undo_segment where first_change = ?');
    for (const statement of [this.#getUndo, this.#allUndo, this.#getSegment, this.#allSegments])
      statement.setReturnArrays(true);
    this.#open = progress.open;
    this.#oldest = progress.oldest;
    this.#next = progress.oldest;
  }

  /** The oldest change that is kept. */
  get oldest(): number {
    return this.#oldest;
  }

  progress(): HistoryProgress {
    return { oldest: this.#oldest, open: this.#open };
  }

  /** Reads and checks everything, and finds the open segment again. Throws `BrokenSealError`. */
  load(newestChange: number): void {
    for (const [change, row] of this.#allUndo.iterate() as unknown as Iterable<[number, Uint8Array]>) {
      if (change !== this.#next) throw new BrokenSealError(`change ${this.#next} of the history is missing`);
      const undo = opened(`change ${change} of the history`, change, row);
      if (change >= this.#open) this.#enter(change, undo);
      this.#next = change + 1;
    }
    if (this.#next !== newestChange + 1) throw new BrokenSealError(`change ${this.#next} of the history is missing`);
    for (const [first, row] of this.#allSegments.iterate() as unknown as Iterable<[number, Uint8Array]>) {
      const end = opened(`segment ${first} of the history`, first, row).u48();
      const before = this.#closed.at(-1);
      if (before !== undefined && before.end !== first)
        throw new BrokenSealError(`segment ${before.end} of the history is missing`);
      this.#closed.push({ first, end });
    }
    const covered = this.#closed.at(-1)?.end ?? this.#open;
    if (covered !== this.#open || (this.#closed[0]?.first ?? this.#open) > this.#oldest)
      throw new BrokenSealError('a segment of the history is missing');
  }

  /** Keeps what the rows of the next change were before it. */
  put(change: number, changes: readonly NumberedChange[]): void {
    const sorted = [...changes].sort((left, right) => left.id - right.id);
    const room = sorted.reduce((sum, { before }) => sum + 2 * FIELD + optionLength(before), FIELD);
    const writer = new SealedWriter().room(room).u32(sorted.length);
    for (const { id } of sorted) writer.u32(id);
    let end = 0;
    for (const { before } of sorted) writer.u32((end += optionLength(before)));
    for (const { before } of sorted) writer.option(before);
    this.#putUndo.run(change, writer.seal(change));
    this.#next = change + 1;
    for (const { id } of sorted) this.#enterRow(id, change);
    if (this.#openCount >= this.#segmentEntries || this.#next - this.#open >= SEGMENT_CHANGES_MAX) this.#close();
  }

  /** Removes what no read at this change or a later one needs, a bounded part of it. */
  prune(keptFrom: number): void {
    const oldest = Math.min(keptFrom, this.#next, this.#oldest + REMOVED_MAX);
    if (oldest <= this.#oldest) return;
    this.#removeUndo.run(oldest);
    this.#oldest = oldest;
    for (let gone = this.#closed[0]; gone !== undefined && gone.end <= oldest; gone = this.#closed[0]) {
      this.#removeSegment.run(gone.first);
      this.#cache.delete(gone.first);
      this.#closed.shift();
    }
  }

  /** What the row was after this change, when a later one has changed it. */
  after(change: number, id: number): { readonly before: Uint8Array | undefined } | undefined {
    const changed = this.#firstAfter(change, id);
    return changed === undefined ? undefined : { before: this.#before(changed, id) };
  }

  #firstAfter(change: number, id: number): number | undefined {
    for (const segment of this.#closed) {
      if (segment.end <= change + 1) continue;
      const entries = this.#read(segment.first);
      const at = lowerBound(entries, entryOf(id, Math.max(0, change + 1 - segment.first)));
      const entry = entries[at];
      if (entry !== undefined && Math.floor(entry / SEGMENT_CHANGES_MAX) === id)
        return segment.first + (entry % SEGMENT_CHANGES_MAX);
    }
    const changes = this.#openChanges.get(id) ?? [];
    return changes[lowerBound(changes, change + 1)];
  }

  #before(change: number, id: number): Uint8Array | undefined {
    const reader = this.#undo(change);
    const count = reader.u32();
    let [from, to] = [0, count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (reader.at(FIELD * (1 + middle)).u32() < id) from = middle + 1;
      else to = middle;
    }
    if (from === count || reader.at(FIELD * (1 + from)).u32() !== id)
      throw new BrokenSealError(`change ${change} of the history does not have row ${id}`);
    const start = from === 0 ? 0 : reader.at(FIELD * (count + from)).u32();
    return reader.at(FIELD * (1 + 2 * count) + start).option();
  }

  /** The undo row of a change. The one that was read last stays: who asks for one row of it asks for another. */
  #undo(change: number): SealedReader {
    if (this.#lastUndo?.change === change) return this.#lastUndo.reader.at(0);
    const found = this.#getUndo.get(change) as unknown as [Uint8Array] | undefined;
    if (found === undefined) throw new BrokenSealError(`change ${change} of the history is missing`);
    const reader = opened(`change ${change} of the history`, change, found[0]);
    this.#lastUndo = { change, reader };
    return reader;
  }

  #read(first: number): Float64Array {
    const cached = this.#cache.get(first);
    if (cached !== undefined) {
      // The one that was used last leaves last.
      this.#cache.delete(first);
      this.#cache.set(first, cached);
      return cached;
    }
    const found = this.#getSegment.get(first) as unknown as [Uint8Array] | undefined;
    if (found === undefined) throw new BrokenSealError(`segment ${first} of the history is missing`);
    const reader = opened(`segment ${first} of the history`, first, found[0]);
    reader.skip(6);
    const count = reader.u32();
    const entries = new Float64Array(count);
    new Uint8Array(entries.buffer).set(reader.raw(count * Float64Array.BYTES_PER_ELEMENT));
    this.#cache.set(first, entries);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_MAX && oldest !== undefined) this.#cache.delete(oldest);
    return entries;
  }

  #enter(change: number, undo: SealedReader): void {
    for (let count = undo.u32(); count > 0; count--) this.#enterRow(undo.u32(), change);
  }

  #enterRow(id: number, change: number): void {
    const changes = this.#openChanges.get(id);
    if (changes === undefined) this.#openChanges.set(id, [change]);
    else changes.push(change);
    this.#openCount++;
  }

  #close(): void {
    const entries = new Float64Array(this.#openCount);
    let at = 0;
    for (const [id, changes] of this.#openChanges)
      for (const change of changes) entries[at++] = entryOf(id, change - this.#open);
    entries.sort();
    // As they lie in memory: little-endian on every machine that Node runs on.
    const writer = new SealedWriter().u48(this.#next).u32(entries.length).raw(new Uint8Array(entries.buffer));
    this.#putSegment.run(this.#open, writer.seal(this.#open));
    this.#closed.push({ first: this.#open, end: this.#next });
    this.#open = this.#next;
    this.#openChanges = new Map();
    this.#openCount = 0;
  }
}

/** An undo row: count, the rows' numbers in order, where the value of each ends, the values. All fields have 4 bytes. */
const FIELD = 4;

const optionLength = (bytes: Uint8Array | undefined): number => FIELD + (bytes?.length ?? 0);

const entryOf = (id: number, changeOffset: number): number => id * SEGMENT_CHANGES_MAX + changeOffset;

function opened(what: string, key: number, row: Uint8Array): SealedReader {
  try {
    return new SealedReader(key, row);
  } catch (cause) {
    if (!(cause instanceof BrokenSealError)) throw cause;
    throw new BrokenSealError(`${what} is damaged: ${cause.message}`, { cause });
  }
}

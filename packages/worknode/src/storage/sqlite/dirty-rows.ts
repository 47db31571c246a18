import { assert } from '@jigeum/std';
import { ROWS_PER_PAGE } from './limits.ts';
import { optionAt } from './sealed.ts';

/**
 * Values that their pages on disk do not have yet: where each stands in the redo rows, which stay in memory as long. 200,000 values
 * of a few dozen bytes would be as many objects of some 250 for the collector to visit.
 */
export class DirtyRows {
  /** By row number: the newest change that the page does not have, 0 for none, and where in its redo row the value stands. */
  #changes = new Uint32Array(ROWS_PER_PAGE);
  #places = new Uint32Array(ROWS_PER_PAGE);
  readonly #redo = new Map<number, Uint8Array>();
  readonly #pages = new Set<number>();

  put(id: number, change: number, place: number): void {
    if (id >= this.#changes.length) this.#grow(id + 1);
    this.#changes[id] = change;
    this.#places[id] = place;
    this.#pages.add(Math.floor(id / ROWS_PER_PAGE));
  }

  /** Keeps a copy of a redo row whose values have been put: what it lies in may be twice as long. */
  keep(change: number, row: Uint8Array): void {
    this.#redo.set(change, new Uint8Array(row));
  }

  /** Gives up the redo rows up to this change, of which no value is dirty any more. */
  forget(change: number): void {
    // In the order of their changes.
    for (const kept of this.#redo.keys()) {
      if (kept > change) break;
      this.#redo.delete(kept);
    }
  }

  has(id: number): boolean {
    return id < this.#changes.length && this.#changes[id] !== 0;
  }

  /** Of a row that is dirty; a view. */
  valueOf(id: number): Uint8Array | undefined {
    const change = this.#changes[id]!;
    const row = this.#redo.get(change);
    assert(row !== undefined, `the redo row of change ${change} is there as long as row ${id} waits for its page`);
    return optionAt(row, this.#places[id]!);
  }

  /** The pages that have dirty rows. */
  pages(): number[] {
    return [...this.#pages];
  }

  /** Says that a page has what its rows are. */
  clean(page: number): void {
    this.#changes.fill(0, page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE);
    this.#pages.delete(page);
  }

  #grow(count: number): void {
    const room = Math.ceil(count * 1.25);
    const [changes, places] = [new Uint32Array(room), new Uint32Array(room)];
    changes.set(this.#changes);
    places.set(this.#places);
    [this.#changes, this.#places] = [changes, places];
  }
}

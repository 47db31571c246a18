/**
 * The newest state. Writing each changed row where it lies would touch a page for nearly every row; so a commit appends its
 * changed rows in one piece (redo), and rows find their way into pages of 128 rows later, in a sweep that takes a few pages with
 * each commit. What is not swept yet waits in memory, and is found in the redo rows at the start.
 *
 *   commit ─► redo row (durable) and dirty rows (in memory) ─► sweep: page by page ─► redo rows before the sweep's begin removed
 *
 * A row has a number for life, also when it ceases to exist: the history names rows by it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assert } from '@jigeum/std';
import type { StateRow } from '../../state/state.ts';
import { TABLE_NAMES, type TableName } from '../../state/tables.ts';
import type { StateChange } from '../storage.ts';
import { DirtyRows } from './dirty-rows.ts';
import { ROWS_PER_PAGE } from './limits.ts';
import { BrokenSealError, SealedReader, SealedWriter } from './sealed.ts';

export const STATE_TABLES = `
create table state_page (number integer primary key, row blob not null);
create table redo (change integer primary key, row blob not null);
`;

/** Redo rows that leave with one commit. */
const REMOVED_MAX = 64;

export interface StateProgress {
  /** The newest change of the state. */
  readonly change: number;
  /** Changes up to this one are in the pages. */
  readonly swept: number;
  readonly rowCount: number;
  readonly pageCount: number;
}

/** What a row is found by. */
interface RowName {
  /** Its place in `TABLE_NAMES`. */
  readonly table: number;
  readonly key: string;
}

/** A changed row and its number. */
export interface NumberedChange {
  readonly id: number;
  readonly before: Uint8Array | undefined;
}

export class StateRows {
  readonly #sweepChanges: number;
  readonly #getPage: StatementSync;
  readonly #allPages: StatementSync;
  readonly #putPage: StatementSync;
  readonly #putRedo: StatementSync;
  readonly #allRedo: StatementSync;
  readonly #removeRedo: StatementSync;
  /** The number of each row, by table and key. One map for each table: a key is not put together with a name for each look-up. */
  readonly #ids = TABLE_NAMES.map(() => new Map<string, number>());
  /** What each number's row is found by, in two columns: an object for each would be the collector's to visit. */
  readonly #keys: string[] = [];
  readonly #tables: number[] = [];
  readonly #dirty = new DirtyRows();
  #sweep: { readonly pages: number[]; readonly begunAt: number; readonly size: number } | undefined;
  #change: number;
  #swept: number;
  #pageCount: number;

  /** `sweepChanges`: a sweep ends within so many changed rows; at most twice as many are read again at a start. */
  constructor(db: DatabaseSync, progress: StateProgress, sweepChanges: number) {
    this.#sweepChanges = sweepChanges;
    this.#getPage = db.prepare('select row from state_page where number = ?');
    this.#allPages = db.prepare('select number, row from state_page order by number');
    this.#putPage = db.prepare(
      'insert into state_page (number, row) values (?, ?) on conflict do update set row = excluded.row',
    );
    this.#putRedo = db.prepare('insert into redo (change, row) values (?, ?)');
    this.#allRedo = db.prepare('select change, row from redo where change > ? order by change');
    this.#removeRedo = db.prepare(
      `delete from redo where change in (select change from redo where change <= ? order by change limit ${REMOVED_MAX})`,
    );
    for (const statement of [this.#getPage, this.#allPages, this.#allRedo]) statement.setReturnArrays(true);
    this.#change = progress.change;
    this.#swept = progress.swept;
    this.#pageCount = progress.pageCount;
  }

  get change(): number {
    return this.#change;
  }

  progress(): StateProgress {
    return {
      change: this.#change,
      swept: this.#swept,
      rowCount: this.#keys.length,
      pageCount: this.#pageCount,
    };
  }

  /** Learns the rows' numbers and what is not in the pages yet. Throws `BrokenSealError`. */
  load(rowCount: number): void {
    let expected = 0;
    for (const [number, row] of this.#allPages.iterate() as unknown as Iterable<[number, Uint8Array]>) {
      if (number !== expected || this.#keys.length !== number * ROWS_PER_PAGE)
        throw new BrokenSealError(`page ${expected} of the state is missing or short`);
      const reader = openPage(number, row);
      for (let count = reader.u16(); count > 0; count--) {
        this.#number(readName(reader));
        skipOption(reader);
      }
      expected++;
    }
    if (expected !== this.#pageCount) throw new BrokenSealError(`page ${expected} of the state is missing`);
    let change = this.#swept;
    for (const [number, row] of this.#allRedo.iterate(this.#swept) as unknown as Iterable<[number, Uint8Array]>) {
      if (number !== change + 1) throw new BrokenSealError(`change ${change + 1} of the state is missing`);
      this.#redo(number, row);
      change = number;
    }
    if (change !== this.#change) throw new BrokenSealError(`change ${change + 1} of the state is missing`);
    if (this.#keys.length !== rowCount)
      throw new BrokenSealError(`the state has ${this.#keys.length} rows instead of ${rowCount}`);
  }

  /** All rows that exist. */
  *rows(): Generator<StateRow> {
    const pageCount = Math.ceil(this.#keys.length / ROWS_PER_PAGE);
    for (let page = 0; page < pageCount; page++) {
      let id = page * ROWS_PER_PAGE;
      for (const value of this.#page(page)) {
        const { table, key } = this.#nameOf(id++);
        if (value !== undefined) yield { table: TABLE_NAMES[table]!, key, value };
      }
    }
  }

  /** Writes the next change; gives its rows with their numbers. */
  put(changes: readonly StateChange[]): NumberedChange[] {
    const change = this.#change + 1;
    const writer = new SealedWriter().room(redoRoom(changes)).u32(changes.length);
    const numbered = changes.map(({ table, key, value, before }) => {
      const name = { table: TABLE_NAMES.indexOf(table), key };
      const known = this.#ids[name.table]!.get(key);
      const id = known ?? this.#number(name);
      writer.u32(id).u8(known === undefined ? 1 : 0);
      if (known === undefined) writeName(writer, name);
      this.#dirty.put(id, change, writer.at);
      writer.option(value);
      return { id, before };
    });
    const row = writer.seal(change);
    this.#putRedo.run(change, row);
    this.#dirty.keep(change, row);
    this.#change = change;
    return numbered;
  }

  /** Brings some pages up to date: so many that a sweep ends within its bound. */
  step(changed: number): void {
    this.#sweep ??= this.#beginSweep();
    const { pages, begunAt, size } = this.#sweep;
    let count = Math.max(1, Math.ceil((size * changed) / this.#sweepChanges));
    for (; count > 0; count--) {
      const page = pages.pop();
      if (page === undefined) break;
      this.#writePage(page);
    }
    if (pages.length === 0) {
      this.#swept = begunAt;
      this.#sweep = undefined;
      this.#dirty.forget(begunAt);
    }
    this.#removeRedo.run(this.#swept);
  }

  idOf(table: TableName, key: string): number | undefined {
    return this.#ids[TABLE_NAMES.indexOf(table)]!.get(key);
  }

  #beginSweep() {
    const pages = this.#dirty.pages().sort((left, right) => right - left);
    return { pages, begunAt: this.#change, size: pages.length };
  }

  #number({ table, key }: RowName): number {
    const id = this.#keys.length;
    const ids = this.#ids[table];
    if (ids === undefined) throw new BrokenSealError(`the state has a row of the unknown table ${table}`);
    this.#keys.push(key);
    this.#tables.push(table);
    ids.set(key, id);
    return id;
  }

  #nameOf(id: number): RowName {
    return { table: this.#tables[id]!, key: this.#keys[id]! };
  }

  #redo(change: number, row: Uint8Array): void {
    const reader = opened(`change ${change} of the state`, change, row);
    for (let count = reader.u32(); count > 0; count--) {
      const id = reader.u32();
      const name = reader.u8() === 1 ? readName(reader) : undefined;
      const at = reader.position;
      skipOption(reader);
      // A new row is in a page already when the sweep was faster than the removal.
      if (name !== undefined && id === this.#keys.length) this.#number(name);
      if (id >= this.#keys.length) throw new BrokenSealError(`change ${change} of the state names an unknown row`);
      this.#dirty.put(id, change, at);
    }
    this.#dirty.keep(change, row);
  }

  /** The values of a page's rows as they are now. */
  #page(page: number): (Uint8Array | undefined)[] {
    const found = this.#getPage.get(page) as unknown as [Uint8Array] | undefined;
    const values = found === undefined ? [] : readValues(page, found[0]);
    const from = page * ROWS_PER_PAGE;
    const count = Math.min(ROWS_PER_PAGE, this.#keys.length - from);
    for (let index = 0; index < count; index++) {
      if (this.#dirty.has(from + index)) values[index] = this.#dirty.valueOf(from + index);
      else assert(index < values.length, `row ${from + index} of the state is in its page or waits for it`);
    }
    return values;
  }

  #writePage(page: number): void {
    const values = this.#page(page);
    const writer = new SealedWriter().u16(values.length);
    for (let index = 0; index < values.length; index++) {
      writeName(writer, this.#nameOf(page * ROWS_PER_PAGE + index));
      writer.option(values[index]);
    }
    this.#putPage.run(page, writer.seal(page));
    this.#dirty.clean(page);
    this.#pageCount = Math.max(this.#pageCount, page + 1);
  }
}

/** Room for the redo row of these changes, also where all rows are new. Keys are plain letters and digits. */
const redoRoom = (changes: readonly StateChange[]): number =>
  changes.reduce((sum, { key, value }) => sum + 12 + key.length + (value?.length ?? 0), 4);

const openPage = (number: number, row: Uint8Array): SealedReader => opened(`page ${number} of the state`, number, row);

function readValues(number: number, row: Uint8Array): (Uint8Array | undefined)[] {
  const reader = openPage(number, row);
  const values: (Uint8Array | undefined)[] = [];
  for (let count = reader.u16(); count > 0; count--) {
    skipName(reader);
    values.push(reader.option());
  }
  return values;
}

function opened(what: string, key: number, row: Uint8Array): SealedReader {
  try {
    return new SealedReader(key, row);
  } catch (cause) {
    if (!(cause instanceof BrokenSealError)) throw cause;
    throw new BrokenSealError(`${what} is damaged: ${cause.message}`, { cause });
  }
}

function writeName(writer: SealedWriter, { table, key }: RowName): void {
  const bytes = Buffer.from(key);
  writer.u8(table).u16(bytes.length).raw(bytes);
}

const readName = (reader: SealedReader): RowName => ({ table: reader.u8(), key: reader.text(reader.u16()) });

function skipName(reader: SealedReader): void {
  reader.u8();
  reader.skip(reader.u16());
}

const skipOption = (reader: SealedReader): void => reader.skip(Math.max(0, reader.u32() - 1));

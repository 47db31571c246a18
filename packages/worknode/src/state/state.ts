/**
 * The state after the newest block, in memory; storage holds the same rows. Blocks are built on an overlay and applied whole.
 *
 * Each root is that of a Merkle-Patricia trie over its tables' rows (`trie.ts`): what a row holds, and that there is none, can
 * be proven to a third party. Ours: what gsym's state tries hold is not published.
 */
import { assert } from '@jigeum/std';
import type { Sha3 } from '@jigeum/symverse';
import { createByteShelf, NOWHERE, type ByteShelf } from './byte-shelf.ts';
import { createOverlay, type DecodedRow, type Overlay, type StateReader, type StateRow } from './overlay.ts';
import { rowPath } from './row-path.ts';
import {
  decodeValue,
  encodeValue,
  ROOT_NAMES,
  ROOT_OF_TABLE,
  TABLE_NAMES,
  type RootName,
  type StateTables,
  type TableName,
} from './tables.ts';
import { createStateTrie, type StateTrie } from './trie.ts';

export type { Overlay, StateReader, StateRow, StateWriter } from './overlay.ts';

/** A commitment of 32 bytes per root. */
export type Roots = Readonly<Record<RootName, Uint8Array>>;

/** What a table holds under a key, and the nodes that show it to somebody who knows the root. */
export interface RowProof {
  /** The row's bytes, or null when there is no row: then the nodes show that. */
  readonly value: Uint8Array | null;
  readonly proof: readonly Uint8Array[];
}

export interface State extends StateReader {
  overlay(): Overlay;
  roots(): Roots;
  /**
   * The roots that the state has after these changes, of which no two may be of one row. Readers see nothing of it. `apply`
   * with the same list does not compute them again; any other list, and a proof, first takes the work back.
   */
  rootsAfter(changes: readonly StateRow[]): Roots;
  apply(changes: readonly StateRow[]): void;
  rows<T extends TableName>(table: T): IterableIterator<[string, StateTables[T]]>;
  count(table: TableName): number;
  prove(table: TableName, key: string): RowProof;
}

/**
 * Rows that stay decoded for their readers though nothing has changed them: a citizen has 79 bytes and takes 785 decoded, and
 * everybody who pays is read. Two and a half microseconds decode one again.
 */
export const DECODED_MAX = 16_384;

/** A state of stored rows, of which no two may have one table and key. */
export function createState(rows: Iterable<StateRow>, sha3: Sha3): State {
  const tables = byTable((): Map<string, Row> => new Map());
  const shelf = createByteShelf();
  const newTrie = (): RowTrie => rowTrie(shelf, sha3);
  const tries: Record<RootName, RowTrie> = { coin: newTrie(), sct: newTrie(), citizen: newTrie() };
  const trieOf = (table: TableName): RowTrie => tries[ROOT_OF_TABLE[table]];
  /** What the tries have and the tables do not yet. */
  let pending:
    { readonly changes: readonly StateRow[]; readonly rows: readonly Row[]; readonly roots: Roots } | undefined;

  const get = <T extends TableName>(table: T, key: string): StateTables[T] | undefined => {
    const row = tables[table].get(key);
    if (row === undefined) return undefined;
    if (row.value === undefined) {
      row.value = decodeValue(table, shelf.at(row.place));
      keepDecoded(row);
    }
    return row.value as StateTables[T];
  };
  /** In the order in which they were decoded; the oldest gives its place to the next. */
  const decoded: Row[] = [];
  let oldest = 0;
  const keepDecoded = (row: Row): void => {
    const left = decoded[oldest];
    // What has changed since then stands on no shelf.
    if (left !== undefined && left.place !== NOWHERE) left.value = undefined;
    decoded[oldest] = row;
    oldest = (oldest + 1) % DECODED_MAX;
  };
  const rootsNow = (): Roots => ({
    coin: tries.coin.trie.root(),
    sct: tries.sct.trie.root(),
    citizen: tries.citizen.trie.root(),
  });

  /** Brings a change into its trie; readers still see what was before. Undefined when there is nothing to change. */
  const stage = (change: StateRow): Row | undefined => {
    const { table, key } = change;
    const found = tables[table].get(key);
    if (found === undefined && change.value === undefined) return undefined;
    const row = found ?? newRow(table, key);
    assert(row.staged === undefined, 'a list of changes has one of each row');
    row.staged = change;
    trieOf(table).put(row, change.value !== undefined);
    return row;
  };
  const unstage = (staged: readonly Row[]): void => {
    for (const row of staged) {
      row.staged = undefined;
      trieOf(row.table).put(row, isThere(row));
    }
    pending = undefined;
  };
  const stageAll = (changes: readonly StateRow[]): NonNullable<typeof pending> => {
    if (pending?.changes === changes) return pending;
    unstage(pending?.rows ?? []);
    const staged: Row[] = [];
    try {
      for (const change of changes) {
        const row = stage(change);
        if (row !== undefined) staged.push(row);
      }
      pending = { changes, rows: staged, roots: rootsNow() };
      return pending;
    } catch (cause) {
      unstage(staged);
      throw cause;
    }
  };
  const commit = (row: Row, change: StateRow): void => {
    if (change.value === undefined) tables[row.table].delete(row.key);
    else if (!isThere(row)) tables[row.table].set(row.key, row);
    row.staged = undefined;
    row.value = decodedValue(change);
    row.place = NOWHERE;
  };

  for (const { table, key, value } of rows) {
    assert(value !== undefined, `the stored row ${key} of ${table} has a value`);
    const row = newRow(table, key);
    row.place = shelf.put(value);
    const { size } = tables[table];
    tables[table].set(key, row);
    assert(tables[table].size === size + 1, `the row ${key} of ${table} is stored once`);
  }
  // When all rows are known, so that each trie is made at its size and not copied while it grows.
  for (const root of ROOT_NAMES) {
    const names = TABLE_NAMES.filter((table) => ROOT_OF_TABLE[table] === root);
    tries[root].trie.reserve(names.reduce((sum, table) => sum + tables[table].size, 0));
    for (const table of names) for (const row of tables[table].values()) tries[root].put(row, true);
  }
  let roots = rootsNow();
  return {
    get,
    overlay: () => createOverlay(get),
    roots: () => roots,
    rootsAfter: (changes) => stageAll(changes).roots,
    apply(changes) {
      const staged = stageAll(changes);
      for (const row of staged.rows) commit(row, row.staged!);
      roots = staged.roots;
      pending = undefined;
    },
    *rows<T extends TableName>(table: T) {
      for (const [key, { value, place }] of tables[table]) {
        // Not kept: who walks through all rows need not fill the memory with them.
        const shown = value ?? decodeValue(table, shelf.at(place));
        yield [key, shown as StateTables[T]] as [string, StateTables[T]];
      }
    },
    count: (table) => tables[table].size,
    prove(table, key) {
      unstage(pending?.rows ?? []);
      const row = tables[table].get(key);
      const { trie, bytesOf } = trieOf(table);
      return {
        value: row === undefined ? null : bytesOf(row).slice(),
        proof: trie.prove(rowPath(table, key, sha3)),
      };
    },
  };
}

/** A row in memory: decoded when somebody has asked for it lately or it has changed, otherwise as bytes on the shelf. */
interface Row {
  readonly table: TableName;
  readonly key: string;
  value: StateTables[TableName] | undefined;
  /** Where its bytes are on the shelf, `NOWHERE` once it has changed. */
  place: number;
  /** The change that the tries have and the tables do not yet. */
  staged: StateRow | undefined;
  /** Its number in the trie, 0 while it has none. */
  leaf: number;
}

const newRow = (table: TableName, key: string): Row => ({
  table,
  key,
  value: undefined,
  place: NOWHERE,
  staged: undefined,
  leaf: 0,
});

/** False for a row that a change would make. */
const isThere = ({ value, place }: Row): boolean => value !== undefined || place !== NOWHERE;

const decodedValue = (change: StateRow): Row['value'] =>
  'decoded' in change ? (change as DecodedRow).decoded : change.value && decodeValue(change.table, change.value);

interface RowTrie {
  readonly trie: StateTrie;
  /** Makes the row's leaf be there with the bytes that the row has now, or not be there. */
  put(row: Row, isThere: boolean): void;
  bytesOf(row: Row): Uint8Array;
}

function rowTrie(shelf: ByteShelf, sha3: Sha3): RowTrie {
  const rows: (Row | undefined)[] = [];
  const bytesOf = ({ table, value, place, staged }: Row): Uint8Array =>
    staged?.value ?? (value === undefined ? shelf.at(place) : encodeValue(table, value));
  const trie = createStateTrie((leaf) => bytesOf(rows[leaf]!), sha3);
  return {
    trie,
    bytesOf,
    put(row, isToBe) {
      if (isToBe && row.leaf !== 0) return trie.touch(row.leaf);
      if (isToBe) {
        row.leaf = trie.insert(rowPath(row.table, row.key, sha3));
        rows[row.leaf] = row;
      } else if (row.leaf !== 0) {
        trie.remove(row.leaf);
        rows[row.leaf] = undefined;
        row.leaf = 0;
      }
    },
  };
}

const byTable = <V>(make: () => V): Readonly<Record<TableName, V>> =>
  Object.fromEntries(TABLE_NAMES.map((name) => [name, make()])) as Record<TableName, V>;

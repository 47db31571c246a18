/**
 * The state after the newest block, in memory; storage holds the same rows. Blocks are built on an overlay and applied whole.
 *
 * Each root is that of a Merkle-Patricia trie over its tables' rows (`trie.ts`): what a row holds, and that there is none, can
 * be proven to a third party. Ours: what gsym's state tries hold is not published.
 */
import { assert } from '@jigeum/std';
import type { Sha3 } from '@jigeum/symverse';
import { createOverlay, type Overlay, type StateReader, type StateRow } from './overlay.ts';
import { rowPath } from './row-path.ts';
import {
  decodeValue,
  encodeValue,
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

/** A state of stored rows, of which no two may have one table and key. */
export function createState(rows: Iterable<StateRow>, sha3: Sha3): State {
  const tables = byTable((): Map<string, Row> => new Map());
  const tries: Record<RootName, RowTrie> = { coin: rowTrie(sha3), sct: rowTrie(sha3), citizen: rowTrie(sha3) };
  const trieOf = (table: TableName): RowTrie => tries[ROOT_OF_TABLE[table]];
  let pending:
    { readonly changes: readonly StateRow[]; readonly roots: Roots; readonly rows: readonly Row[] } | undefined;

  const get = <T extends TableName>(table: T, key: string): StateTables[T] | undefined =>
    tables[table].get(key)?.value as StateTables[T] | undefined;
  const rootsNow = (): Roots => ({
    coin: tries.coin.trie.root(),
    sct: tries.sct.trie.root(),
    citizen: tries.citizen.trie.root(),
  });

  /** Brings a change into its trie; its row still shows what was before. Undefined when there is nothing to change. */
  const stage = (change: StateRow): Row | undefined => {
    const { table, key } = change;
    const found = tables[table].get(key);
    if (found === undefined && change.value === undefined) return undefined;
    const row = found ?? { table, key, value: undefined, staged: undefined, leaf: 0 };
    assert(row.staged === undefined, 'a list of changes has one of each row');
    row.staged = change;
    trieOf(table).put(row, change.value === undefined ? undefined : () => rowPath(table, key, sha3));
    return row;
  };
  /** Takes what is staged back out of the tries. */
  const unstage = (): void => {
    for (const row of pending?.rows ?? []) {
      row.staged = undefined;
      const existed = row.value !== undefined;
      trieOf(row.table).put(row, existed ? () => rowPath(row.table, row.key, sha3) : undefined);
    }
    pending = undefined;
  };
  const stageAll = (changes: readonly StateRow[]): NonNullable<typeof pending> => {
    if (pending?.changes === changes) return pending;
    unstage();
    const staged = changes.flatMap((change) => stage(change) ?? []);
    pending = { changes, rows: staged, roots: rootsNow() };
    return pending;
  };
  const commit = (row: Row, change: StateRow): void => {
    row.staged = undefined;
    if (change.value === undefined) {
      tables[row.table].delete(row.key);
      return;
    }
    if (row.value === undefined) tables[row.table].set(row.key, row);
    row.value = 'decoded' in change ? (change.decoded as Row['value']) : decodeValue(row.table, change.value);
  };

  const state: State = {
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
      for (const [key, row] of tables[table]) yield [key, row.value as StateTables[T]] as [string, StateTables[T]];
    },
    count: (table) => tables[table].size,
    prove(table, key) {
      unstage();
      const value = get(table, key);
      return {
        value: value === undefined ? null : encodeValue(table, value),
        proof: trieOf(table).trie.prove(rowPath(table, key, sha3)),
      };
    },
  };
  let roots = rootsNow();
  state.apply([...rows]);
  return state;
}

/** A row in memory. `leaf` is its number in the trie, 0 while it has none; `value` is undefined until it is applied. */
interface Row {
  readonly table: TableName;
  readonly key: string;
  value: StateTables[TableName] | undefined;
  /** The change that the tries have and the tables do not yet. */
  staged: StateRow | undefined;
  leaf: number;
}

interface RowTrie {
  readonly trie: StateTrie;
  /** Makes the row's leaf be there with the bytes that the row has now, or not be there. The path is asked for when there is no leaf yet. */
  put(row: Row, path: (() => Uint8Array) | undefined): void;
}

function rowTrie(sha3: Sha3): RowTrie {
  const rows: (Row | undefined)[] = [];
  const bytesOf = (leaf: number): Uint8Array => {
    const row = rows[leaf];
    assert(row !== undefined, `leaf ${leaf} of a state trie has a row`);
    return row.staged?.value ?? encodeValue(row.table, row.value!);
  };
  const trie = createStateTrie(bytesOf, sha3);
  return {
    trie,
    put(row, path) {
      if (row.leaf !== 0 && path !== undefined) return trie.touch(row.leaf);
      if (path !== undefined) {
        row.leaf = trie.insert(path());
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

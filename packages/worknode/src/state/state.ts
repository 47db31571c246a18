/** The state after the newest block, in memory; storage holds the same rows. Blocks are built on an overlay and applied whole. */
import { concatBytes } from '@jigeum/std';
import type { Sha3 } from '@jigeum/symverse';
import {
  decodeValue,
  encodeValue,
  ROOT_OF_TABLE,
  TABLE_NAMES,
  type RootName,
  type StateTables,
  type TableName,
} from './tables.ts';

/** A stored row. `value` undefined: the row ceases to exist. */
export interface StateRow {
  readonly table: TableName;
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

export interface StateReader {
  get<T extends TableName>(table: T, key: string): StateTables[T] | undefined;
}

export interface StateWriter extends StateReader {
  set<T extends TableName>(table: T, key: string, value: StateTables[T] | undefined): void;
}

/** Changes on top of a state that nobody else sees until they are applied. */
export interface Overlay extends StateWriter {
  /** The rows that differ, in order of first change. */
  changes(): StateRow[];
}

/** A commitment of 32 bytes per root. */
export type Roots = Readonly<Record<RootName, Uint8Array>>;

export interface State extends StateReader {
  overlay(): Overlay;
  roots(): Roots;
  /** The roots that the state has after these changes. Changes nothing. */
  rootsAfter(changes: readonly StateRow[]): Roots;
  apply(changes: readonly StateRow[]): void;
  rows<T extends TableName>(table: T): IterableIterator<[string, StateTables[T]]>;
}

/**
 * A state of stored rows.
 *
 * A root is the sum of SHA3-256(table, key, value) over its rows, modulo 2^256: it does not depend on order, and costs two
 * hashes for each changed row, however many rows there are. It finds every damaged row; it is no proof for a third party
 * and does not withstand somebody who searches for collisions. Ours: gsym's tries are not published.
 */
export function createState(rows: Iterable<StateRow>, sha3: Sha3): State {
  const tables = Object.fromEntries(TABLE_NAMES.map((name) => [name, new Map<string, unknown>()])) as unknown as {
    readonly [T in TableName]: Map<string, StateTables[T]>;
  };
  let sums: Sums = { coin: 0n, sct: 0n, citizen: 0n };

  const get = <T extends TableName>(table: T, key: string): StateTables[T] | undefined => tables[table].get(key);
  const put = <T extends TableName>(table: T, key: string, raw: Uint8Array | undefined): void => {
    if (raw === undefined) tables[table].delete(key);
    else tables[table].set(key, decodeValue(table, raw));
  };
  const sumsAfter = (changes: readonly StateRow[]): Sums => {
    const next = { ...sums };
    for (const { table, key, value } of changes) {
      const root = ROOT_OF_TABLE[table];
      const old = get(table, key);
      if (old !== undefined) next[root] -= rowNumber(table, key, encodeValue(table, old), sha3);
      if (value !== undefined) next[root] += rowNumber(table, key, value, sha3);
    }
    return next;
  };
  const state: State = {
    get,
    overlay: () => createOverlay(get),
    roots: () => rootsOf(sums),
    rootsAfter: (changes) => rootsOf(sumsAfter(changes)),
    apply(changes) {
      sums = sumsAfter(changes);
      for (const { table, key, value } of changes) put(table, key, value);
    },
    rows: (table) => tables[table].entries(),
  };
  for (const row of rows) state.apply([row]);
  return state;
}

type Sums = Record<RootName, bigint>;

function createOverlay(below: StateReader['get']): Overlay {
  const changed = new Map<string, { table: TableName; key: string; value: StateTables[TableName] | undefined }>();
  return {
    get<T extends TableName>(table: T, key: string) {
      const own = changed.get(`${table}:${key}`);
      return own === undefined ? below(table, key) : (own.value as StateTables[T] | undefined);
    },
    set(table, key, value) {
      changed.set(`${table}:${key}`, { table, key, value });
    },
    changes: () =>
      [...changed.values()].map(({ table, key, value }) => ({
        table,
        key,
        value: value === undefined ? undefined : encodeValue(table, value),
      })),
  };
}

const SPACE = 1n << 256n;
const encoder = new TextEncoder();

/** The number that a row adds to its root. The key's length stands before it, so that no two rows have the same preimage. */
function rowNumber(table: TableName, key: string, value: Uint8Array, sha3: Sha3): bigint {
  const name = encoder.encode(key);
  const head = Uint8Array.of(TABLE_NAMES.indexOf(table), name.length);
  return BigInt(`0x${Buffer.from(sha3(concatBytes(head, name, value))).toString('hex')}`);
}

const rootsOf = (sums: Sums): Roots => ({
  coin: rootBytes(sums.coin),
  sct: rootBytes(sums.sct),
  citizen: rootBytes(sums.citizen),
});

function rootBytes(sum: bigint): Uint8Array {
  const hex = (((sum % SPACE) + SPACE) % SPACE).toString(16).padStart(64, '0');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Reading and writing rows, and changes on top of a state that nobody else sees until they are applied. */
import { encodeValue, TABLE_NAMES, type StateTables, type TableName } from './tables.ts';

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

/** Changes that nobody else sees. */
export interface Overlay extends StateWriter {
  /** The rows that were set: by table, then in order of first change. */
  changes(): StateRow[];
}

/** A row with the value that its bytes stand for, so that applying it need not decode what was just encoded. */
export interface DecodedRow extends StateRow {
  readonly decoded: StateTables[TableName] | undefined;
}

/** An overlay without changes. */
export function createOverlay(below: StateReader['get']): Overlay {
  const changed = Object.fromEntries(TABLE_NAMES.map((name) => [name, new Map<string, unknown>()])) as Record<
    TableName,
    Map<string, StateTables[TableName] | undefined>
  >;
  return {
    get<T extends TableName>(table: T, key: string) {
      const own = changed[table];
      const value = own.get(key);
      if (value !== undefined) return value as StateTables[T];
      return own.size > 0 && own.has(key) ? undefined : below(table, key);
    },
    set(table, key, value) {
      changed[table].set(key, value);
    },
    changes: () =>
      TABLE_NAMES.flatMap((table) =>
        Array.from(changed[table], ([key, decoded]): DecodedRow => {
          const value = decoded === undefined ? undefined : encodeValue(table, decoded);
          return { table, key, value, decoded };
        }),
      ),
  };
}

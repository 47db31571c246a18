/** For tests of what reads and writes a state: one of plain maps, without roots or storage. */
import { bytesToHex } from '@jigeum/std';
import type { SymId } from '@jigeum/symverse';
import type { StateWriter } from './state.ts';
import { encodeValue, type CitizenEntry, type StateTables, type TableName } from './tables.ts';

export interface MapState extends StateWriter {
  rows<T extends TableName>(table: T): [string, StateTables[T]][];
  /** Every row but coins and nonces, as sorted text. */
  picture(): string[];
}

export function createMapState(): MapState {
  const tables = new Map<TableName, Map<string, unknown>>();
  const rowsOf = (table: TableName): Map<string, unknown> => {
    const rows = tables.get(table) ?? new Map<string, unknown>();
    tables.set(table, rows);
    return rows;
  };
  return {
    get: <T extends TableName>(table: T, key: string) => rowsOf(table).get(key) as StateTables[T] | undefined,
    set(table, key, value) {
      if (value === undefined) rowsOf(table).delete(key);
      else rowsOf(table).set(key, value);
    },
    rows: <T extends TableName>(table: T) => [...rowsOf(table)] as [string, StateTables[T]][],
    picture: () =>
      [...tables]
        .filter(([table]) => table !== 'account')
        .flatMap(([table, rows]) =>
          [...rows].map(([key, value]) => `${table} ${key} ${bytesToHex(encodeValue(table, value as never))}`),
        )
        .toSorted(),
  };
}

/** An active citizen of a CA. */
export const citizenOf = (ca: SymId, role = 1n): CitizenEntry => ({
  ca,
  nonce: 0n,
  keyHash: new Uint8Array(20),
  vFlag: 2n,
  country: 0n,
  status: 1n,
  credit: 0n,
  role,
  refCode: 0n,
  writeTime: 0n,
  recordHash: new Uint8Array(32),
});

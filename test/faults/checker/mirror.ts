/**
 * The database in this process's memory, brought up to date by what has changed: each version of a row carries the number
 * of the transaction that wrote it, so a change is seen whoever made it and whatever the clocks say.
 */
import pg from 'pg';
import { isEnd, TABLES, type Rows, type TableName } from './tables.ts';
import type { Tell } from './violation.ts';

export type Tables = { readonly [T in TableName]: ReadonlyMap<string, Rows[T]> };

export interface Mirror {
  readonly tables: Tables;
  /** Reads what has changed, as of one moment. Tells of rows that may not have changed or gone. */
  refresh(client: pg.ClientBase, tell: Tell): Promise<void>;
}

const { builtins } = pg.types;

/** Whole numbers as bigint, days and times as text. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === builtins.NUMERIC || oid === builtins.INT8 || oid === builtins.INT4
      ? BigInt
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** Makes an empty one: the first `refresh` reads everything and knows nothing of before. */
export function createMirror(): Mirror {
  const tables = Object.fromEntries(Object.keys(TABLES).map((name) => [name, new Map()])) as unknown as {
    [T in TableName]: Map<string, Rows[T]>;
  };
  let since = 0n;
  return {
    tables,
    async refresh(client, tell) {
      await client.query('begin isolation level repeatable read read only');
      try {
        const { rows: moment } = await client.query<{ xmin: bigint }>(
          'select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin',
        );
        for (const name of Object.keys(TABLES) as TableName[])
          await refreshTable(client, name, since, tables[name], tell);
        since = moment[0]!.xmin;
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
  };
}

async function refreshTable(
  client: pg.ClientBase,
  name: TableName,
  since: bigint,
  known: Map<string, Rows[TableName]>,
  tell: Tell,
): Promise<void> {
  const { key, columns, life } = TABLES[name];
  const { rows } = await client.query<Rows[TableName]>(
    `select ${columns} from ${name} where xmin::text::bigint >= $1`,
    [since],
  );
  const keyOf = (row: Rows[TableName]): string =>
    key.map((column) => String(row[column as keyof typeof row])).join(' ');
  for (const row of rows) {
    const id = keyOf(row);
    const before = known.get(id);
    known.set(id, row);
    if (before === undefined) continue;
    const change = changeOf(before, row);
    if (change === '') continue;
    if (life === 'value')
      tell('INV-02', `${name} ${id}`, `Expected a record of value to stay as it was; changed: ${change}.`);
    if (life === 'ends' && isEnd((before as { state: string }).state))
      tell('INV-06', `${name} ${id}`, `Expected no change after the end; changed: ${change}.`);
  }
  const { rows: counted } = await client.query<{ count: bigint }>(`select count(*) as count from ${name}`);
  if (counted[0]!.count === BigInt(known.size)) return;
  const { rows: present } = await client.query<Rows[TableName]>(`select ${columns} from ${name}`);
  const left = new Set(present.map(keyOf));
  for (const id of [...known.keys()].filter((each) => !left.has(each))) {
    known.delete(id);
    tell('INV-02', `${name} ${id}`, 'Expected a row that was there before to be there; it is gone.');
  }
}

function changeOf(before: object, after: object): string {
  return Object.entries(after)
    .filter(([column, value]) => before[column as keyof typeof before] !== value)
    .map(([column, value]) => `${column} from ${String(before[column as keyof typeof before])} to ${String(value)}`)
    .join(', ');
}

/** What the connections of the public pages may do at all, whatever a page of ours would ask. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDeps } from '#testing';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.database.drop());

const REFUSED = '42501';

async function tablesLike(pattern: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename like ${pattern}
  `.execute(deps.db);
  return rows.map((row) => row.name);
}

test('read every table of the index', async () => {
  const tables = await tablesLike('scan\\_%');
  expect(tables.length).toBeGreaterThanOrEqual(6);
  for (const table of tables) await sql`select * from ${sql.table(table)} limit 1`.execute(deps.scanDb);
});

test('read no table of members, money, sessions or anything else', async () => {
  const others = (await tablesLike('%')).filter((table) => !table.startsWith('scan_'));
  expect(others).toEqual(expect.arrayContaining(['members', 'wallets', 'sessions', 'balances', 'transfers', 'tokens']));
  for (const table of others)
    await expect(sql`select * from ${sql.table(table)} limit 1`.execute(deps.scanDb), table).rejects.toMatchObject({
      code: REFUSED,
    });
  await sql`select contract, symbol, decimals from tokens`.execute(deps.scanDb);
});

test('write nothing, not even to the index', async () => {
  for (const table of await tablesLike('scan\\_%')) {
    await expect(sql`delete from ${sql.table(table)}`.execute(deps.scanDb), table).rejects.toThrow();
    await expect(
      deps.scanDb.transaction().execute(async (trx) => {
        await sql`set transaction read write`.execute(trx);
        await sql`delete from ${sql.table(table)}`.execute(trx);
      }),
      table,
    ).rejects.toMatchObject({ code: REFUSED });
  }
});

test('give up a statement that takes longer than a visitor waits', async () => {
  await expect(sql`select pg_sleep(3)`.execute(deps.scanDb)).rejects.toMatchObject({ code: '57014' });
});

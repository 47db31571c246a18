/** INV-02: the application has no right to change or remove what is of value. Asked of PostgreSQL by trying, and nothing stays. */
import type pg from 'pg';
import { TABLES, type TableName } from './tables.ts';
import type { Tell } from './violation.ts';

const REFUSED = '42501';

export async function checkRights(client: pg.ClientBase, tell: Tell): Promise<void> {
  const names = (Object.keys(TABLES) as TableName[]).filter((name) => TABLES[name].life === 'value');
  for (const name of names) {
    const column = TABLES[name].key[0]!;
    for (const statement of [
      `update ${name} set ${column} = ${column} where false`,
      `delete from ${name} where false`,
      `truncate ${name}`,
    ])
      if (!(await isRefused(client, statement)))
        tell('INV-02', name, `Expected "${statement}" to be refused to jigeum_app with ${REFUSED}, it is not.`);
  }
  for (const statement of [
    'delete from transfers where false',
    'delete from chain_outbox where false',
    'truncate bank_notices',
  ])
    if (!(await isRefused(client, statement)))
      tell('INV-02', statement, `Expected it to be refused to jigeum_app with ${REFUSED}, it is not.`);
}

async function isRefused(client: pg.ClientBase, statement: string): Promise<boolean> {
  await client.query('begin');
  try {
    // A right that is there after all must not wait for the work that is under way.
    await client.query("set local lock_timeout = '2s'");
    await client.query('set local role jigeum_app');
    await client.query(statement);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === REFUSED;
  } finally {
    await client.query('rollback');
  }
}

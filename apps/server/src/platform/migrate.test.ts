import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { systemClock } from '@jigeum/std';
import { checkMigrated, migrate } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

test('runs once, also when two run at once', async () => {
  await owner.query('drop schema public cascade; create schema public; grant usage on schema public to jigeum_app');
  const applied = await Promise.all([
    migrate({ clock: systemClock }, { url: database.ownerUrl }),
    migrate({ clock: systemClock }, { url: database.ownerUrl }),
  ]);
  expect(applied.flat()).toContain('0001_first_payment.sql');
  expect(new Set(applied.flat()).size).toBe(applied.flat().length);
  expect(await migrate({ clock: systemClock }, { url: database.ownerUrl })).toEqual([]);
  await checkMigrated(owner);
});

test('refuses a migration that was changed after it was applied', async () => {
  const { rows } = await owner.query<{ checksum: string }>(
    'select checksum from schema_migrations order by name limit 1',
  );
  await owner.query(`update schema_migrations set checksum = 'other' where name like '0001%'`);
  await expect(migrate({ clock: systemClock }, { url: database.ownerUrl })).rejects.toThrow(
    /^Migration 0001_first_payment.sql was applied with other content/,
  );
  await owner.query(`update schema_migrations set checksum = $1 where name like '0001%'`, [rows[0]!.checksum]);
});

test('refuses a database that is ahead of the program', async () => {
  await owner.query(`insert into schema_migrations values ('9999_future.sql', 'x', now())`);
  await expect(checkMigrated(owner)).rejects.toThrow(/which this program does not know/);
  await owner.query(`delete from schema_migrations where name = '9999_future.sql'`);
});

test('the application cannot write the history, nor alter a table', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await checkMigrated(client);
  await expect(client.query('delete from schema_migrations')).rejects.toMatchObject({ code: '42501' });
  await expect(client.query('alter table members drop column pin_hmac')).rejects.toMatchObject({ code: '42501' });
  await client.end();
});

test('says what to do about an empty database and one that is behind', async () => {
  await owner.query(`delete from schema_migrations`);
  await expect(checkMigrated(owner)).rejects.toThrow(/Run: jigeum-server migrate$/);
  await owner.query(`drop table schema_migrations`);
  await expect(checkMigrated(owner)).rejects.toThrow('The database is empty. Run: jigeum-server migrate');
});

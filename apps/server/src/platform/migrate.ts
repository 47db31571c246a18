/**
 * Migrations: `migrations/NNNN_what.sql` in order, forward only, each in a transaction of its own and recorded with its
 * checksum in `schema_migrations`. Two runners at once wait for each other.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { connectionOf } from './db.ts';
import type { Clock } from '@jigeum/std';

/** The folder of this server's migrations. */
export const migrationsDir = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** The recorded history and the files differ: somebody must decide. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** One number for all: any process that migrates this database takes this advisory lock. */
const LOCK_ID = 5_201_314;

/** Applies what is missing and returns the names. Connects as the owner of the schema. Repeats without effect. */
export async function migrate(
  deps: { clock: Clock },
  connection: { url: string; password?: () => string },
): Promise<string[]> {
  const client = new pg.Client({
    ...connectionOf(connection),
    application_name: 'jigeum migrate',
  });
  await client.connect();
  try {
    return await applyMigrations(deps, client);
  } finally {
    await client.end();
  }
}

/** The same over a connection that is open; its session ends with the caller's. */
export async function applyMigrations(
  deps: { clock: Pick<Clock, 'nowMs'> },
  client: { query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }> },
): Promise<string[]> {
  await client.query('select pg_advisory_lock($1)', [LOCK_ID]);
  await client.query(`create table if not exists schema_migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null)`);
  const applied: string[] = [];
  const recorded = await readRecorded(client);
  const migrations = readMigrations();
  checkHistory(recorded, migrations);
  for (const migration of migrations.slice(recorded.length)) {
    await client.query('begin');
    try {
      await client.query(migration.sql);
      await client.query('insert into schema_migrations (name, checksum, applied_at) values ($1, $2, $3)', [
        migration.name,
        migration.checksum,
        new Date(deps.clock.nowMs()),
      ]);
      await client.query('commit');
    } catch (cause) {
      await client.query('rollback');
      throw new MigrationError(`Migration ${migration.name} failed and was undone: ${(cause as Error).message}`, {
        cause,
      });
    }
    applied.push(migration.name);
  }
  await client.query('grant select on schema_migrations to jigeum_app');
  return applied;
}

/** Throws `MigrationError` unless the database has exactly the migrations of this program. Reads only. */
export async function checkMigrated(client: { query(sql: string): Promise<{ rows: unknown[] }> }): Promise<void> {
  let recorded: Recorded[];
  try {
    recorded = await readRecorded(client);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== '42P01') throw cause;
    throw new MigrationError('The database is empty. Run: jigeum-server migrate', { cause });
  }
  const migrations = readMigrations();
  checkHistory(recorded, migrations);
  if (recorded.length < migrations.length)
    throw new MigrationError(
      `Expected migration ${migrations.at(-1)!.name}, the database ends at ${recorded.at(-1)?.name ?? 'none'}. Run: jigeum-server migrate`,
    );
}

interface Recorded {
  name: string;
  checksum: string;
}

async function readRecorded(client: { query(sql: string): Promise<{ rows: unknown[] }> }): Promise<Recorded[]> {
  const { rows } = await client.query('select name, checksum from schema_migrations order by name');
  return rows as Recorded[];
}

function readMigrations(): Migration[] {
  return readdirSync(migrationsDir)
    .filter((name) => /^[0-9]{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(`${migrationsDir}${name}`, 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

function checkHistory(recorded: readonly Recorded[], migrations: readonly Migration[]): void {
  for (const [index, row] of recorded.entries()) {
    const file = migrations[index];
    if (file === undefined || file.name !== row.name)
      throw new MigrationError(
        `The database has migration ${row.name}, which this program does not know. Run the version that made it, or a newer one.`,
      );
    if (file.checksum !== row.checksum)
      throw new MigrationError(
        `Migration ${row.name} was applied with other content than its file has now. A migration never changes once applied: restore the file and write a further one.`,
      );
  }
}

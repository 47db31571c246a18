/**
 * A backup of the whole database in one file, through SQL alone: the embedded PostgreSQL comes without pg_dump, and this
 * works with every other one as well. One snapshot, so that what it holds belongs together; gzip of lines of text:
 *
 *   {"format":"jigeum backup 1","migrations":[…]}   what made the schema
 *   # <table>                                        then one row a line, as JSON
 *   {"rows":N,"sha256":"…"}                          of all lines before it; a file without it is not whole
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import pg from 'pg';
import { connectionOf } from './db.ts';

const FORMAT = 'jigeum backup 1';
/** Rows of one read or write. */
const ROWS_AT_ONCE = 500;

export interface BackupConnection {
  /** As the owner of the schema. */
  url: string;
  password?: () => string;
}

/** A file that is no whole backup, or a database that it does not fit. The message says what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** Writes all rows to `file`, which appears when it is whole. The server may go on meanwhile. Returns the number of rows. */
export async function backUp(connection: BackupConnection, file: string): Promise<number> {
  const draft = `${file}.part`;
  try {
    const rows = await withClient(connection, async (client) => {
      await client.query('begin transaction isolation level repeatable read read only');
      const counted = { rows: 0 };
      await pipeline(Readable.from(linesOf(client, counted)), createGzip(), createWriteStream(draft, { mode: 0o600 }));
      await client.query('commit');
      return counted.rows;
    });
    await rename(draft, file);
    return rows;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function* linesOf(client: pg.Client, counted: { rows: number }): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const line = (text: string): string => {
    hash.update(`${text}\n`);
    return `${text}\n`;
  };
  yield line(JSON.stringify({ format: FORMAT, migrations: await migrationsOf(client) }));
  for (const table of await tablesOf(client)) {
    yield line(`# ${table}`);
    await client.query(`declare rows no scroll cursor for select to_jsonb(t)::text as row from ${quoted(table)} t`);
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`fetch ${ROWS_AT_ONCE} from rows`);
      if (rows.length === 0) break;
      counted.rows += rows.length;
      yield rows.map(({ row }) => line(row)).join('');
    }
    await client.query('close rows');
  }
  yield `${JSON.stringify({ rows: counted.rows, sha256: hash.digest('hex') })}\n`;
}

/**
 * Reads a backup into a database that has the same migrations and no wallet yet, all or nothing. Reads the file twice: it
 * must be whole before anything is written. Returns the number of rows.
 */
export async function restore(connection: BackupConnection, file: string): Promise<number> {
  const rows = await checkWhole(file);
  await withClient(connection, async (client) => {
    await client.query('begin');
    try {
      await requireFitting(client, file);
      const constraints = await dropReferences(client);
      await load(client, file);
      for (const add of constraints) await client.query(add);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  });
  return rows;
}

async function checkWhole(file: string): Promise<number> {
  const hash = createHash('sha256');
  let rows = 0;
  let last: string | undefined;
  for await (const line of readLines(file)) {
    if (last !== undefined) {
      hash.update(`${last}\n`);
      if (last.startsWith('{')) rows++;
    }
    last = line;
  }
  let end: { rows?: unknown; sha256?: unknown };
  try {
    end = JSON.parse(last ?? '') as { rows?: unknown; sha256?: unknown };
  } catch (cause) {
    throw new BackupError(`${file} is not a whole backup: its last line is missing. Take another one.`, { cause });
  }
  // The header is a line of JSON too.
  if (end.sha256 !== hash.digest('hex') || end.rows !== rows - 1)
    throw new BackupError(`${file} is not a whole backup: its content differs from its last line. Take another one.`);
  return rows - 1;
}

async function requireFitting(client: pg.Client, file: string): Promise<void> {
  for await (const line of readLines(file)) {
    const header = JSON.parse(line) as { format?: unknown; migrations?: unknown };
    if (header.format !== FORMAT) throw new BackupError(`${file} is no backup of this program.`);
    const own = await migrationsOf(client);
    if (JSON.stringify(header.migrations) !== JSON.stringify(own))
      throw new BackupError(
        `${file} was taken with other migrations than this database has. Restore it with the version that took it, then migrate.`,
      );
    break;
  }
  const { rows } = await client.query('select from wallets limit 1');
  if (rows.length > 0) throw new BackupError('Expected an empty database to restore into, got one with wallets.');
}

async function load(client: pg.Client, file: string): Promise<void> {
  const tables = await tablesOf(client);
  for (const table of tables) await client.query(`alter table ${quoted(table)} disable trigger user`);
  await client.query(`truncate ${tables.map(quoted).join(', ')}`);
  let table: string | undefined;
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length === 0 || table === undefined) return;
    const name = quoted(table);
    await client.query(
      `insert into ${name} overriding system value select * from jsonb_populate_recordset(null::${name}, $1::jsonb)`,
      [`[${batch.join(',')}]`],
    );
    batch = [];
  };
  for await (const line of readLines(file)) {
    if (line.startsWith('# ')) {
      await flush();
      table = line.slice(2);
      if (!tables.includes(table)) throw new BackupError(`${file} has a table ${table} that this database has not.`);
    } else if (table !== undefined && !line.startsWith('{"rows":')) {
      batch.push(line);
      if (batch.length === ROWS_AT_ONCE) await flush();
    }
  }
  await flush();
  await moveSequences(client);
  for (const each of tables) await client.query(`alter table ${quoted(each)} enable trigger user`);
}

/** Rows come in no order that references like; adding the constraints again checks every row. */
async function dropReferences(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(`
    select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by conname`);
  for (const row of rows) await client.query(`alter table ${row.table} drop constraint ${quoted(row.name)}`);
  return rows.map((row) => `alter table ${row.table} add constraint ${quoted(row.name)} ${row.definition}`);
}

async function moveSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table_name: string; column_name: string }>(`
    select table_name, column_name from information_schema.columns where table_schema = 'public' and is_identity = 'YES'`);
  for (const { table_name: table, column_name: column } of rows)
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce((select max(${quoted(column)}) from ${quoted(table)}), 0) + 1, false)`,
      [quoted(table), column],
    );
}

async function migrationsOf(client: pg.Client): Promise<{ name: string; checksum: string }[]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from schema_migrations order by name',
  );
  return rows;
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ table_name: string }>(`
    select table_name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'schema_migrations' order by table_name`);
  return rows.map((row) => row.table_name);
}

const quoted = (name: string): string => pg.escapeIdentifier(name);

const readLines = (file: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });

async function withClient<T>(connection: BackupConnection, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connectionOf(connection), application_name: 'jigeum backup' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Writes apps/server/src/platform/database.ts from the migrated database: one interface a table, so that a query that does not fit the schema
 * does not compile. Run: `node scripts/generate-database-types.ts` (`--check` compares and writes nothing).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createTestDatabase } from '../apps/server/src/platform/testing.ts';

const FILE = fileURLToPath(new URL('../apps/server/src/platform/database.ts', import.meta.url));

interface Column {
  table_name: string;
  column_name: string;
  udt_name: string;
  is_nullable: 'YES' | 'NO';
  is_identity: 'YES' | 'NO';
  column_default: string | null;
  comment: string | null;
}

/** How each type arrives; `db.ts` sets the parsers. */
const kinds: Record<string, string> = {
  uuid: 'string',
  text: 'string',
  date: 'string',
  bool: 'boolean',
  int4: 'number',
  int8: 'bigint',
  xid8: 'string',
  numeric: 'bigint',
  bytea: 'Buffer',
  _text: 'string[]',
  timestamptz: 'Date',
  json: 'unknown',
  jsonb: 'unknown',
};

/** The text of `database.ts` for the schema that the migrations make. */
async function generateDatabaseTypes(): Promise<string> {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Column>(`
      select c.table_name, c.column_name, c.udt_name, c.is_nullable, c.is_identity, c.column_default,
        col_description(format('%I.%I', c.table_schema, c.table_name)::regclass, c.ordinal_position) as comment
      from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name <> 'schema_migrations'
      order by c.table_name, c.ordinal_position`);
    return textOf(rows);
  } finally {
    await client.end();
    await database.drop();
  }
}

function textOf(columns: readonly Column[]): string {
  const tables = Map.groupBy(columns, (column) => column.table_name);
  const interfaces = [...tables].map(([table, rows]) => {
    const lines = rows.map((row) => {
      const doc = row.comment === null ? '' : `  /** ${row.comment} */\n`;
      return `${doc}  ${row.column_name}: ${typeOf(row)};`;
    });
    return `export interface ${interfaceOf(table)} {\n${lines.join('\n')}\n}`;
  });
  const index = [...tables.keys()].map((table) => `  ${table}: ${interfaceOf(table)};`);
  return [
    '/** Made from the migrated database by scripts/generate-database-types.ts. Do not edit: change a migration and run it again. */',
    "import type { ColumnType, Generated } from 'kysely';",
    '',
    '/** Bytes: read as a Buffer, written as any byte array. */',
    'type Bytes = ColumnType<Buffer, Uint8Array, Uint8Array>;',
    'type NullableBytes = ColumnType<Buffer | null, Uint8Array | null | undefined, Uint8Array | null>;',
    '/** Written as JSON text, read parsed. */',
    'type Json = ColumnType<unknown, string, string>;',
    '/** PostgreSQL int8: always a bigint when read. */',
    'type Int8 = ColumnType<bigint, bigint | number, bigint | number>;',
    'type NullableInt8 = ColumnType<bigint | null, bigint | number | null | undefined, bigint | number | null>;',
    'type DefaultedInt8 = ColumnType<bigint, bigint | number | undefined, bigint | number>;',
    '',
    interfaces.join('\n\n'),
    '',
    'export interface Database {',
    ...index,
    '}',
    '',
  ].join('\n');
}

function typeOf(column: Column): string {
  const kind = kinds[column.udt_name];
  if (kind === undefined)
    throw new Error(`${column.table_name}.${column.column_name} has type ${column.udt_name}: add it to the kinds.`);
  const isNullable = column.is_nullable === 'YES';
  const hasDefault = column.column_default !== null || column.is_identity === 'YES';
  if (column.is_identity === 'YES') return `ColumnType<${kind}, never, never>`;
  if (column.udt_name === 'bytea') return isNullable ? 'NullableBytes' : 'Bytes';
  if (column.udt_name === 'int8') return isNullable ? 'NullableInt8' : hasDefault ? 'DefaultedInt8' : 'Int8';
  if (column.udt_name === 'json' || column.udt_name === 'jsonb') return 'Json';
  const type = isNullable ? `${kind} | null` : kind;
  return hasDefault ? `Generated<${type}>` : type;
}

const interfaceOf = (table: string) =>
  `${table
    .split('_')
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join('')}Table`;

if (import.meta.main) {
  const fresh = await generateDatabaseTypes();
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, fresh);
    console.log(`Wrote ${FILE}.`);
  } else if (readFileSync(FILE, 'utf8') === fresh) {
    console.log('database.ts fits the migrations.');
  } else {
    console.error('database.ts differs from the migrations. Run: node scripts/generate-database-types.ts');
    process.exitCode = 1;
  }
}

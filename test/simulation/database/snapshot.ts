/** The rows that every world begins with: copied once, put back before each world. Knows no table by name. */
import type { Wire } from './wire.ts';

export interface Snapshot {
  /** The text that puts all rows back. */
  restore: string;
}

/** Copies the rows of all tables of the schema `public`. */
export function takeSnapshot(wire: Wire): Snapshot {
  const tables = wire.rows<{ name: string; columns: string }>(`
    select quote_ident(c.relname) as name,
           (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`);
  wire.asOwner('drop schema if exists snapshot cascade; create schema snapshot');
  const filled: string[] = [];
  for (const { name, columns } of tables) {
    wire.asOwner(`create table snapshot.${name} as select ${columns} from public.${name}`);
    const [row] = wire.rows<{ count: number }>(`select count(*)::int as count from snapshot.${name}`);
    if (row!.count > 0)
      filled.push(
        `insert into public.${name} (${columns}) overriding system value select ${columns} from snapshot.${name};`,
      );
  }
  const sequences = wire.rows<{ name: string; value: string }>(`
    select quote_ident(sequencename) as name, coalesce(last_value, 0)::text as value from pg_sequences
    where schemaname = 'public' order by 1`);
  return {
    restore: [
      'set session_replication_role = replica;',
      `truncate ${tables.map(({ name }) => `public.${name}`).join(', ')} restart identity;`,
      ...filled,
      ...sequences
        .filter(({ value }) => value !== '0')
        .map(({ name, value }) => `select setval('public.${name}', ${value});`),
      'set session_replication_role = origin;',
    ].join('\n'),
  };
}

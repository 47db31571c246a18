/** Every statement over the chain of the audit log: links, and what the chaining job has seen. */
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';

/**
 * The eight lines of a row's text, as `auditRowText` makes them. An instant that is no number (only somebody who changes the
 * table can write one) gives a text that no HMAC fits, instead of an error.
 */
export const rowTextSql = sql<string>`
  concat_ws(e'\n', 'jigeum audit row 1', a.id,
    case when isfinite(a.at) then ((extract(epoch from a.at) * 1000000)::bigint)::text else a.at::text end,
    a.actor, a.act, coalesce(a.subject::text, ''), a.request, a.facts)
`;

export interface Progress {
  /** Snapshot of the newest chained rows; null: nothing that can be trusted is known, so every row is looked at. */
  seen: string | null;
  /** The present snapshot's cluster. */
  cluster: string;
}

/** Locks the chain for this transaction. Undefined where another process chains. */
export async function lockChain(trx: Trx): Promise<Progress | undefined> {
  const { rows } = await sql<{ seen: string | null; known: string | null; cluster: string }>`
    select p.seen, p.cluster as known, c.system_identifier::text as cluster
    from audit_progress p, pg_control_system() c for update of p skip locked
  `.execute(trx);
  const [row] = rows;
  if (row === undefined) return undefined;
  // Transaction ids of the cluster that a dump came from say nothing about this one's.
  return { seen: row.cluster === row.known ? row.seen : null, cluster: row.cluster };
}

export async function currentSnapshot(trx: Trx): Promise<string> {
  const { rows } = await sql<{ now: string }>`select pg_current_snapshot()::text as now`.execute(trx);
  return rows[0]!.now;
}

export interface UnlinkedRow {
  id: string;
  trx: string;
  mac: string;
  text: string;
}

/**
 * Rows that `until` sees, `seen` does not, and no link names yet: in the order of transaction and id, after `after`. What a
 * transaction writes that is open now is seen by a later snapshot and by none before, so it is never passed over.
 */
export async function unlinkedRows(
  trx: Trx,
  input: { seen: string | null; until: string; after: UnlinkedRow | undefined; limit: number },
): Promise<UnlinkedRow[]> {
  const { seen, until, after } = input;
  const { rows } = await sql<UnlinkedRow>`
    select a.id, a.trx::text as trx, encode(a.mac, 'hex') as mac, ${rowTextSql} as text
    from audit_log a
    where pg_visible_in_snapshot(a.trx, ${until}::pg_snapshot)
      ${seen === null ? sql`` : sql`and a.trx >= pg_snapshot_xmin(${seen}::pg_snapshot) and not pg_visible_in_snapshot(a.trx, ${seen}::pg_snapshot)`}
      ${after === undefined ? sql`` : sql`and a.trx >= ${after.trx}::xid8 and (a.trx, a.id) > (${after.trx}::xid8, ${after.id}::uuid)`}
      and not exists (select from audit_links l where l.row_id = a.id)
    order by a.trx, a.id limit ${input.limit}
  `.execute(trx);
  return rows;
}

export interface NewestLink {
  seq: bigint;
  /** Hex. */
  hash: string;
}

export async function newestLink(db: Db): Promise<NewestLink | undefined> {
  const { rows } = await sql<NewestLink>`
    select seq, encode(hash, 'hex') as hash from audit_links order by seq desc limit 1
  `.execute(db);
  return rows[0];
}

export interface NewLink {
  seq: bigint;
  rowId: string;
  /** Hex. */
  hash: string;
  mac: Uint8Array;
}

export async function insertLinks(trx: Trx, links: readonly NewLink[]): Promise<void> {
  await sql`
    insert into audit_links (seq, row_id, hash, mac)
    select * from unnest(
      ${links.map((link) => link.seq)}::bigint[], ${links.map((link) => link.rowId)}::uuid[],
      ${links.map((link) => Buffer.from(link.hash, 'hex'))}::bytea[], ${links.map((link) => Buffer.from(link.mac))}::bytea[])
  `.execute(trx);
}

export async function saveSeen(trx: Trx, input: { seen: string; cluster: string }): Promise<void> {
  await sql`update audit_progress set seen = ${input.seen}, cluster = ${input.cluster}`.execute(trx);
}

/** Every statement over the chain of the audit log: links, and what the chaining job has seen. */
import { sql, type RawBuilder } from 'kysely';
import type { Db, Trx } from '#platform';
import type { Checkpoint, Signed } from './checkpoint.ts';

/**
 * An instant as microseconds since 1970. One that is no number (only somebody who changes the table can write it) gives -1,
 * which no HMAC and no signature fits, instead of an error.
 */
const microsSql = (at: RawBuilder<unknown>): RawBuilder<bigint> => sql<bigint>`
  (case when isfinite(${at}) then extract(epoch from ${at}) * 1000000 else -1 end)::bigint
`;

/** The eight lines of a row's text, as `auditRowText` makes them. */
export const rowTextSql = sql<string>`
  concat_ws(e'\n', 'jigeum audit row 1', a.id,
    ${microsSql(sql.ref('a.at'))}, a.actor, a.act, coalesce(a.subject::text, ''), a.request, a.facts)
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

/** The hash of a link as hex; undefined where there is none. */
export async function hashAt(db: Db, seq: bigint): Promise<string | undefined> {
  const { rows } = await sql<{ hash: string }>`
    select encode(hash, 'hex') as hash from audit_links where seq = ${seq}
  `.execute(db);
  return rows[0]?.hash;
}

const checkpointColumns = sql`
  number, seq, encode(link_hash, 'hex') as "linkHash", ${microsSql(sql.ref('at'))} as "atMicros",
  encode(previous, 'hex') as previous, encode(public_key, 'hex') as "publicKey", encode(signature, 'hex') as signature
`;

export async function newestCheckpoint(db: Db): Promise<Signed<Checkpoint> | undefined> {
  const { rows } = await sql<Signed<Checkpoint>>`
    select ${checkpointColumns} from audit_checkpoints order by number desc limit 1
  `.execute(db);
  return rows[0];
}

/** All of them, in the order of their numbers. */
export async function allCheckpoints(db: Db): Promise<Signed<Checkpoint>[]> {
  const { rows } = await sql<Signed<Checkpoint>>`
    select ${checkpointColumns} from audit_checkpoints order by number, seq
  `.execute(db);
  return rows;
}

/** False where there is one of this number. */
export async function insertCheckpoint(trx: Trx, checkpoint: Signed<Checkpoint>): Promise<boolean> {
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
  const { numAffectedRows } = await sql`
    insert into audit_checkpoints (number, seq, link_hash, at, previous, public_key, signature)
    values (${checkpoint.number}, ${checkpoint.seq}, ${bytes(checkpoint.linkHash)},
            ${new Date(Number(checkpoint.atMicros / 1000n))}, ${bytes(checkpoint.previous)},
            ${bytes(checkpoint.publicKey)}, ${bytes(checkpoint.signature)})
    on conflict do nothing
  `.execute(trx);
  return numAffectedRows === 1n;
}

/** A link with its row, as stored; the row's parts are null where there is none. */
export interface ChainRow {
  seq: string;
  rowId: string;
  /** Hex. */
  hash: string;
  linkMac: string;
  trx: string | null;
  mac: string | null;
  text: string | null;
}

/** Opens the cursor `audit_chain` over all links after a number, in their order. */
export async function openChainCursor(trx: Trx, afterSeq: bigint): Promise<void> {
  // A cursor takes no parameters; a bigint is digits.
  await sql`
    declare audit_chain no scroll cursor for
    select l.seq::text as seq, l.row_id as "rowId", encode(l.hash, 'hex') as hash, encode(l.mac, 'hex') as "linkMac",
           a.trx::text as trx, encode(a.mac, 'hex') as mac, case when a.id is null then null else ${rowTextSql} end as text
    from audit_links l left join audit_log a on a.id = l.row_id
    where l.seq > ${sql.raw(afterSeq.toString())} order by l.seq
  `.execute(trx);
}

export async function fetchChain(trx: Trx, count: number): Promise<ChainRow[]> {
  const { rows } = await sql<ChainRow>`fetch ${sql.raw(String(count))} from audit_chain`.execute(trx);
  return rows;
}

/** More than this have never been chained, or have lost their links: one is enough to say so. */
const UNLINKED_MAX = 100_000;

export async function rowsWithoutLink(trx: Trx): Promise<{ id: string; at: Date; mac: string; text: string }[]> {
  const { rows } = await sql<{ id: string; at: Date; mac: string; text: string }>`
    select a.id, case when isfinite(a.at) then a.at else 'epoch' end as at, encode(a.mac, 'hex') as mac, ${rowTextSql} as text
    from audit_log a where not exists (select from audit_links l where l.row_id = a.id)
    order by a.id limit ${UNLINKED_MAX}
  `.execute(trx);
  return rows;
}

/** What the database says of anchors: the chain is asked whether it is so. */
export async function claimedAnchors(db: Db): Promise<{ anchorId: string; hash: string; block: number }[]> {
  const { rows } = await sql<{ anchorId: string; hash: string; block: bigint }>`
    select source_id as "anchorId", '0x' || encode(hash, 'hex') as hash, block_number as block
    from audit_anchors where state = 'final' order by block_number
  `.execute(db);
  return rows.map((row) => ({ ...row, block: Number(row.block) }));
}

export interface ShownRow {
  seq: bigint | null;
  id: string;
  at: Date;
  actor: string;
  act: string;
  subject: string | null;
  request: string;
  facts: string;
}

export interface RowFilter {
  subject: string | undefined;
  actor: string | undefined;
  act: string | undefined;
  since: Date | undefined;
  until: Date | undefined;
  limit: number;
}

/** The newest rows that fit, newest first. */
export async function findRows(db: Db, filter: RowFilter): Promise<ShownRow[]> {
  const { subject, actor, act, since, until, limit } = filter;
  const { rows } = await sql<ShownRow>`
    select l.seq, a.id, a.at, a.actor, a.act, a.subject, a.request, a.facts
    from audit_log a left join audit_links l on l.row_id = a.id
    where true
      ${subject === undefined ? sql`` : sql`and a.subject = ${subject}::uuid`}
      ${actor === undefined ? sql`` : sql`and a.actor = ${actor}`}
      ${act === undefined ? sql`` : sql`and a.act = ${act}`}
      ${since === undefined ? sql`` : sql`and a.at >= ${since}`}
      ${until === undefined ? sql`` : sql`and a.at < ${until}`}
    order by a.id desc limit ${limit}
  `.execute(db);
  return rows;
}

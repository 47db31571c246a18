/** Every statement over `outflow_stops`, and the operator's over `alarms`. */
import { sql } from 'kysely';
import type { Db, Place, Trx } from '#platform';

export type StopCause = 'operator' | 'mismatch' | 'quarantine';

/** What stops one of these signatures; null where nothing stops any of them. */
export async function firstStopOf(
  trx: Trx,
  signatures: readonly { purpose: string; sourceId: string; walletId: string }[],
): Promise<'quarantine' | 'platform' | 'token' | 'wallet' | null> {
  const { rows } = await sql<{ stop: 'quarantine' | 'platform' | 'token' | 'wallet' | null }>`/*prepare*/
    select outflow_stop_of(s.purpose, s.source_id, s.wallet_id) as stop
    from unnest(${signatures.map(({ purpose }) => purpose)}::text[],
                ${signatures.map(({ sourceId }) => sourceId)}::uuid[],
                ${signatures.map(({ walletId }) => walletId)}::uuid[]) as s (purpose, source_id, wallet_id)
  `.execute(trx);
  if (rows.length !== signatures.length)
    throw new Error(`Expected to be told what stops ${signatures.length} signatures, got ${rows.length} rows.`);
  return rows.find(({ stop }) => stop !== null)?.stop ?? null;
}

/** Why the whole platform is stopped: each cause once; empty where it is not. */
export async function platformStops(db: Db): Promise<StopCause[]> {
  const { rows } = await sql<{ cause: StopCause }>`
    select cause from outflow_stops where scope = 'platform' and lifted_at is null
  `.execute(db);
  return rows.map((row) => row.cause);
}

/** The lock that every signing transaction shares: got alone, it says that all of them have ended. */
export async function waitForSigners(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(4, 11)`.execute(trx);
}

/** A freeze and a signature of one wallet exclude each other by this. */
export async function lockWalletRow(trx: Trx, walletId: string): Promise<void> {
  await sql`select from wallets where id = ${walletId} for no key update`.execute(trx);
}

/** Undefined where the same cause stops the same thing already. */
export async function insertStop(
  trx: Trx,
  stop: {
    id: string;
    scope: 'platform' | 'token' | 'wallet';
    tokenId: string | null;
    walletId: string | null;
    cause: StopCause;
    reason: string;
    by: string;
    at: Date;
  },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into outflow_stops (id, scope, token_id, wallet_id, cause, reason, stopped_by, stopped_at)
    values (${stop.id}, ${stop.scope}, ${stop.tokenId}, ${stop.walletId}, ${stop.cause}, ${stop.reason}, ${stop.by}, ${stop.at})
    on conflict do nothing returning id
  `.execute(trx);
  return rows[0]?.id;
}

export async function openStopId(
  trx: Trx,
  stop: { scope: string; tokenId: string | null; walletId: string | null; cause: StopCause },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from outflow_stops
    where scope = ${stop.scope} and cause = ${stop.cause} and lifted_at is null
      and token_id is not distinct from ${stop.tokenId}::uuid and wallet_id is not distinct from ${stop.walletId}::uuid
  `.execute(trx);
  return rows[0]?.id;
}

export interface StopRow {
  id: string;
  scope: 'platform' | 'token' | 'wallet';
  token_id: string | null;
  symbol: string | null;
  wallet_id: string | null;
  address: string | null;
  cause: StopCause;
  reason: string;
  stopped_by: string;
  stopped_at: Date;
  lifted_by: string | null;
  lifted_at: Date | null;
  lift_reason: string | null;
}

const stopColumns = sql`
  s.id, s.scope, s.token_id, t.symbol, s.wallet_id, w.address, s.cause, s.reason, s.stopped_by, s.stopped_at, s.lifted_by,
  s.lifted_at, s.lift_reason
`;
const stopJoins = sql`left join tokens t on t.id = s.token_id left join wallets w on w.id = s.wallet_id`;

export async function stopById(db: Db, id: string): Promise<StopRow | undefined> {
  const { rows } = await sql<StopRow>`
    select ${stopColumns} from outflow_stops s ${stopJoins} where s.id = ${id}
  `.execute(db);
  return rows[0];
}

export async function stops(
  db: Db,
  input: { isOpenOnly: boolean; after: Place | undefined; limit: number },
): Promise<StopRow[]> {
  const { rows } = await sql<StopRow>`
    select ${stopColumns} from outflow_stops s ${stopJoins}
    where (not ${input.isOpenOnly} or s.lifted_at is null)
      ${input.after === undefined ? sql`` : sql`and (s.stopped_at, s.id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by s.stopped_at desc, s.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

/** False where it was lifted before. */
export async function liftStop(
  trx: Trx,
  input: { id: string; by: string; reason: string; at: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update outflow_stops set lifted_at = ${input.at}, lifted_by = ${input.by}, lift_reason = ${input.reason}
    where id = ${input.id} and lifted_at is null
  `.execute(trx);
  return numAffectedRows === 1n;
}

export interface InFlightRow {
  purpose: string;
  source_id: string;
  wallet_id: string;
  nonce: bigint;
  state: string;
  hash: Buffer;
  count: bigint;
}

/** What was signed and has not ended, with how many there are in all. */
export async function inFlight(
  db: Db,
  input: { walletId: string | null; tokenId: string | null; limit: number },
): Promise<InFlightRow[]> {
  const { rows } = await sql<InFlightRow>`
    select o.purpose, o.source_id, o.wallet_id, o.nonce, o.state, o.hash, count(*) over () as count
    from chain_outbox o
    where o.state in ('gas_wait', 'signed', 'broadcast')
      and (${input.walletId}::uuid is null or o.wallet_id = ${input.walletId}::uuid)
      and (${input.tokenId}::uuid is null
           or exists (select from transfers t where t.id = o.source_id and t.token_id = ${input.tokenId}::uuid)
           or exists (select from token_operations p where p.id = o.source_id and p.token_id = ${input.tokenId}::uuid))
    order by o.created_at, o.id limit ${input.limit}
  `.execute(db);
  return rows;
}

/** By UUID, by address on the chain, or by the ID of its member. */
export async function findWallet(db: Db, name: string): Promise<{ id: string } | undefined> {
  const { rows } = await sql<{ id: string }>`
    select w.id from wallets w left join members m on m.id = w.member_id
    where w.id::text = lower(${name}) or w.address = lower(${name}) or m.member_id = ${name}
    order by w.id limit 2
  `.execute(db);
  return rows.length === 1 ? rows[0] : undefined;
}

export interface AlarmRow {
  id: string;
  kind: string;
  subject: string;
  detail: string;
  times: number;
  raised_at: Date;
  last_seen_at: Date;
  acknowledged_at: Date | null;
  acknowledge_reason: string | null;
  resolved_at: Date | null;
  resolve_reason: string | null;
}

const alarmColumns = sql`
  id, kind, subject, detail, times, raised_at, last_seen_at, acknowledged_at, acknowledge_reason, resolved_at, resolve_reason
`;

export async function alarms(
  db: Db,
  input: { isOpenOnly: boolean; after: Place | undefined; limit: number },
): Promise<AlarmRow[]> {
  const { rows } = await sql<AlarmRow>`
    select ${alarmColumns} from alarms
    where (not ${input.isOpenOnly} or resolved_at is null)
      ${input.after === undefined ? sql`` : sql`and (raised_at, id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by raised_at desc, id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function alarmById(db: Db, id: string): Promise<AlarmRow | undefined> {
  const { rows } = await sql<AlarmRow>`select ${alarmColumns} from alarms where id = ${id}`.execute(db);
  return rows[0];
}

/** Undefined where it is not open, or was acknowledged before. */
export async function acknowledgeAlarm(
  trx: Trx,
  input: { id: string; by: string; reason: string; at: Date },
): Promise<AlarmRow | undefined> {
  const { rows } = await sql<AlarmRow>`
    update alarms set acknowledged_at = ${input.at}, acknowledged_by = ${input.by}, acknowledge_reason = ${input.reason}
    where id = ${input.id} and resolved_at is null and acknowledged_at is null returning ${alarmColumns}
  `.execute(trx);
  return rows[0];
}

/** Undefined where it is not open. */
export async function resolveAlarm(
  trx: Trx,
  input: { id: string; by: string; reason: string; at: Date },
): Promise<AlarmRow | undefined> {
  const { rows } = await sql<AlarmRow>`
    update alarms set resolved_at = ${input.at}, resolved_by = ${input.by}, resolve_reason = ${input.reason}
    where id = ${input.id} and resolved_at is null returning ${alarmColumns}
  `.execute(trx);
  return rows[0];
}

/** Statements over the chain outbox (one row a signed transaction), and over how far the chain was followed. */
import type { TransactionOutcome } from '@jigeum/chain';
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import type { EndState, OutboxState } from '../transfer.ts';
import { bytes } from './rows.ts';

export type OutboxPurpose = 'transfer' | 'gas_grant' | 'token_operation' | 'anchor';

export interface NewOutboxRow {
  id: string;
  purpose: OutboxPurpose;
  sourceId: string;
  walletId: string;
  nonce: bigint;
  raw: Uint8Array;
  hash: Uint8Array;
  feeMax: bigint;
  waitsFor: string | null;
}

export async function insertOutbox(trx: Trx, rows: readonly NewOutboxRow[], now: Date): Promise<void> {
  const column = <K extends keyof NewOutboxRow>(name: K): NewOutboxRow[K][] => rows.map((row) => row[name]);
  await sql`/*prepare*/
    insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, waits_for, state,
                              next_attempt_at, created_at)
    select o.*, case when o.waits_for is null then 'signed' else 'gas_wait' end, ${now}::timestamptz, ${now}::timestamptz
    from unnest(${column('id')}::uuid[], ${column('purpose')}::text[], ${column('sourceId')}::uuid[],
                ${column('walletId')}::uuid[], ${column('nonce')}::bigint[], ${column('raw').map(bytes)}::bytea[],
                ${column('hash').map(bytes)}::bytea[], ${column('feeMax')}::numeric[], ${column('waitsFor')}::uuid[])
      as o (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, waits_for)
  `.execute(trx);
}

export async function hasAnchor(trx: Trx, anchorId: string): Promise<boolean> {
  const { rows } = await sql`
    select from chain_outbox where purpose = 'anchor' and source_id = ${anchorId}
  `.execute(trx);
  return rows.length > 0;
}

export interface DueRow {
  id: string;
  purpose: OutboxPurpose;
  wallet_id: string;
  wallet_kind: 'member' | 'treasury' | 'reserve';
  /** The sender. */
  address: string;
  nonce: bigint;
  /** What is sent: the row's own bytes, or those of its recorded cancel. */
  raw: Buffer;
  hash: Buffer;
  state: OutboxState;
  is_unknown: boolean;
  attempts: number;
  invalid_since: Date | null;
  is_cancel: boolean;
  /** Its gas is granted and not final yet. */
  is_gas_coming: boolean;
}

/**
 * Takes rows that are due, counts the attempt, and leaves them to the caller until `leaseUntil`. With `withWaiting` the
 * rows that wait for a grant among them come along: they are sent right behind it. In the order in which they are sent: grants
 * first, then by wallet and nonce.
 */
export async function claimDue(
  db: Db,
  input: { chainId: number; now: Date; leaseUntil: Date; limit: number; withWaiting: boolean },
): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`/*prepare*/
    with unhurried as (
      -- Losing this in a crash of PostgreSQL only sends the same bytes again: its commit waits for no disk.
      select set_config('synchronous_commit', 'off', true)
    ), due as (
      select d.id from chain_outbox d join wallets w on w.id = d.wallet_id
      where d.state in ('signed', 'broadcast') and d.next_attempt_at <= ${input.now} and w.chain_id = ${input.chainId}
      order by d.next_attempt_at, d.nonce limit ${input.limit} for update of d skip locked
    ), claimed as (
      update chain_outbox o set attempts = o.attempts + 1, next_attempt_at = ${input.leaseUntil}
      from due where o.id = due.id returning o.*
    ), waiting as (
      update chain_outbox o set state = 'signed', attempts = o.attempts + 1, next_attempt_at = ${input.leaseUntil}
      from claimed g
      where ${input.withWaiting} and g.purpose = 'gas_grant' and o.waits_for = g.id and o.state = 'gas_wait' returning o.*
    )
    select o.id, o.purpose, o.wallet_id, w.kind as wallet_kind, w.address, o.nonce, coalesce(c.raw, o.raw) as raw,
           coalesce(c.hash, o.hash) as hash, o.state, o.is_unknown, o.attempts, o.invalid_since,
           c.outbox_id is not null as is_cancel,
           coalesce(g.state in ('gas_wait', 'signed', 'broadcast'), false) as is_gas_coming
    from unhurried, (select * from claimed union all select * from waiting) o
    join wallets w on w.id = o.wallet_id
    left join chain_cancels c on c.outbox_id = o.id
    left join chain_outbox g on g.id = o.waits_for
    order by o.purpose = 'gas_grant' desc, o.wallet_id, o.nonce
  `.execute(db);
  return rows;
}

export interface Attempt {
  id: string;
  state: OutboxState;
  isUnknown: boolean;
  problem: string | null;
  nextAttemptAt: Date;
  /** Whether the node called the bytes invalid, took them, or said neither. */
  verdict: 'invalid' | 'taken' | 'neither';
}

/**
 * Records what the node said of many rows in one statement. Leaves a row alone that has ended meanwhile. The commit of it waits
 * for no disk: what a crash of PostgreSQL loses, the node says again.
 */
export async function recordAttempts(trx: Trx, attempts: readonly Attempt[], now: Date): Promise<void> {
  if (attempts.length === 0) return;
  const column = <K extends keyof Attempt>(name: K): Attempt[K][] => attempts.map((attempt) => attempt[name]);
  await sql`select set_config('synchronous_commit', 'off', true)`.execute(trx);
  await sql`/*prepare*/
    with locked as (
      select id from chain_outbox where id = any(${column('id')}::uuid[]) and state in ('signed', 'broadcast')
      order by id for update
    )
    update chain_outbox o
    set state = a.state, is_unknown = a.is_unknown, last_problem = a.problem, next_attempt_at = a.next_attempt_at,
        invalid_since = case a.verdict when 'invalid' then coalesce(o.invalid_since, ${now}) when 'taken' then null
                                       else o.invalid_since end
    from locked join unnest(${column('id')}::uuid[], ${column('state')}::text[], ${column('isUnknown')}::boolean[],
                            ${column('problem')}::text[], ${column('nextAttemptAt')}::timestamptz[],
                            ${column('verdict')}::text[])
                     as a (id, state, is_unknown, problem, next_attempt_at, verdict) using (id)
    where o.id = locked.id and o.state in ('signed', 'broadcast')
      -- Another process may have recorded a later word of the node: a row that is on its way never goes back.
      and (o.state, a.state) is distinct from ('broadcast', 'signed')
  `.execute(trx);
}

export async function makeDue(db: Db, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  // It may cut a lease short: then the same bytes are sent twice, which the chain takes as once.
  await sql`
    with locked as (
      select id from chain_outbox where id = any(${[...ids]}::uuid[]) and state in ('signed', 'broadcast')
        and next_attempt_at > ${at} order by id for update skip locked
    )
    update chain_outbox o set next_attempt_at = ${at} from locked where o.id = locked.id
  `.execute(db);
}

/** The node has these: whatever an earlier answer said, they wait for a block. */
export async function markKnown(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`/*prepare*/
    with locked as (
      select id from chain_outbox where id = any(${[...ids]}::uuid[]) and state in ('signed', 'broadcast')
      order by id for update skip locked
    )
    update chain_outbox o set state = 'broadcast', is_unknown = false, invalid_since = null
    from locked where o.id = locked.id
  `.execute(db);
}

export async function hasInFlight(db: Db, chainId: number): Promise<boolean> {
  const { rows } = await sql`/*prepare*/
    select from chain_outbox o join wallets w on w.id = o.wallet_id
    where o.state in ('signed', 'broadcast') and w.chain_id = ${chainId} limit 1
  `.execute(db);
  return rows.length > 0;
}

export interface InFlightRow {
  id: string;
  wallet_id: string;
  address: string;
  nonce: bigint;
  hash: Buffer;
  /** Of its recorded cancel. */
  cancel_hash: Buffer | null;
  state: OutboxState;
  is_unknown: boolean;
}

/** Rows that may be on the chain: those that were sent at least once, as far as anybody knows. */
export async function inFlight(db: Db, input: { chainId: number; limit: number }): Promise<InFlightRow[]> {
  const { rows } = await sql<InFlightRow>`/*prepare*/
    select o.id, o.wallet_id, w.address, o.nonce, o.hash, c.hash as cancel_hash, o.state, o.is_unknown
    from chain_outbox o join wallets w on w.id = o.wallet_id left join chain_cancels c on c.outbox_id = o.id
    where o.state in ('signed', 'broadcast') and o.attempts > 0 and w.chain_id = ${input.chainId}
    order by o.created_at limit ${input.limit}
  `.execute(db);
  return rows;
}

export interface OutboxRow {
  id: string;
  purpose: OutboxPurpose;
  source_id: string;
  wallet_id: string;
  hash: Buffer;
  fee_max: bigint;
  state: OutboxState;
  is_unknown: boolean;
}

/** Without those that have ended, and those whose end another process is posting. */
export async function lockOutbox(trx: Trx, ids: readonly string[]): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`/*prepare*/
    select id, purpose, source_id, wallet_id, hash, fee_max, state, is_unknown from chain_outbox
    where id = any(${[...ids]}::uuid[]) and state in ('signed', 'broadcast') order by id for update skip locked
  `.execute(trx);
  return rows;
}

/** An end, and the block that proves it: null where another transaction of the nonce is final whose block nobody looked for. */
export interface OutboxEnd {
  id: string;
  state: EndState;
  block: Extract<TransactionOutcome, { kind: 'final' }> | null;
}

export async function endOutbox(trx: Trx, ends: readonly OutboxEnd[], at: Date): Promise<void> {
  await sql`/*prepare*/
    update chain_outbox o
    set state = e.state, is_unknown = false, block_number = e.block_number, block_hash = e.block_hash,
        error_code = e.error_code, fee = e.fee, final_at = ${at}
    from unnest(${ends.map((end) => end.id)}::uuid[], ${ends.map((end) => end.state)}::text[],
                ${ends.map((end) => end.block?.blockNumber ?? null)}::bigint[],
                ${ends.map((end) => end.block?.blockHash ?? null)}::text[],
                ${ends.map((end) => end.block?.errorCode ?? null)}::int[],
                ${ends.map((end) => end.block?.fee ?? null)}::numeric[])
         as e (id, state, block_number, block_hash, error_code, fee)
    where o.id = e.id
  `.execute(trx);
}

/** Lets the rows go that waited for grants, and those that the node would not take before. True where there were any. */
export async function release(trx: Trx, grantOutboxIds: readonly string[], at: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`/*prepare*/
    update chain_outbox set state = case state when 'gas_wait' then 'signed' else state end,
                            next_attempt_at = least(next_attempt_at, ${at})
    where waits_for = any(${[...grantOutboxIds]}::uuid[])
      and (state = 'gas_wait' or state = 'signed' and next_attempt_at > ${at})
  `.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

export async function saveProgress(db: Db, input: { chainId: number; block: number; at: Date }): Promise<void> {
  await sql`
    insert into chain_progress as p (chain_id, posted_block, updated_at)
    values (${input.chainId}, ${input.block}, ${input.at})
    on conflict (chain_id) do update set posted_block = excluded.posted_block, updated_at = excluded.updated_at
      where p.posted_block < excluded.posted_block
  `.execute(db);
}

/** Statements over the chain outbox (one row a signed transaction), and over how far the chain was followed. */
import type { TransactionOutcome } from '@jigeum/chain';
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import type { OutboxState } from '../transfer.ts';
import { bytes, one } from './rows.ts';

export type OutboxPurpose = 'transfer' | 'gas_grant' | 'token_operation';

export async function insertOutbox(
  trx: Trx,
  row: {
    id: string;
    purpose: OutboxPurpose;
    sourceId: string;
    walletId: string;
    nonce: bigint;
    raw: Uint8Array;
    hash: Uint8Array;
    feeMax: bigint;
    waitsFor: string | null;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, state, waits_for,
                              next_attempt_at, created_at)
    values (${row.id}, ${row.purpose}, ${row.sourceId}, ${row.walletId}, ${row.nonce}, ${bytes(row.raw)},
            ${bytes(row.hash)}, ${row.feeMax}, ${row.waitsFor === null ? 'signed' : 'gas_wait'}, ${row.waitsFor},
            ${row.now}, ${row.now})
  `.execute(trx);
}

export interface DueRow {
  id: string;
  wallet_id: string;
  nonce: bigint;
  raw: Buffer;
  hash: Buffer;
  state: OutboxState;
  is_unknown: boolean;
  attempts: number;
}

/** Takes rows that are due, in the order of wallet and nonce, counts the attempt, and leaves them to the caller until `leaseUntil`. */
export async function claimDue(
  db: Db,
  input: { chainId: number; now: Date; leaseUntil: Date; limit: number },
): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    update chain_outbox o set attempts = o.attempts + 1, next_attempt_at = ${input.leaseUntil}
    from (
      select d.id from chain_outbox d join wallets w on w.id = d.wallet_id
      where d.state in ('signed', 'broadcast') and d.next_attempt_at <= ${input.now} and w.chain_id = ${input.chainId}
      order by d.wallet_id, d.nonce limit ${input.limit} for update of d skip locked
    ) due
    where o.id = due.id
    returning o.id, o.wallet_id, o.nonce, o.raw, o.hash, o.state, o.is_unknown, o.attempts
  `.execute(db);
  return rows;
}

/** Leaves a row alone that has ended meanwhile. */
export async function recordAttempt(
  db: Db,
  input: { id: string; state: OutboxState; isUnknown: boolean; problem: string | null; nextAttemptAt: Date },
): Promise<void> {
  await sql`
    update chain_outbox
    set state = ${input.state}, is_unknown = ${input.isUnknown}, last_problem = ${input.problem},
        next_attempt_at = ${input.nextAttemptAt}
    where id = ${input.id} and state in ('signed', 'broadcast')
  `.execute(db);
}

/** For rows that were claimed and not sent: the attempt did not happen. */
export async function giveBack(db: Db, input: { ids: readonly string[]; at: Date }): Promise<void> {
  if (input.ids.length === 0) return;
  await sql`
    update chain_outbox set next_attempt_at = ${input.at}, attempts = attempts - 1
    where id = any(${[...input.ids]}::uuid[]) and state in ('signed', 'broadcast')
  `.execute(db);
}

export async function makeDue(db: Db, input: { id: string; at: Date }): Promise<void> {
  // It may cut a lease short: then the same bytes are sent twice, which the chain takes as once.
  await sql`
    update chain_outbox set next_attempt_at = least(next_attempt_at, ${input.at}::timestamptz)
    where id = ${input.id} and state = 'broadcast'
  `.execute(db);
}

export async function markKnown(db: Db, input: { id: string; state: OutboxState }): Promise<void> {
  await sql`
    update chain_outbox set state = ${input.state}, is_unknown = false
    where id = ${input.id} and state in ('signed', 'broadcast')
  `.execute(db);
}

export async function hasInFlight(db: Db, chainId: number): Promise<boolean> {
  const { rows } = await sql`
    select from chain_outbox o join wallets w on w.id = o.wallet_id
    where o.state in ('signed', 'broadcast') and w.chain_id = ${chainId} limit 1
  `.execute(db);
  return rows.length > 0;
}

export interface InFlightRow {
  id: string;
  wallet_id: string;
  nonce: bigint;
  hash: Buffer;
  state: OutboxState;
  is_unknown: boolean;
}

/** Rows that may be on the chain: those that were sent at least once, as far as anybody knows. */
export async function inFlight(
  db: Db,
  input: { chainId: number; after: { walletId: string; nonce: bigint } | null; limit: number },
): Promise<InFlightRow[]> {
  const after = input.after ?? { walletId: '00000000-0000-0000-0000-000000000000', nonce: -1n };
  const { rows } = await sql<InFlightRow>`
    select o.id, o.wallet_id, o.nonce, o.hash, o.state, o.is_unknown
    from chain_outbox o join wallets w on w.id = o.wallet_id
    where o.state in ('signed', 'broadcast') and o.attempts > 0 and w.chain_id = ${input.chainId}
      and (o.wallet_id, o.nonce) > (${after.walletId}::uuid, ${after.nonce}::bigint)
    order by o.wallet_id, o.nonce limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function inFlightCount(trx: Trx, walletId: string): Promise<bigint> {
  const row = await one(
    sql<{ count: bigint }>`
      select count(*) as count from chain_outbox
      where wallet_id = ${walletId} and state in ('gas_wait', 'signed', 'broadcast')
    `.execute(trx),
    'a count',
  );
  return row.count;
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

/** Undefined where it has ended, or where another process is posting its end. */
export async function lockOutbox(trx: Trx, id: string): Promise<OutboxRow | undefined> {
  const { rows } = await sql<OutboxRow>`
    select id, purpose, source_id, wallet_id, hash, fee_max, state, is_unknown from chain_outbox
    where id = ${id} and state in ('signed', 'broadcast') for update skip locked
  `.execute(trx);
  return rows[0];
}

export async function endOutbox(
  trx: Trx,
  input: {
    id: string;
    state: 'final' | 'reverted';
    outcome: Extract<TransactionOutcome, { kind: 'final' }>;
    at: Date;
  },
): Promise<void> {
  const { outcome } = input;
  await sql`
    update chain_outbox
    set state = ${input.state}, is_unknown = false, block_number = ${outcome.blockNumber}, block_hash = ${outcome.blockHash},
        error_code = ${outcome.errorCode}, fee = ${outcome.fee}, final_at = ${input.at}
    where id = ${input.id}
  `.execute(trx);
}

/** Lets the rows go that waited for a grant's row. */
export async function release(trx: Trx, input: { waitsFor: string; at: Date }): Promise<void> {
  await sql`
    update chain_outbox set state = 'signed', next_attempt_at = ${input.at}
    where waits_for = ${input.waitsFor} and state = 'gas_wait'
  `.execute(trx);
}

export async function saveProgress(db: Db, input: { chainId: number; block: number; at: Date }): Promise<void> {
  await sql`
    insert into chain_progress as p (chain_id, posted_block, updated_at)
    values (${input.chainId}, ${input.block}, ${input.at})
    on conflict (chain_id) do update set posted_block = excluded.posted_block, updated_at = excluded.updated_at
      where p.posted_block < excluded.posted_block
  `.execute(db);
}

/** Statements over how far the comparison has come; who holds its lease compares. */
import { sql } from 'kysely';
import type { Db } from '#platform';

export interface Progress {
  checked_block: bigint;
  seen_trx: string;
  sweep_after: string | null;
  sweep_started_at: Date;
  sweep_ended_at: Date | null;
}

/** Takes the lease, or undefined where another process has it. The first call for a chain makes its row. */
export async function takeLease(
  db: Db,
  input: { chainId: number; block: number; now: Date; until: Date },
): Promise<Progress | undefined> {
  await sql`
    insert into reconcile_progress (chain_id, checked_block, seen_trx, sweep_started_at, leased_until)
    values (${input.chainId}, ${input.block}, pg_snapshot_xmin(pg_current_snapshot())::text, ${input.now}, ${input.now})
    on conflict do nothing
  `.execute(db);
  const { rows } = await sql<Progress>`
    update reconcile_progress set leased_until = ${input.until}
    where chain_id = ${input.chainId} and leased_until <= ${input.now}
    returning checked_block, seen_trx, sweep_after, sweep_started_at, sweep_ended_at
  `.execute(db);
  return rows[0];
}

export async function saveProgress(
  db: Db,
  input: {
    chainId: number;
    block: number;
    seenTrx: string;
    sweepAfter: string | null;
    sweepStartedAt: Date;
    sweepEndedAt: Date | null;
    now: Date;
  },
): Promise<void> {
  await sql`
    update reconcile_progress
    set checked_block = ${input.block}, seen_trx = ${input.seenTrx}, sweep_after = ${input.sweepAfter},
        sweep_started_at = ${input.sweepStartedAt}, sweep_ended_at = ${input.sweepEndedAt}, leased_until = ${input.now}
    where chain_id = ${input.chainId}
  `.execute(db);
}

export async function giveLeaseBack(db: Db, input: { chainId: number; now: Date }): Promise<void> {
  await sql`update reconcile_progress set leased_until = ${input.now} where chain_id = ${input.chainId}`.execute(db);
}

export async function progressOf(db: Db, chainId: number): Promise<Progress | undefined> {
  const { rows } = await sql<Progress>`
    select checked_block, seen_trx, sweep_after, sweep_started_at, sweep_ended_at
    from reconcile_progress where chain_id = ${chainId}
  `.execute(db);
  return rows[0];
}

/** A table of more balances than this is not read through each time: then the sweep finds what no block tells of. */
const BALANCES_READ_MAX = 300_000;

/**
 * Wallets whose balances were changed, by whomever, since the moment that `seenTrx` names; and the moment of this answer.
 * Each row names the transaction that wrote it, so nobody has to say that he changed it.
 */
export async function walletsChangedSince(
  db: Db,
  input: { seenTrx: string; limit: number },
): Promise<{ walletIds: string[]; seenTrx: string }> {
  const { rows: moments } = await sql<{ trx: string; is_small: boolean; is_known: boolean }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as trx,
           (select reltuples <= ${BALANCES_READ_MAX} from pg_class where oid = 'balances'::regclass) as is_small,
           pg_snapshot_xmin(pg_current_snapshot()) >= ${input.seenTrx}::xid8 as is_known
  `.execute(db);
  const moment = moments[0]!;
  // A transaction of another cluster (a restored dump) means nothing here: the sweep begins anew.
  if (!moment.is_small || !moment.is_known) return { walletIds: [], seenTrx: moment.trx };
  const { rows } = await sql<{ wallet_id: string }>`
    select distinct wallet_id from balances where age(xmin) <= age(${input.seenTrx}::xid8::xid) limit ${input.limit}
  `.execute(db);
  return { walletIds: rows.map((row) => row.wallet_id), seenTrx: moment.trx };
}

/** Statements over gas grants, and over what was granted on a day. */
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import type { EndState } from '../transfer.ts';

/** What was granted on a day, by wallet; the treasury's own row holds the sum of all. True under the treasury's lock. */
export async function grantedOn(
  db: Db,
  input: { onDay: string; walletIds: readonly string[] },
): Promise<Map<string, bigint>> {
  const { rows } = await sql<{ wallet_id: string; granted: bigint }>`/*prepare*/
    select wallet_id, granted from gas_grant_days
    where wallet_id = any(${[...input.walletIds]}::uuid[]) and on_day = ${input.onDay}
  `.execute(db);
  return new Map(rows.map((row) => [row.wallet_id, row.granted]));
}

/** Reserves budgets, each wallet once. The caller holds the treasury's lock and has compared them with their limits. */
export async function addToDay(
  trx: Trx,
  input: { onDay: string; sums: readonly { walletId: string; amount: bigint; count: number }[] },
): Promise<void> {
  const { sums } = input;
  await sql`/*prepare*/
    insert into gas_grant_days as d (wallet_id, on_day, granted, grants)
    select s.wallet_id, ${input.onDay}::date, s.granted, s.grants
    from unnest(${sums.map(({ walletId }) => walletId)}::uuid[], ${sums.map(({ amount }) => amount)}::numeric[],
                ${sums.map(({ count }) => count)}::int[]) as s (wallet_id, granted, grants)
    on conflict (wallet_id, on_day) do update
      set granted = d.granted + excluded.granted, grants = d.grants + excluded.grants
  `.execute(trx);
}

export async function insertGrants(
  trx: Trx,
  grants: readonly {
    id: string;
    walletId: string;
    reason: 'prefund' | 'refill' | 'shortfall';
    forSource: string | null;
    amount: bigint;
  }[],
  now: Date,
): Promise<void> {
  await sql`/*prepare*/
    insert into gas_grants (id, wallet_id, reason, for_source, amount, state, requested_at)
    select g.*, 'accepted', ${now}::timestamptz
    from unnest(${grants.map(({ id }) => id)}::uuid[], ${grants.map(({ walletId }) => walletId)}::uuid[],
                ${grants.map(({ reason }) => reason)}::text[], ${grants.map(({ forSource }) => forSource)}::uuid[],
                ${grants.map(({ amount }) => amount)}::numeric[]) as g
  `.execute(trx);
}

/** Which of these wallets have an open grant that is promised to no payment, and which have had their first. */
export async function grantsOf(
  trx: Trx,
  walletIds: readonly string[],
): Promise<{ open: ReadonlySet<string>; prefunded: ReadonlySet<string> }> {
  const { rows } = await sql<{ wallet_id: string; is_open: boolean; is_prefund: boolean }>`/*prepare*/
    select wallet_id, state = 'accepted' as is_open, reason = 'prefund' as is_prefund from gas_grants
    where wallet_id = any(${[...walletIds]}::uuid[]) and (state = 'accepted' and reason <> 'shortfall' or reason = 'prefund')
  `.execute(trx);
  return {
    open: new Set(rows.filter((row) => row.is_open).map((row) => row.wallet_id)),
    prefunded: new Set(rows.filter((row) => row.is_prefund).map((row) => row.wallet_id)),
  };
}

/** The days before `onDay`, back to and with `sinceDay`: what the treasury granted in all, and how often. */
export async function grantedSince(
  db: Db,
  input: { treasuryId: string; sinceDay: string; onDay: string },
): Promise<{ granted: bigint; grants: bigint }> {
  const { rows } = await sql<{ granted: bigint; grants: bigint }>`
    select coalesce(sum(granted), 0) as granted, coalesce(sum(grants), 0) as grants from gas_grant_days
    where wallet_id = ${input.treasuryId} and on_day >= ${input.sinceDay} and on_day < ${input.onDay}
  `.execute(db);
  return rows[0] ?? { granted: 0n, grants: 0n };
}

/** Members to whom more than `above` was granted on a day, and how many there are at most. */
export async function membersGrantedAbove(
  db: Db,
  input: { onDay: string; above: bigint; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ wallet_id: string }>`
    select d.wallet_id from gas_grant_days d join wallets w on w.id = d.wallet_id
    where d.on_day = ${input.onDay} and d.granted > ${input.above} and w.kind = 'member' order by d.wallet_id limit ${input.limit}
  `.execute(db);
  return rows.map((row) => row.wallet_id);
}

export interface EndedGrant {
  id: string;
  wallet_id: string;
  reason: 'prefund' | 'refill' | 'shortfall';
  amount: bigint;
  state: EndState;
}

/** Throws where one of them is not open. */
export async function endGrants(
  trx: Trx,
  ends: readonly { id: string; state: EndState }[],
  at: Date,
): Promise<EndedGrant[]> {
  const { rows } = await sql<EndedGrant>`/*prepare*/
    update gas_grants g set state = e.state, final_at = ${at}
    from unnest(${ends.map((end) => end.id)}::uuid[], ${ends.map((end) => end.state)}::text[]) as e (id, state)
    where g.id = e.id and g.state = 'accepted' returning g.id, g.wallet_id, g.reason, g.amount, g.state
  `.execute(trx);
  assert(rows.length === ends.length, `each of ${ends.length} gas grants is open: ${rows.length} are`);
  return rows;
}

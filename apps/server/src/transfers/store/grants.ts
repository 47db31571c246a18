/** Statements over gas grants, and over what was granted on a day. */
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import type { Trx } from '#platform';
import type { EndState } from '../transfer.ts';

/**
 * Adds to what wallets (each named once) were granted on a day, and says what they have now been granted. The rows stay locked
 * until the transaction ends: whoever finds that it is too much rolls back.
 */
export async function addToBudgets(
  trx: Trx,
  budgets: readonly { walletId: string; amount: bigint }[],
  onDay: string,
): Promise<Map<string, bigint>> {
  const { rows } = await sql<{ wallet_id: string; granted: bigint }>`/*prepare*/
    insert into gas_grant_days as d (wallet_id, on_day, granted)
    select b.wallet_id, ${onDay}::date, b.amount
    from unnest(${budgets.map(({ walletId }) => walletId)}::uuid[],
                ${budgets.map(({ amount }) => amount)}::numeric[]) as b (wallet_id, amount)
    order by b.wallet_id
    on conflict (wallet_id, on_day) do update set granted = d.granted + excluded.granted
    returning d.wallet_id, d.granted
  `.execute(trx);
  return new Map(rows.map((row) => [row.wallet_id, row.granted]));
}

export interface GrantRow {
  id: string;
  walletId: string;
  reason: 'prefund' | 'refill' | 'shortfall';
  forSource: string | null;
  amount: bigint;
}

export async function insertGrants(trx: Trx, grants: readonly GrantRow[], now: Date): Promise<void> {
  const column = <K extends keyof GrantRow>(name: K): GrantRow[K][] => grants.map((grant) => grant[name]);
  await sql`/*prepare*/
    insert into gas_grants (id, wallet_id, reason, for_source, amount, state, requested_at)
    select g.*, 'accepted', ${now}::timestamptz
    from unnest(${column('id')}::uuid[], ${column('walletId')}::uuid[], ${column('reason')}::text[],
                ${column('forSource')}::uuid[], ${column('amount')}::numeric[])
      as g (id, wallet_id, reason, for_source, amount)
  `.execute(trx);
}

export async function hasOpenGrant(trx: Trx, walletId: string): Promise<boolean> {
  const { rows } = await sql`
    select from gas_grants where wallet_id = ${walletId} and state = 'accepted' and reason <> 'shortfall'
  `.execute(trx);
  return rows.length > 0;
}

export async function hasPrefund(trx: Trx, walletId: string): Promise<boolean> {
  const { rows } = await sql`select from gas_grants where wallet_id = ${walletId} and reason = 'prefund'`.execute(trx);
  return rows.length > 0;
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
  const { rows } = await sql<EndedGrant>`
    update gas_grants g set state = e.state, final_at = ${at}
    from unnest(${ends.map((end) => end.id)}::uuid[], ${ends.map((end) => end.state)}::text[]) as e (id, state)
    where g.id = e.id and g.state = 'accepted' returning g.id, g.wallet_id, g.reason, g.amount, g.state
  `.execute(trx);
  assert(rows.length === ends.length, `each of ${ends.length} gas grants is open: ${rows.length} are`);
  return rows;
}

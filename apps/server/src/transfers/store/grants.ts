/** Statements over gas grants, and over what was granted on a day. */
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import type { Trx } from '#platform';
import type { EndState } from '../transfer.ts';

/** Takes `amount` from a wallet's budget of a day. False, and nothing taken, where less is left. */
export async function reserveBudget(
  trx: Trx,
  input: { walletId: string; onDay: string; amount: bigint; max: bigint },
): Promise<boolean> {
  if (input.amount > input.max) return false;
  const { rows } = await sql`
    insert into gas_grant_days as d (wallet_id, on_day, granted)
    values (${input.walletId}, ${input.onDay}, ${input.amount})
    on conflict (wallet_id, on_day) do update set granted = d.granted + excluded.granted
      where d.granted + excluded.granted <= ${input.max}
    returning d.wallet_id
  `.execute(trx);
  return rows.length === 1;
}

export async function insertGrant(
  trx: Trx,
  grant: {
    id: string;
    walletId: string;
    reason: 'prefund' | 'refill' | 'shortfall';
    forSource: string | null;
    amount: bigint;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into gas_grants (id, wallet_id, reason, for_source, amount, state, requested_at)
    values (${grant.id}, ${grant.walletId}, ${grant.reason}, ${grant.forSource}, ${grant.amount}, 'accepted', ${grant.now})
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

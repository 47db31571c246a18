/** What an operator is shown of transfers. Reads only. */
import { sql } from 'kysely';
import type { Db } from '#platform';
import type { OutboxState, SourceState } from '../transfer.ts';

export interface OperatorTransferRow {
  id: string;
  kind: 'payment' | 'charge';
  state: SourceState;
  amount: bigint;
  symbol: string;
  decimals: number;
  payer_wallet_id: string;
  payer_member_id: string | null;
  payee_wallet_id: string;
  payee_member_id: string | null;
  requested_at: Date;
  final_at: Date | null;
  is_recovered: boolean;
  hash: Buffer | null;
  nonce: bigint | null;
  outbox_state: OutboxState | null;
  attempts: number | null;
  is_unknown: boolean | null;
  last_problem: string | null;
  next_attempt_at: Date | null;
  block_number: bigint | null;
  /** Of the grant that it waits for. */
  gas_state: string | null;
  /** The first nonce of the payer that has not ended, where that is another transaction. */
  earlier_nonce: bigint | null;
  is_quarantined: boolean;
}

export async function transferForOperator(db: Db, transferId: string): Promise<OperatorTransferRow | undefined> {
  const { rows } = await sql<OperatorTransferRow>`
    select t.id, t.kind, t.state, t.amount, k.symbol, k.decimals, t.payer_wallet_id, pm.member_id as payer_member_id,
           t.payee_wallet_id, rm.member_id as payee_member_id, t.requested_at, t.final_at, t.is_recovered,
           o.hash, o.nonce, o.state as outbox_state, o.attempts, o.is_unknown, o.last_problem, o.next_attempt_at,
           o.block_number, g.state as gas_state,
           (select min(e.nonce) from chain_outbox e where e.wallet_id = o.wallet_id and e.nonce < o.nonce
              and e.state in ('gas_wait', 'signed', 'broadcast')) as earlier_nonce,
           exists (select from outflow_stops s where s.cause = 'quarantine' and s.lifted_at is null) as is_quarantined
    from transfers t
    join tokens k on k.id = t.token_id
    join wallets pw on pw.id = t.payer_wallet_id left join members pm on pm.id = pw.member_id
    join wallets rw on rw.id = t.payee_wallet_id left join members rm on rm.id = rw.member_id
    left join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id
    left join chain_outbox g on g.id = o.waits_for
    where t.id = ${transferId}
  `.execute(db);
  return rows[0];
}

export async function waitingTransfers(
  db: Db,
  input: { before: Date; limit: number },
): Promise<{ id: string; requested_at: Date; outbox_state: string | null; count: bigint }[]> {
  const { rows } = await sql<{ id: string; requested_at: Date; outbox_state: string | null; count: bigint }>`
    select t.id, t.requested_at, o.state as outbox_state, count(*) over () as count
    from transfers t left join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id
    where t.state = 'accepted' and t.requested_at < ${input.before}
    order by t.requested_at, t.id limit ${input.limit}
  `.execute(db);
  return rows;
}

/** What decides whether a payment can be accepted: its payee, and what its payer has and has under way. */
import { sql } from 'kysely';
import type { Trx } from '#platform';

export interface PaymentQuestion {
  transferId: string;
  payeeId: string;
  payerMemberId: string;
  /** Undefined where the payer has none: then nothing is found of it. */
  payerWalletId: string | undefined;
  /** Undefined where there is no such token. */
  tokenId: string | undefined;
}

export interface PaymentFacts {
  /** A transfer has this id already. */
  is_taken: boolean;
  /** Null where the payer knows no such payee; a member has all of these. */
  payee_member_id: string | null;
  payee_login: string | null;
  payee_name: string | null;
  payee_verified_at: Date | null;
  payee_wallet_id: string | null;
  payee_wallet_state: 'preparing' | 'ready' | null;
  payee_address: string | null;
  /** Of the payer's signed transactions. */
  in_flight: bigint;
  available: bigint;
}

/**
 * One row for each question, in their order. Under the lock of the payer's wallet, and read after it was taken, nothing that
 * counts against the payer changes before the commit: all that holds or signs takes that lock.
 */
export async function paymentFacts(
  trx: Trx,
  questions: readonly PaymentQuestion[],
  chainId: number,
): Promise<PaymentFacts[]> {
  const { rows } = await sql<PaymentFacts>`/*prepare*/
    select exists (select from transfers t where t.id = q.transfer_id) as is_taken,
           p.payee_member_id, m.member_id as payee_login, m.name_masked as payee_name, m.verified_at as payee_verified_at,
           w.id as payee_wallet_id, w.state as payee_wallet_state, w.address as payee_address,
           (select count(*) from chain_outbox o
            where o.wallet_id = q.payer_wallet_id and o.state in ('gas_wait', 'signed', 'broadcast')) as in_flight,
           coalesce((select b.available from balances b
                     where b.wallet_id = q.payer_wallet_id and b.token_id = q.token_id), 0) as available
    from unnest(${questions.map(({ transferId }) => transferId)}::uuid[],
                ${questions.map(({ payeeId }) => payeeId)}::uuid[],
                ${questions.map(({ payerMemberId }) => payerMemberId)}::uuid[],
                ${questions.map(({ payerWalletId }) => payerWalletId ?? null)}::uuid[],
                ${questions.map(({ tokenId }) => tokenId ?? null)}::uuid[])
      with ordinality as q (transfer_id, payee_id, payer_member_id, payer_wallet_id, token_id, n)
    left join payees p on p.id = q.payee_id and p.payer_member_id = q.payer_member_id
    left join members m on m.id = p.payee_member_id
    left join wallets w on w.member_id = m.id and w.chain_id = ${chainId}::int
    order by q.n
  `.execute(trx);
  return rows;
}

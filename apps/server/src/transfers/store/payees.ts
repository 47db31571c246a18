/** Statements over payees, and over the wallets of a payment's two sides. */
import { sql } from 'kysely';
import type { Db, Place, Trx } from '#platform';
import { one } from './rows.ts';

export interface PayeeRow {
  id: string;
  payee_member_id: string;
  member_id: string;
  name_masked: string;
  verified_at: Date;
  last_paid_at: Date | null;
}

/** Makes (or finds) the row that names this payee for this payer. */
export async function savePayee(
  db: Db,
  input: { id: string; payerMemberId: string; payeeMemberId: string; at: Date },
): Promise<PayeeRow> {
  return await one(
    sql<PayeeRow>`
      with saved as (
        insert into payees (id, payer_member_id, payee_member_id, created_at)
        values (${input.id}, ${input.payerMemberId}, ${input.payeeMemberId}, ${input.at})
        on conflict (payer_member_id, payee_member_id) do update set created_at = payees.created_at
        returning id, payee_member_id, last_paid_at
      )
      select s.id, s.payee_member_id, m.member_id, m.name_masked, m.verified_at, s.last_paid_at
      from saved s join members m on m.id = s.payee_member_id
    `.execute(db),
    'a payee',
  );
}

export async function payeesOf(
  db: Db,
  input: { memberId: string; after: Place | undefined; limit: number },
): Promise<PayeeRow[]> {
  const { rows } = await sql<PayeeRow>`
    select p.id, p.payee_member_id, m.member_id, m.name_masked, m.verified_at, p.last_paid_at
    from payees p join members m on m.id = p.payee_member_id
    where p.payer_member_id = ${input.memberId} and p.last_paid_at is not null
      ${input.after === undefined ? sql`` : sql`and (p.last_paid_at, p.id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by p.last_paid_at desc, p.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

/** The payees of these payments were paid. A pair of people may come several times. */
export async function markPaid(
  trx: Trx,
  payments: readonly { payer_member_id: string | null; payee_member_id: string | null }[],
  at: Date,
): Promise<void> {
  if (payments.length === 0) return;
  await sql`/*prepare*/
    with paid as (
      select id from payees where (payer_member_id, payee_member_id) in (
        select * from unnest(${payments.map((each) => each.payer_member_id)}::uuid[],
                             ${payments.map((each) => each.payee_member_id)}::uuid[]))
      order by id for no key update
    )
    update payees p set last_paid_at = greatest(p.last_paid_at, ${at}::timestamptz) from paid where p.id = paid.id
  `.execute(trx);
}

export async function walletAddress(
  trx: Trx,
  walletId: string,
): Promise<{ address: string | null; member_id: string | null }> {
  return await one(
    sql<{ address: string | null; member_id: string | null }>`
      select address, member_id from wallets where id = ${walletId}
    `.execute(trx),
    `a wallet ${walletId}`,
  );
}

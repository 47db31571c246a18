/** Every statement over `charges` and `bank_notices`. */
import { sql } from 'kysely';
import type { Db, Place, Trx } from '#platform';
import type { ChargeState } from './charge.ts';

export interface ChargeRow {
  id: string;
  member_id: string;
  wallet_id: string;
  token_id: string;
  amount_won: bigint;
  amount: bigint;
  deposit_code: string;
  state: ChargeState;
  requested_at: Date;
  expires_at: Date;
  done_at: Date | null;
  symbol: string;
  token_name: string;
  decimals: number;
  won_per_token: bigint | null;
  token_state: string;
}

const chargeColumns = sql`
  c.id, c.member_id, c.wallet_id, c.token_id, c.amount_won, c.amount, c.deposit_code, c.state, c.requested_at, c.expires_at,
  c.done_at, k.symbol, k.name as token_name, k.decimals, k.won_per_token, k.state as token_state
`;

/** False where another waiting charge has this code. */
export async function insertCharge(
  trx: Trx,
  charge: {
    id: string;
    memberId: string;
    walletId: string;
    tokenId: string;
    amountWon: bigint;
    amount: bigint;
    depositCode: string;
    requestedAt: Date;
    expiresAt: Date;
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at, expires_at)
    values (${charge.id}, ${charge.memberId}, ${charge.walletId}, ${charge.tokenId}, ${charge.amountWon}, ${charge.amount},
            ${charge.depositCode}, 'waiting', ${charge.requestedAt}, ${charge.expiresAt})
    on conflict (deposit_code) where state = 'waiting' do nothing
    returning id
  `.execute(trx);
  return rows.length === 1;
}

export async function walletOf(trx: Trx, memberId: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`select id from wallets where member_id = ${memberId}`.execute(trx);
  return rows[0]?.id;
}

export async function waitingCount(trx: Trx, memberId: string): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from charges where member_id = ${memberId} and state = 'waiting'
  `.execute(trx);
  return rows[0]?.count ?? 0n;
}

export async function chargeOf(db: Db, input: { chargeId: string; memberId: string }): Promise<ChargeRow | undefined> {
  const { rows } = await sql<ChargeRow>`
    select ${chargeColumns} from charges c join tokens k on k.id = c.token_id
    where c.id = ${input.chargeId} and c.member_id = ${input.memberId}
  `.execute(db);
  return rows[0];
}

export async function chargesOf(
  db: Db,
  input: { memberId: string; after: Place | undefined; limit: number },
): Promise<ChargeRow[]> {
  const { rows } = await sql<ChargeRow>`
    select ${chargeColumns} from charges c join tokens k on k.id = c.token_id
    where c.member_id = ${input.memberId}
      ${input.after === undefined ? sql`` : sql`and (c.requested_at, c.id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by c.requested_at desc, c.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

/** False where it is not waiting any more. */
export async function cancel(trx: Trx, input: { chargeId: string; memberId: string }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update charges set state = 'cancelled'
    where id = ${input.chargeId} and member_id = ${input.memberId} and state = 'waiting'
  `.execute(trx);
  return numAffectedRows === 1n;
}

export async function expire(
  trx: Trx,
  input: { now: Date; limit: number },
): Promise<{ id: string; member_id: string }[]> {
  const { rows } = await sql<{ id: string; member_id: string }>`
    update charges set state = 'expired'
    where id in (select id from charges where state = 'waiting' and expires_at <= ${input.now}
                 order by expires_at limit ${input.limit} for update skip locked)
    returning id, member_id
  `.execute(trx);
  return rows;
}

/** False where this bank has told of this deposit before. */
export async function insertNotice(
  trx: Trx,
  notice: {
    id: string;
    provider: string;
    bankRef: string;
    accountNumber: string;
    depositorName: string;
    amountWon: bigint;
    depositedAt: Date;
    receivedAt: Date;
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into bank_notices (id, provider, bank_ref, account_number, depositor_name, amount_won, deposited_at, received_at)
    values (${notice.id}, ${notice.provider}, ${notice.bankRef}, ${notice.accountNumber}, ${notice.depositorName},
            ${notice.amountWon}, ${notice.depositedAt}, ${notice.receivedAt})
    on conflict (provider, bank_ref) do nothing
    returning id
  `.execute(trx);
  return rows.length === 1;
}

export async function hasNotice(
  db: Db,
  input: { provider: string; bankRef: string },
): Promise<{ amount_won: bigint } | undefined> {
  const { rows } = await sql<{ amount_won: bigint }>`
    select amount_won from bank_notices where provider = ${input.provider} and bank_ref = ${input.bankRef}
  `.execute(db);
  return rows[0];
}

export interface MatchingCharge {
  id: string;
  member_id: string;
  wallet_id: string;
  token_id: string;
  amount: bigint;
  state: 'waiting' | 'expired';
}

/**
 * Charges of these codes and exactly this amount that a deposit may pay, locked: those that wait, and those that have
 * expired meanwhile although the deposit was made while they waited (a bank may tell late). The bank's clock may be ten
 * minutes behind ours.
 */
export async function matchingCharges(
  trx: Trx,
  input: { codes: readonly string[]; amountWon: bigint; depositedAt: Date; now: Date },
): Promise<MatchingCharge[]> {
  if (input.codes.length === 0) return [];
  const { rows } = await sql<MatchingCharge>`
    select id, member_id, wallet_id, token_id, amount, state from charges
    where deposit_code = any(${[...input.codes]}::text[]) and amount_won = ${input.amountWon}
      and (state = 'waiting' and expires_at > ${input.now}
           or state in ('waiting', 'expired') and expires_at > ${input.depositedAt}
              and requested_at - interval '10 minutes' <= ${input.depositedAt})
    for update
  `.execute(trx);
  return rows;
}

export async function markPaid(trx: Trx, input: { chargeId: string; noticeId: string; at: Date }): Promise<void> {
  await sql`update charges set state = 'paid', paid_at = ${input.at} where id = ${input.chargeId}`.execute(trx);
  await sql`update bank_notices set charge_id = ${input.chargeId} where id = ${input.noticeId}`.execute(trx);
}

/** The member, where the charge was paid and is done by this call. */
export async function markDone(
  trx: Trx,
  input: { chargeIds: readonly string[]; at: Date },
): Promise<{ id: string; member_id: string }[]> {
  const { rows } = await sql<{ id: string; member_id: string }>`
    with paid as (
      select id from charges where id = any(${[...input.chargeIds]}::uuid[]) and state = 'paid'
      order by id for no key update
    )
    update charges c set state = 'done', done_at = ${input.at} from paid where c.id = paid.id returning c.id, c.member_id
  `.execute(trx);
  return rows;
}

/**
 * A charge whose tokens were sent as far as the chain tells and not as far as this database knows, the oldest first; it is
 * paid then, whatever has become of the bank's notice. Undefined where there is none.
 */
export async function claimSentCharge(
  trx: Trx,
  input: { walletId: string; tokenId: string; amount: bigint; before: Date; at: Date },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    update charges c set state = 'paid', paid_at = coalesce(c.paid_at, ${input.at})
    from (
      select d.id from charges d
      where d.wallet_id = ${input.walletId} and d.token_id = ${input.tokenId} and d.amount = ${input.amount}
        and d.state in ('paid', 'waiting', 'expired') and d.requested_at <= ${input.before}
        and not exists (select from transfers t where t.charge_id = d.id and t.state in ('accepted', 'final'))
      order by d.state = 'paid' desc, d.requested_at, d.id limit 1 for update
    ) found
    where c.id = found.id returning c.id
  `.execute(trx);
  return rows[0]?.id;
}

export interface UnpaidOut {
  id: string;
  member_id: string;
  wallet_id: string;
  token_id: string;
  amount: bigint;
  paid_at: string;
  tries: bigint;
}

/**
 * Charges whose deposit is here and whose tokens are not on their way, the oldest first; those of a paused token are left
 * out. `after`: the last row of the page before. `paid_at` is text, because a `Date` has no microseconds.
 */
export async function chargesToPay(
  db: Db,
  input: { after: Pick<UnpaidOut, 'paid_at' | 'id'> | null; limit: number },
): Promise<UnpaidOut[]> {
  const { after } = input;
  const { rows } = await sql<UnpaidOut>`
    select c.id, c.member_id, c.wallet_id, c.token_id, c.amount, c.paid_at::text as paid_at,
           (select count(*) from transfers t where t.charge_id = c.id) as tries
    from charges c join tokens k on k.id = c.token_id
    where c.state = 'paid' and k.state = 'active'
      and not exists (select from transfers t where t.charge_id = c.id and t.state in ('accepted', 'final'))
      ${after === null ? sql`` : sql`and (c.paid_at, c.id) > (${after.paid_at}::timestamptz, ${after.id}::uuid)`}
    order by c.paid_at, c.id limit ${input.limit}
  `.execute(db);
  return rows;
}

/** Locks a charge whose tokens are to be sent. False where another process has it or has sent them. */
export async function lockChargeToPay(trx: Trx, chargeId: string): Promise<boolean> {
  const { rows } = await sql`
    select from charges where id = ${chargeId} and state = 'paid' for update skip locked
  `.execute(trx);
  if (rows.length === 0) return false;
  // A statement of its own: it sees what the last holder of the lock has committed.
  const live =
    await sql`select from transfers where charge_id = ${chargeId} and state in ('accepted', 'final')`.execute(trx);
  return live.rows.length === 0;
}

/** Runs `work`; what it wrote is undone when it throws, and the transaction goes on. */
export async function withSavepoint<T>(trx: Trx, work: () => Promise<T>): Promise<T> {
  await sql`savepoint pay`.execute(trx);
  try {
    const value = await work();
    await sql`release savepoint pay`.execute(trx);
    return value;
  } catch (error) {
    await sql`rollback to savepoint pay`.execute(trx);
    throw error;
  }
}

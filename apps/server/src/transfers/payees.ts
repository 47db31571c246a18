/** Who would receive: found by ID, phone number or receive code, and named by a row of the payer's own from then on. */
import type { CallOutput, PayeeView, Routes } from '@jigeum/api';
import type { z } from 'zod';
import type { Deps } from '#deps';
import { findMember, personOf, phoneHmac } from '#members';
import { AppError, pageOf, placeOf, rateLimit } from '#platform';
import * as payeeRows from './store/payees.ts';

/** A person looks up a few people an hour; who asks for hundreds is collecting members. */
const RESOLVES_PER_MINUTE = 20;
const RESOLVES_PER_DAY = 300;

/** Throws 'payee-not-found' for whatever finds nobody, always the same, and 'payee-is-payer' for oneself. Counted before the look-up. */
export async function resolvePayee(
  deps: Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets'>,
  input: { memberId: string; query: z.output<Routes['resolvePayee']['body']> },
): Promise<PayeeView> {
  const { memberId, query } = input;
  await rateLimit(deps, { scope: 'resolve-payee', subject: memberId, max: RESOLVES_PER_MINUTE, windowSeconds: 60 });
  await rateLimit(deps, {
    scope: 'resolve-payee-day',
    subject: memberId,
    max: RESOLVES_PER_DAY,
    windowSeconds: 86_400,
  });
  const member =
    query.by === 'member-id'
      ? await findMember(deps.db, { by: 'member-id', memberId: query.value.toLowerCase() })
      : query.by === 'phone'
        ? await findMember(deps.db, { by: 'phone', phoneHmac: phoneHmac(deps, query.value) })
        : await findMember(deps.db, { by: 'receive-code', receiveCode: query.value });
  if (member === null) throw new AppError('payee-not-found');
  if (member.id === memberId) throw new AppError('payee-is-payer');
  const nowMs = deps.clock.nowMs();
  const row = await payeeRows.savePayee(deps.db, {
    id: deps.ids.uuid(nowMs),
    payerMemberId: memberId,
    payeeMemberId: member.id,
    at: new Date(nowMs),
  });
  return payeeView(row);
}

/** The people whom the member has paid, the most recent first. */
export async function recentPayees(
  deps: Pick<Deps, 'db'>,
  input: { memberId: string; cursor: string | undefined; limit: number },
): Promise<CallOutput<'recentPayees'>> {
  const rows = await payeeRows.payeesOf(deps.db, {
    memberId: input.memberId,
    after: placeOf(input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(rows, input.limit, payeeView, (row) => [row.last_paid_at!.toISOString(), row.id]);
}

const payeeView = (row: payeeRows.PayeeRow): PayeeView => ({
  ...personOf({ memberId: row.member_id, nameMasked: row.name_masked, verifiedAt: row.verified_at }),
  payeeId: row.id,
  isFirstPayment: row.last_paid_at === null,
});

/** A transfer as the API shows it to one of its two members. */
import type { TransferView, TokenView } from '@jigeum/api';
import { personOf } from '#members';
import { tokenView } from '#tokens';
import type { PayablePayment } from './payment-rules.ts';
import { shownState } from './transfer.ts';
import type { TransferRow } from './store/transfers.ts';

/** `memberId`: the UUID of the member who looks; it pays or receives. */
export function transferView(row: TransferRow, input: { memberId: string; nowMs: number }): TransferView {
  const isOut = row.payer_member_uuid === input.memberId;
  return {
    transferId: row.id,
    kind: row.kind,
    direction: isOut ? 'out' : 'in',
    counterparty: isOut
      ? personOrNull(row.payee_member_id, row.payee_name, row.payee_verified_at)
      : personOrNull(row.payer_member_id, row.payer_name, row.payer_verified_at),
    token: tokenViewOf(row),
    amount: row.amount,
    fee: 0n,
    memo: row.memo,
    state: shownState({
      state: row.state,
      isUnknown: row.is_unknown ?? false,
      requestedAtMs: row.requested_at.getTime(),
      nowMs: input.nowMs,
    }),
    requestedAt: row.requested_at.toISOString(),
    finalAt: row.final_at?.toISOString() ?? null,
  };
}

/** A payment that has just been accepted, as its payer sees it. */
export const acceptedView = (
  payment: PayablePayment & { transferId: string; order: { amount: bigint; memo: string } },
  nowMs: number,
): TransferView => ({
  transferId: payment.transferId,
  kind: 'payment',
  direction: 'out',
  counterparty: personOf({
    memberId: payment.payee.login,
    nameMasked: payment.payee.name,
    verifiedAt: payment.payee.verifiedAt,
  }),
  token: tokenView(payment.token),
  amount: payment.order.amount,
  fee: 0n,
  memo: payment.order.memo,
  state: 'sending',
  requestedAt: new Date(nowMs).toISOString(),
  finalAt: null,
});

const tokenViewOf = (row: TransferRow): TokenView => ({
  symbol: row.symbol,
  name: row.token_name,
  decimals: row.decimals,
  wonPerToken: row.won_per_token?.toString() ?? null,
  isPaused: row.token_state === 'paused',
});

function personOrNull(memberId: string | null, nameMasked: string | null, verifiedAt: Date | null) {
  return memberId === null || nameMasked === null || verifiedAt === null
    ? null
    : personOf({ memberId, nameMasked, verifiedAt });
}

/** A member asks for an account number and a deposit code, or takes the wish back. */
import type { CallOutput, ChargeView, Routes } from '@jigeum/api';
import type { z } from 'zod';
import type { Config } from '#config';
import type { Deps } from '#deps';
import { AppError, audit, emit, findAnswer, idempotently, inTrx, pageOf, placeOf } from '#platform';
import type { IdempotentCall, StoredAnswer, Trx } from '#platform';
import { movableToken } from '#tokens';
import { CHARGE_WON_MAX, CHARGE_WON_MIN, newDepositCode, tokensForWon } from './charge.ts';
import * as store from './store.ts';

/** Who has more charges open has forgotten some; each holds a code. */
const WAITING_MAX = 10n;
/** 2^30 codes: a second draw is needed once in a hundred thousand charges while ten thousand wait. */
const CODE_DRAWS_MAX = 8;

type ChargeDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'config'>;

/** Records a waiting charge. The same key and body get the same answer. The key becomes the charge's id. */
export async function requestCharge(
  deps: ChargeDeps,
  input: {
    memberId: string;
    idempotency: IdempotentCall<'requestCharge'>;
    order: z.output<Routes['requestCharge']['body']>;
  },
): Promise<StoredAnswer> {
  const earlier = await findAnswer(deps, input.idempotency);
  if (earlier !== undefined) return earlier;
  try {
    return await inTrx(deps, (trx) => idempotently(deps, trx, input.idempotency, () => recordCharge(deps, trx, input)));
  } catch (error) {
    if ((error as { constraint?: unknown }).constraint === 'charges_pkey')
      throw new AppError('idempotency-key-reused', { cause: error });
    throw error;
  }
}

async function recordCharge(
  deps: ChargeDeps,
  trx: Trx,
  input: {
    memberId: string;
    idempotency: IdempotentCall<'requestCharge'>;
    order: z.output<Routes['requestCharge']['body']>;
  },
): Promise<ChargeView> {
  const { memberId, order } = input;
  const { amountWon } = order;
  if (amountWon < CHARGE_WON_MIN || amountWon > CHARGE_WON_MAX) {
    throw new AppError('amount-out-of-range', {
      detail: `Expected ${CHARGE_WON_MIN} to ${CHARGE_WON_MAX} won, got ${amountWon}.`,
    });
  }
  const token = await movableToken(trx, { symbol: order.token });
  const amount =
    token.wonPerToken === null
      ? null
      : tokensForWon({ won: amountWon, decimals: token.decimals, wonPerToken: token.wonPerToken });
  if (amount === null)
    throw new AppError('amount-out-of-range', {
      detail: `Expected an amount that ${token.symbol} can be charged with.`,
    });
  const walletId = await store.walletOf(trx, memberId);
  if (walletId === undefined) throw new AppError('wallet-not-ready');
  if ((await store.waitingCount(trx, memberId)) >= WAITING_MAX) {
    throw new AppError('rate-limited', {
      detail: `Expected fewer than ${WAITING_MAX} charges that wait. Cancel one first.`,
      retryAfterSeconds: 60,
    });
  }
  const chargeId = input.idempotency.key;
  const nowMs = deps.clock.nowMs();
  for (let draw = 1; ; draw++) {
    const isInserted = await store.insertCharge(trx, {
      id: chargeId,
      memberId,
      walletId,
      tokenId: token.id,
      amountWon,
      amount,
      depositCode: newDepositCode(deps.ids),
      requestedAt: new Date(nowMs),
      expiresAt: new Date(nowMs + deps.config.chargeHours * 3_600_000),
    });
    if (isInserted) break;
    if (draw === CODE_DRAWS_MAX) throw new AppError('service-busy', { retryAfterSeconds: 5 });
  }
  await audit(deps, trx, {
    actor: `member:${memberId}`,
    act: 'charge.requested',
    subject: chargeId,
    facts: { wallet: walletId, token: token.id, won: amountWon, amount },
  });
  return await viewOf(deps, trx, { chargeId, memberId });
}

/** One charge of the member. Throws 'not-found' for any other. */
export async function getCharge(
  deps: Pick<Deps, 'db' | 'config'>,
  input: { chargeId: string; memberId: string },
): Promise<ChargeView> {
  return await viewOf(deps, deps.db, input);
}

/** Newest first. */
export async function listCharges(
  deps: Pick<Deps, 'db' | 'config'>,
  input: { memberId: string; cursor: string | undefined; limit: number },
): Promise<CallOutput<'listCharges'>> {
  const rows = await store.chargesOf(deps.db, {
    memberId: input.memberId,
    after: placeOf(input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(
    rows,
    input.limit,
    (row) => chargeView(deps.config, row),
    (row) => [row.requested_at.toISOString(), row.id],
  );
}

/** Cancels a waiting charge; again without effect. Throws 'charge-not-cancellable' once the deposit is here. */
export async function cancelCharge(
  deps: ChargeDeps,
  input: { chargeId: string; memberId: string },
): Promise<ChargeView> {
  return await inTrx(deps, async (trx) => {
    const isCancelled = await store.cancel(trx, input);
    const view = await viewOf(deps, trx, input);
    if (!isCancelled && view.state !== 'cancelled') throw new AppError('charge-not-cancellable');
    if (!isCancelled) return view;
    await emit(deps, trx, { memberId: input.memberId, kind: 'charge', subjectId: input.chargeId });
    await audit(deps, trx, {
      actor: `member:${input.memberId}`,
      act: 'charge.cancelled',
      subject: input.chargeId,
      facts: { before: 'waiting', after: 'cancelled' },
    });
    return view;
  });
}

async function viewOf(
  deps: Pick<Deps, 'config'>,
  db: Parameters<typeof store.chargeOf>[0],
  input: { chargeId: string; memberId: string },
): Promise<ChargeView> {
  const row = await store.chargeOf(db, input);
  if (row === undefined) throw new AppError('not-found');
  return chargeView(deps.config, row);
}

const chargeView = (config: Config, row: store.ChargeRow): ChargeView => ({
  chargeId: row.id,
  state: row.state,
  amountWon: row.amount_won,
  token: {
    symbol: row.symbol,
    name: row.token_name,
    decimals: row.decimals,
    wonPerToken: row.won_per_token?.toString() ?? null,
    isPaused: row.token_state === 'paused',
  },
  amount: row.amount,
  bank: {
    bankName: config.bank.bankName,
    accountNumber: config.bank.accountNumber,
    holderName: config.bank.holderName,
  },
  depositCode: row.deposit_code,
  requestedAt: row.requested_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  doneAt: row.done_at?.toISOString() ?? null,
  isSimulation: config.bank.mode === 'simulator',
});

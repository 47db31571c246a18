/** A member pays: everything that decides it happens in one transaction, and the answer 202 means that it is signed and stored. */
import type { CallOutput, Routes } from '@jigeum/api';
import type { Signer } from '@jigeum/chain';
import type { z } from 'zod';
import { AppError, audit, emit, findAnswer, idempotently, inTrx } from '#platform';
import type { IdempotentCall, MemberSession, StoredAnswer, Trx } from '#platform';
import type { Deps } from '#deps';
import { checkPin } from '#members';
import { movableToken } from '#tokens';
import { withSessionSigner } from '#wallets';
import { enqueue } from './grant-gas.ts';
import type { OutboxDeps } from './outbox.ts';
import * as ledger from './store/ledger.ts';
import * as outboxRows from './store/outbox.ts';
import * as payeeRows from './store/payees.ts';
import * as transferRows from './store/transfers.ts';
import * as walletRows from './store/wallets.ts';
import { transferView } from './view.ts';

/** A payer with more payments under way than this waits: a node holds a bounded queue for each sender. */
const IN_FLIGHT_MAX = 64n;

export type PaymentOrder = z.output<Routes['requestTransfer']['body']>;

type RequestDeps = OutboxDeps & Pick<Deps, 'db' | 'wake'>;

/**
 * Checks PIN and session, then records, holds, signs and stores the payment. The same key and body always get the same
 * answer, and one payment. The key becomes the transfer's id. The only effects outside the database: the count of PIN tries.
 */
export async function requestTransfer(
  deps: RequestDeps,
  input: {
    member: MemberSession;
    idempotency: IdempotentCall<'requestTransfer'>;
    order: PaymentOrder;
    /** Six digits; the caller clears them. */
    pin: Uint8Array;
  },
): Promise<StoredAnswer> {
  const { member, idempotency, order } = input;
  const earlier = await findAnswer(deps, idempotency);
  if (earlier !== undefined) return earlier;
  const isUnlocked = member.unlockedUntil !== null && member.unlockedUntil.getTime() > deps.clock.nowMs();
  if (member.sealedKey === null || !isUnlocked) throw new AppError('wallet-locked');
  await checkPin(deps, member.memberId, input.pin);

  const { memberId, unlockKey, sealedKey } = member;
  try {
    const answer = await withSessionSigner({ unlockKey, memberId, sealedKey }, (signer) =>
      inTrx(deps, (trx) =>
        idempotently(deps, trx, idempotency, () =>
          recordPayment(deps, trx, { transferId: idempotency.key, payerMemberId: memberId, order, signer }),
        ),
      ),
    );
    deps.wake('submit');
    return answer;
  } catch (error) {
    // The key names a transfer already, and `findAnswer` found no answer of this member: it is somebody else's.
    if ((error as { constraint?: unknown }).constraint === 'transfers_pkey')
      throw new AppError('idempotency-key-reused', { cause: error });
    throw error;
  }
}

/** The payment inside the caller's transaction. Throws the refusal that the payer reads; then the transaction must roll back. */
export async function recordPayment(
  deps: OutboxDeps,
  trx: Trx,
  input: { transferId: string; payerMemberId: string; order: PaymentOrder; signer: Signer },
): Promise<CallOutput<'requestTransfer'>> {
  const { transferId, payerMemberId, order } = input;
  if (order.amount <= 0n) throw new AppError('amount-out-of-range', { detail: 'Expected an amount above zero.' });
  const token = await movableToken(trx, { symbol: order.token });
  const payee = await payeeRows.payeeOf(trx, { payeeId: order.payeeId, payerMemberId, chainId: deps.chain.chainId });
  if (payee === undefined) throw new AppError('payee-not-found');
  if (payee.payee_member_id === payerMemberId) throw new AppError('payee-is-payer');
  if (payee.name_masked !== order.maskedName) throw new AppError('payee-changed');
  if (payee.wallet_id === null || payee.wallet_state !== 'ready' || payee.address === null)
    throw new AppError('payee-not-ready', { retryAfterSeconds: 5 });
  const own = await payeeRows.payerWallet(trx, payerMemberId);
  if (own === undefined || own.state !== 'ready') throw new AppError('wallet-not-ready', { retryAfterSeconds: 5 });

  const wallet = await walletRows.lockWallet(trx, own.id);
  if ((await outboxRows.inFlightCount(trx, wallet.id)) >= IN_FLIGHT_MAX) {
    throw new AppError('service-busy', {
      detail: `Expected fewer than ${IN_FLIGHT_MAX} payments on their way. Wait until some have arrived.`,
      retryAfterSeconds: 2,
    });
  }
  await recordTransfer(deps, trx, {
    transferId,
    kind: 'payment',
    wallet,
    signer: input.signer,
    payee: { walletId: payee.wallet_id, memberId: payee.payee_member_id, address: payee.address },
    token,
    amount: order.amount,
    memo: order.memo,
    chargeId: null,
  });
  const row = await transferRows.transferOf(trx, { transferId, memberId: payerMemberId });
  if (row === undefined) throw new Error(`Expected the transfer ${transferId} that was just written, got none.`);
  return transferView(row, { memberId: payerMemberId, nowMs: deps.clock.nowMs() });
}

/**
 * Holds the amount, records the transfer, which announces it to the payee, and signs it. `wallet` is locked. Throws
 * 'balance-too-low', and then the transaction must roll back.
 */
export async function recordTransfer(
  deps: OutboxDeps,
  trx: Trx,
  input: {
    transferId: string;
    kind: 'payment' | 'charge';
    wallet: walletRows.LockedWallet;
    signer: Signer;
    payee: { walletId: string; memberId: string; address: string };
    token: { id: string; contract: string };
    amount: bigint;
    memo: string;
    chargeId: string | null;
  },
): Promise<void> {
  const { transferId, wallet, payee, token, amount } = input;
  if (!(await ledger.hold(trx, { walletId: wallet.id, tokenId: token.id, amount })))
    throw new AppError('balance-too-low');
  await transferRows.insertTransfer(trx, {
    id: transferId,
    kind: input.kind,
    payerWalletId: wallet.id,
    payeeWalletId: payee.walletId,
    tokenId: token.id,
    amount,
    memo: input.memo,
    chargeId: input.chargeId,
    now: new Date(deps.clock.nowMs()),
  });
  const { hash } = await enqueue(deps, trx, {
    wallet,
    signer: input.signer,
    intent: { kind: 'transfer', contract: token.contract, to: payee.address, amount },
    purpose: 'transfer',
    sourceId: transferId,
  });
  await audit(deps, trx, {
    actor: wallet.member_id === null ? 'job:pay-charges' : `member:${wallet.member_id}`,
    act: 'payment.accepted',
    subject: transferId,
    facts: {
      kind: input.kind,
      payerWallet: wallet.id,
      payeeWallet: payee.walletId,
      token: token.id,
      amount,
      hash,
    },
  });
  for (const memberId of [wallet.member_id, payee.memberId]) {
    if (memberId === null) continue;
    await emit(deps, trx, { memberId, kind: 'transfer', subjectId: transferId });
    await emit(deps, trx, { memberId, kind: 'balances', subjectId: memberId });
  }
}

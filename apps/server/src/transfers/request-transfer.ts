/**
 * A member pays. Everything that decides it happens in one transaction, and the answer 202 means that it is signed and
 * stored. Payments of different members that are asked for at once share that transaction, each with a verdict of its own.
 */
import type { CallOutput, Routes } from '@jigeum/api';
import type { Signer } from '@jigeum/chain';
import type { z } from 'zod';
import {
  allFulfilled,
  answerOf,
  AppError,
  failpoint,
  findAnswers,
  inTrx,
  oncePer,
  oneOfTwins,
  requestId,
  requireSameBody,
  storeAnswers,
  together,
} from '#platform';
import type { IdempotentCall, MemberSession, StoredAnswer, Trx } from '#platform';
import type { Deps } from '#deps';
import { checkPin } from '#members';
import { findTokens } from '#tokens';
import { withSessionSigner } from '#wallets';
import type { OutboxDeps } from './outbox.ts';
import { payableOrRefused, type PayablePayment } from './payment-rules.ts';
import { recordTransfers } from './record-transfers.ts';
import { paymentFacts } from './store/payments.ts';
import * as walletRows from './store/wallets.ts';
import { acceptedView } from './view.ts';

export type PaymentOrder = z.output<Routes['requestTransfer']['body']>;

type RequestDeps = OutboxDeps & Pick<Deps, 'db' | 'wake' | 'hint'>;
type PaymentCall = IdempotentCall<'requestTransfer'>;

/**
 * Checks PIN and session, then records, holds, signs and stores the payment. The same key and body always get the same
 * answer, and one payment. The key becomes the transfer's id. The only effects outside the payment's transaction: the count
 * of PIN tries. A refusal is not stored: the same key may be asked again when its reason has passed.
 */
export async function requestTransfer(
  deps: RequestDeps,
  input: {
    member: MemberSession;
    idempotency: PaymentCall;
    order: PaymentOrder;
    /** Six digits; the caller clears them. */
    pin: Uint8Array;
  },
): Promise<StoredAnswer> {
  const { member, idempotency: call, order } = input;
  const pay = async (): Promise<StoredAnswer> => {
    const earlier = await earlierAnswer(deps)(call);
    if (earlier !== undefined) return requireSameBody(earlier);
    const isUnlocked = member.unlockedUntil !== null && member.unlockedUntil.getTime() > deps.clock.nowMs();
    if (member.sealedKey === null || !isUnlocked) throw new AppError('wallet-locked');
    await checkPin(deps, member.memberId, input.pin);
    const { memberId, unlockKey, sealedKey } = member;
    return await withSessionSigner({ unlockKey, memberId, sealedKey }, (signer) =>
      accept(deps)({
        call,
        payment: { transferId: call.key, payerMemberId: memberId, order, signer, request: requestId() },
      }),
    );
  };
  try {
    return await oneOfTwins(deps, call, pay);
  } catch (error) {
    // Somebody else has taken this id in the same moment: `is_taken` could not show it yet.
    if ((error as { constraint?: unknown }).constraint === 'transfers_pkey')
      throw new AppError('idempotency-key-reused', { cause: error });
    // The payer's wallet was locked for longer than anybody waits: by a twin in another process, as far as is known.
    if ((error as { code?: unknown }).code === LOCK_NOT_AVAILABLE)
      throw new AppError('idempotency-in-progress', { retryAfterSeconds: 1, cause: error });
    throw error;
  }
}

/** PostgreSQL's code for a lock that was waited for in vain. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Answers that are looked for in one read. */
const LOOK_UPS_TOGETHER = 200;

const earlierAnswer = oncePer((deps: RequestDeps) =>
  together(deps, {
    run: async (calls: readonly PaymentCall[]) => allFulfilled(await findAnswers(deps.db, calls)),
    ...{ itemsMax: LOOK_UPS_TOGETHER, roundsMax: 2 },
  }),
);

/** Payments of one transaction: the last of them waits for the signatures of the others, 0.1 ms each. */
const PAYMENTS_TOGETHER = 64;
/** While one transaction waits for the disk, another is made. */
const TRANSACTIONS_AT_ONCE = 2;

const accept = oncePer((deps: RequestDeps) =>
  together(deps, {
    run: (asked: readonly AskedPayment[]) => acceptAll(deps, asked),
    keyOf: ({ payment }) => payment.payerMemberId,
    ...{ itemsMax: PAYMENTS_TOGETHER, roundsMax: TRANSACTIONS_AT_ONCE },
  }),
);

interface AskedPayment {
  call: PaymentCall;
  payment: NewPayment;
}

/** A payment whose payer has proved to be there. */
interface NewPayment {
  transferId: string;
  payerMemberId: string;
  order: PaymentOrder;
  signer: Signer;
  /** The id of the request that asks: transactions are made for many. */
  request: string;
}

/** One transaction for payments of different members. Where it throws, none of them was accepted. */
async function acceptAll(
  deps: RequestDeps,
  asked: readonly AskedPayment[],
): Promise<readonly PromiseSettledResult<StoredAnswer>[]> {
  const { results, memberIds } = await inTrx(deps, async (trx) => {
    const wallets = await walletRows.lockWalletsOf(
      trx,
      asked.map(({ payment }) => payment.payerMemberId),
    );
    await failpoint('F07-wallet-locked');
    // Once more under the lock: a twin in another process may have been first.
    const earlier = await findAnswers(
      trx,
      asked.map(({ call }) => call),
    );
    const fresh = asked.filter((_, index) => earlier[index] === undefined);
    const recorded = await recordPayments(deps, trx, { payments: fresh.map(({ payment }) => payment), wallets });
    const answers = fresh.map(({ call }, index) =>
      mapSettled(recorded.results[index]!, (view) => ({ call, answer: answerOf(call, view) })),
    );
    const accepted = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
    if (accepted.length > 0) await storeAnswers(deps, trx, accepted);
    await failpoint('F02-before-accept-commit');
    const nextAnswer = answers.values();
    return {
      results: earlier.map((found) =>
        found === undefined
          ? mapSettled(nextAnswer.next().value!, ({ answer }) => answer)
          : settle(() => requireSameBody(found)),
      ),
      memberIds: recorded.memberIds,
    };
  });
  await failpoint('F02-after-accept-commit');
  if (memberIds.length > 0) {
    deps.wake('submit');
    deps.hint(memberIds);
  }
  return results;
}

/** The payment inside the caller's transaction. Throws the refusal that the payer reads; then the transaction must roll back. */
export async function recordPayment(
  deps: OutboxDeps,
  trx: Trx,
  payment: Omit<NewPayment, 'request'>,
): Promise<CallOutput<'requestTransfer'>> {
  const wallets = await walletRows.lockWalletsOf(trx, [payment.payerMemberId]);
  const { results } = await recordPayments(deps, trx, { payments: [{ ...payment, request: requestId() }], wallets });
  const [result] = results;
  if (result!.status === 'rejected') throw result!.reason;
  return result!.value;
}

/** Decides on each and records those that can be made. `wallets`: the payers', locked by an earlier statement. */
async function recordPayments(
  deps: OutboxDeps,
  trx: Trx,
  {
    payments,
    wallets,
  }: { payments: readonly NewPayment[]; wallets: Awaited<ReturnType<typeof walletRows.lockWalletsOf>> },
): Promise<{ results: PromiseSettledResult<CallOutput<'requestTransfer'>>[]; memberIds: string[] }> {
  if (payments.length === 0) return { results: [], memberIds: [] };
  const tokens = await findTokens(trx, [...new Set(payments.map(({ order }) => order.token))]);
  const facts = await paymentFacts(
    trx,
    payments.map(({ transferId, payerMemberId, order }) => ({
      ...{ transferId, payerMemberId, payeeId: order.payeeId },
      payerWalletId: wallets.get(payerMemberId)?.id,
      tokenId: tokens.get(order.token)?.id,
    })),
    deps.chain.chainId,
  );
  const verdicts = payments.map((payment, index) =>
    settle(() => ({
      ...payment,
      ...payableOrRefused({
        ...payment,
        token: tokens.get(payment.order.token),
        wallet: wallets.get(payment.payerMemberId),
        facts: facts[index]!,
      }),
    })),
  );
  const payable = verdicts.filter((verdict) => verdict.status === 'fulfilled').map(({ value }) => value);
  const { memberIds } = await recordTransfers(deps, trx, payable.map(transferOf));
  const nowMs = deps.clock.nowMs();
  return { results: verdicts.map((verdict) => mapSettled(verdict, (made) => acceptedView(made, nowMs))), memberIds };
}

const transferOf = ({ transferId, wallet, signer, payee, token, order, request }: NewPayment & PayablePayment) => ({
  ...({ transferId, kind: 'payment', wallet, signer, payee, token, amount: order.amount, memo: order.memo } as const),
  ...{ chargeId: null, request },
});

/** A refusal stays with the payment that it refuses; everything else ends the transaction for all of them. */
function settle<T>(decide: () => T): PromiseSettledResult<T> {
  try {
    return { status: 'fulfilled', value: decide() };
  } catch (reason) {
    if (!(reason instanceof AppError)) throw reason;
    return { status: 'rejected', reason };
  }
}

const mapSettled = <From, To>(result: PromiseSettledResult<From>, to: (value: From) => To): PromiseSettledResult<To> =>
  result.status === 'fulfilled' ? { status: 'fulfilled', value: to(result.value) } : result;

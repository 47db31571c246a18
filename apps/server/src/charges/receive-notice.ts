/** The bank tells of a deposit. Believed only when signed, and credited only when the bank, asked back, says the same (INV-19). */
import type { Routes } from '@jigeum/api';
import type { z } from 'zod';
import type { BankDeposit, Deps } from '#deps';
import { AppError, audit, emit, inTrx, type Trx } from '#platform';
import { payFromReserve } from '#transfers';
import { codesIn } from './charge.ts';
import * as store from './store.ts';

export type ChargeDeps = Pick<
  Deps,
  'db' | 'clock' | 'ids' | 'config' | 'chain' | 'secrets' | 'bank' | 'log' | 'wake' | 'metrics'
>;

/**
 * Records the deposit, and where exactly one charge that waits (or waited when it was made) has its code and amount, marks that paid and signs its tokens:
 * all in one transaction. The same deposit again has no effect. Throws 'signature-invalid', 'request-invalid' where the
 * bank knows no such deposit, and 'service-busy' where it could not be asked: the bank tells again.
 */
export async function receiveNotice(
  deps: ChargeDeps,
  input: {
    rawBody: Uint8Array | undefined;
    signature: string | undefined;
    notice: z.output<Routes['bankNotice']['body']>;
  },
): Promise<void> {
  const { notice } = input;
  if (input.rawBody === undefined || !deps.bank.isSigned(input.rawBody, input.signature))
    throw new AppError('signature-invalid');
  const provider = deps.config.bank.mode;
  const known = await store.hasNotice(deps.db, { provider, bankRef: notice.bankRef });
  if (known !== undefined) {
    if (known.amount_won !== notice.amountWon)
      deps.log.error('The bank told of a deposit again, with another amount. It was ignored.', { kind: provider });
    return;
  }
  const answer = await deps.bank.confirm(notice.bankRef);
  if (answer.kind === 'unknown')
    throw new AppError('service-busy', {
      detail: 'The bank could not be asked. Tell again later.',
      retryAfterSeconds: 5,
    });
  if (answer.kind === 'absent' || !isSameDeposit(answer.deposit, notice)) {
    deps.log.error('A signed notice tells of a deposit that the bank does not confirm.', { kind: provider });
    throw new AppError('request-invalid', { detail: 'Expected a deposit that the bank confirms on asking.' });
  }
  const result = await inTrx(deps, (trx) => recordDeposit(deps, trx, { provider, deposit: answer.deposit }));
  deps.metrics.counter('deposits_total', 'Deposits that the bank told of.', ['result']).inc({ result });
  if (result === 'paid') {
    deps.wake('submit');
    deps.wake('pay-charges');
  }
}

async function recordDeposit(
  deps: ChargeDeps,
  trx: Trx,
  input: { provider: string; deposit: BankDeposit },
): Promise<'told-before' | 'unmatched' | 'paid'> {
  const { deposit } = input;
  const at = new Date(deps.clock.nowMs());
  const noticeId = deps.ids.uuid(at.getTime());
  const isNew = await store.insertNotice(trx, {
    id: noticeId,
    provider: input.provider,
    bankRef: deposit.bankRef,
    accountNumber: deposit.accountNumber,
    depositorName: writable(deposit.depositorName),
    amountWon: deposit.amountWon,
    depositedAt: new Date(deposit.depositedAt),
    receivedAt: at,
  });
  if (!isNew) return 'told-before';
  const isOurNumber = digitsOf(deposit.accountNumber) === digitsOf(deps.config.bank.accountNumber);
  const charges = isOurNumber
    ? await store.matchingCharges(trx, {
        codes: codesIn(deposit.depositorName),
        amountWon: deposit.amountWon,
        depositedAt: new Date(deposit.depositedAt),
        now: at,
      })
    : [];
  const [first] = charges;
  const charge = charges.length === 1 ? first : undefined;
  await audit(deps, trx, {
    actor: 'bank',
    act: 'bank.notice',
    subject: noticeId,
    facts: { charge: charge?.id ?? null, won: deposit.amountWon },
  });
  if (charge === undefined) {
    deps.log.warn('A deposit matches no single charge; it is kept for an operator.', { count: charges.length });
    return 'unmatched';
  }
  await store.markPaid(trx, { chargeId: charge.id, noticeId, at });
  await audit(deps, trx, {
    actor: 'bank',
    act: 'charge.paid',
    subject: charge.id,
    facts: { before: charge.state, after: 'paid', notice: noticeId, won: deposit.amountWon },
  });
  await sendTokens(deps, trx, charge);
  await emit(deps, trx, { memberId: charge.member_id, kind: 'charge', subjectId: charge.id });
  return 'paid';
}

/**
 * Signs the charge's tokens. Where that is not possible now (token paused, reserve empty, wallet not ready) the charge
 * stays paid and the job `pay-charges` tries again: the member's money is here and must not be forgotten.
 */
export async function sendTokens(
  deps: ChargeDeps,
  trx: Trx,
  charge: { id: string; wallet_id: string; token_id: string; amount: bigint },
): Promise<boolean> {
  try {
    await store.withSavepoint(trx, () =>
      payFromReserve(deps, trx, {
        chargeId: charge.id,
        walletId: charge.wallet_id,
        tokenId: charge.token_id,
        amount: charge.amount,
      }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.warn('The tokens of a paid charge cannot be sent yet.', { chargeId: charge.id, code: error.code });
    return false;
  }
}

const isSameDeposit = (deposit: BankDeposit, notice: z.output<Routes['bankNotice']['body']>): boolean =>
  deposit.bankRef === notice.bankRef &&
  deposit.amountWon === notice.amountWon &&
  deposit.depositorName === notice.depositorName &&
  digitsOf(deposit.accountNumber) === digitsOf(notice.accountNumber);

/** PostgreSQL stores no NUL. A deposit must be kept whatever its depositor has typed. */
const writable = (text: string): string => text.replaceAll('\0', '\uFFFD');

/** Banks write the same number with and without hyphens. */
const digitsOf = (accountNumber: string): string => accountNumber.replaceAll(/[^0-9]/g, '');

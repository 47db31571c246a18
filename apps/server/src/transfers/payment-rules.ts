/** Whether a payment can be accepted, as a pure rule over what is true while the payer's wallet is locked. */
import { AppError } from '#platform';
import type { TokenRow } from '#tokens';
import { requireMovable } from '#tokens';
import type { PaymentFacts } from './store/payments.ts';
import type { LockedWallet } from './store/wallets.ts';

/** A payer with more payments under way than this waits: a node holds a bounded queue for each sender. */
const IN_FLIGHT_MAX = 64n;

/** A payment that can be made. */
export interface PayablePayment {
  wallet: LockedWallet;
  token: TokenRow & { contract: string };
  payee: { walletId: string; memberId: string; address: string; login: string; name: string; verifiedAt: Date };
}

/** Throws the refusal that the payer reads. */
export function payableOrRefused(input: {
  payerMemberId: string;
  order: { maskedName: string; amount: bigint };
  token: TokenRow | undefined;
  /** Undefined where the payer has none. */
  wallet: (Omit<LockedWallet, 'address'> & { address: string | null }) | undefined;
  facts: PaymentFacts;
}): PayablePayment {
  const { order, token, wallet, facts } = input;
  if (order.amount <= 0n) throw new AppError('amount-out-of-range', { detail: 'Expected an amount above zero.' });
  const { contract } = requireMovable(token);
  const { payee_member_id: memberId, payee_login: login, payee_name: name, payee_verified_at: verifiedAt } = facts;
  if (memberId === null || login === null || name === null || verifiedAt === null)
    throw new AppError('payee-not-found');
  if (memberId === input.payerMemberId) throw new AppError('payee-is-payer');
  if (name !== order.maskedName) throw new AppError('payee-changed');
  const { payee_wallet_id: walletId, payee_address: address } = facts;
  if (walletId === null || facts.payee_wallet_state !== 'ready' || address === null)
    throw new AppError('payee-not-ready', { retryAfterSeconds: 5 });
  if (wallet === undefined || wallet.address === null) throw new AppError('wallet-not-ready', { retryAfterSeconds: 5 });
  if (facts.in_flight >= IN_FLIGHT_MAX) {
    throw new AppError('service-busy', {
      detail: `Expected fewer than ${IN_FLIGHT_MAX} payments on their way. Wait until some have arrived.`,
      retryAfterSeconds: 2,
    });
  }
  if (facts.available < order.amount) throw new AppError('balance-too-low');
  // Somebody else's: this member's own would have been found by its answer.
  if (facts.is_taken) throw new AppError('idempotency-key-reused');
  return {
    wallet: { ...wallet, address: wallet.address },
    token: { ...token!, contract },
    payee: { walletId, memberId, address, login, name, verifiedAt },
  };
}

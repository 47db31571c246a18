/**
 * How much native coin the platform puts into wallets, as pure rules. All figures are counted in payments, so they hold
 * for any chain's prices: one unit is the dearest token payment that the chain can ask.
 */
import type { ChainDriver } from '@jigeum/chain';

/** Wallets that the treasury grants to. The treasury itself is filled from outside. */
export type GrantedKind = 'member' | 'reserve';

interface Policy {
  /** A wallet is filled up to so many payments. */
  readonly target: number;
  /** A refill begins when less than so many are left: before a payer has to wait. */
  readonly low: number;
  /** At most so many are granted to one wallet on one day (UTC). INV-10. */
  readonly dayMax: number;
}

export const GAS_POLICY: Readonly<Record<GrantedKind, Policy>> = {
  // A member who pays 300 times a day is a shop's till or an attack; both should talk to an operator.
  member: { target: 10, low: 5, dayMax: 300 },
  // The reserve sends each charge and creates tokens (one creation costs about 145 payments on Symverse).
  reserve: { target: 1_000, low: 400, dayMax: 1_000_000 },
};

/** All grants of one day together. INV-10: what a thousand sybil wallets can drain is bounded by this. */
export const GAS_DAY_MAX_PAYMENTS = 2_000_000;

/** Native base units of the dearest token payment: all bytes of both addresses and of the amount are set. */
export function paymentFee(chain: ChainDriver, someAddress: string): bigint {
  return chain.feeOf({ kind: 'transfer', contract: someAddress, to: someAddress, amount: 2n ** 256n - 1n });
}

/** What a refill grants: up to the target, or nothing while enough is left. */
export function refillAmount(input: { kind: GrantedKind; available: bigint; fee: bigint }): bigint {
  const policy = GAS_POLICY[input.kind];
  if (input.available >= BigInt(policy.low) * input.fee) return 0n;
  return BigInt(policy.target) * input.fee - input.available;
}

/** True where the next refill is due. */
export const isGasLow = (input: { kind: GrantedKind; available: bigint; fee: bigint }): boolean =>
  refillAmount(input) > 0n;

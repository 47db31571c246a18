/**
 * How much native coin the platform puts into wallets, as pure rules. All figures are counted in payments, so they hold
 * for any chain's prices: one unit is the dearest token payment that the chain can ask.
 */
import type { ChainDriver } from '@jigeum/chain';
import type { Config } from '#config';

/** Wallets that the treasury grants to. The treasury itself is filled from outside. */
export type GrantedKind = 'member' | 'reserve';

interface Policy {
  /** A wallet is filled up to so many payments. */
  readonly target: number;
  /** A refill begins when less than so many are left: before a payer has to wait. */
  readonly low: number;
}

export const GAS_POLICY: Readonly<Record<GrantedKind, Policy>> = {
  // Each refill is a transaction of the treasury: one for fifteen payments, and no more coin than that lies idle in a wallet.
  member: { target: 20, low: 5 },
  // The reserve sends each charge and creates tokens (one creation costs about 145 payments on Symverse).
  reserve: { target: 1_000, low: 400 },
};

/** What may be granted, native base units (INV-10). */
export interface GasLimits {
  /** To one member on one day (UTC). The reserve is the platform's own: only the day's sum bounds it. */
  readonly memberDay: bigint;
  /** All grants of one day together: what a thousand sybil wallets can drain. */
  readonly day: bigint;
  /** What the treasury keeps: grants stop above it, so that an operator can still act with it. */
  readonly floor: bigint;
}

/** The settings, which count payments, in native base units. `fee`: of one payment. */
export const gasLimits = (gas: Config['gas'], fee: bigint): GasLimits => ({
  memberDay: BigInt(gas.memberDayPayments) * fee,
  day: BigInt(gas.dayPayments) * fee,
  floor: BigInt(gas.treasuryFloorPayments) * fee,
});

/** A grant that is asked for, and what it costs the treasury: the amount and its own fee. */
export interface AskedGrant {
  readonly walletId: string;
  readonly kind: GrantedKind;
  readonly amount: bigint;
  readonly cost: bigint;
}

/** Why nothing is granted: a budget of this day is used up, or the treasury has come to its floor. */
export type GrantVerdict = 'granted' | 'member-day' | 'day' | 'floor';

/**
 * Decides on grants in their order: each takes from what the ones before it have left. `grantedToday`: by wallet, and of all
 * together. `treasury`: its coin that is not promised.
 */
export function decideGrants(
  asked: readonly AskedGrant[],
  facts: { limits: GasLimits; grantedToday: ReadonlyMap<string, bigint>; grantedTodayInAll: bigint; treasury: bigint },
): GrantVerdict[] {
  const { limits } = facts;
  const ofWallet = new Map(facts.grantedToday);
  let inAll = facts.grantedTodayInAll;
  let { treasury } = facts;
  return asked.map(({ walletId, kind, amount, cost }) => {
    const own = (ofWallet.get(walletId) ?? 0n) + amount;
    if (kind === 'member' && own > limits.memberDay) return 'member-day';
    if (inAll + amount > limits.day) return 'day';
    if (treasury - cost < limits.floor) return 'floor';
    ofWallet.set(walletId, own);
    inAll += amount;
    treasury -= cost;
    return 'granted';
  });
}

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

/** Tells how long the treasury lasts, and raises an alarm where it comes to its floor or a budget of the day is used up (INV-10). */
import type { OperatorGasView } from '@jigeum/api';
import type { Deps } from '#deps';
import { raiseAlarm, safeNumber } from '#platform';
import { platformSigner } from '#wallets';
import { GAS_POLICY, gasLimits, paymentFee } from './gas-policy.ts';
import * as grantRows from './store/grants.ts';
import * as walletRows from './store/wallets.ts';

type WatchDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'config' | 'ids' | 'log' | 'metrics' | 'secrets'>;

/** The forecast is the average of so many whole days before this one. */
const FORECAST_DAYS = 7;
const DAY_MS = 86_400_000;
const DAYS_MAX = 36_525n;
/** Members of one look: who comes after them is found when an operator has looked at these. */
const MEMBERS_MAX = 20;

/** What the operator is shown of gas. Amounts are native base units. */
export async function gasView(deps: Omit<WatchDeps, 'log' | 'metrics' | 'ids'>): Promise<OperatorGasView> {
  const { walletId: treasuryId, address } = platformSigner(deps, 'treasury');
  const fee = paymentFee(deps.chain, address);
  const limits = gasLimits(deps.config.gas, fee);
  const nowMs = deps.clock.nowMs();
  const onDay = dayOf(nowMs);
  const available = await walletRows.gasAvailable(deps.db, treasuryId);
  const today = await grantRows.grantedOn(deps.db, { onDay, walletIds: [treasuryId] });
  const week = await grantRows.grantedSince(deps.db, {
    ...{ treasuryId, onDay },
    sinceDay: dayOf(nowMs - FORECAST_DAYS * DAY_MS),
  });
  // Each grant is a transaction of the treasury and costs it the fee of moving coin besides.
  const grantFee = deps.chain.feeOf({ kind: 'native', to: address, amount: 1n });
  const spentPerDay = (week.granted + week.grants * grantFee) / BigInt(FORECAST_DAYS);
  const left = available > limits.floor ? available - limits.floor : 0n;
  return {
    treasuryAddress: address,
    available,
    floor: limits.floor,
    paymentFee: fee,
    paymentsLeft: safeNumber(left / fee),
    grantedToday: today.get(treasuryId) ?? 0n,
    dayBudget: limits.day,
    memberDayBudget: limits.memberDay,
    spentPerDay,
    daysLeft: spentPerDay === 0n ? null : daysOf(left, spentPerDay),
  };
}

/** To a tenth of a day. What lasts longer than a century lasts. */
function daysOf(left: bigint, spentPerDay: bigint): number {
  const tenths = (left * 10n) / spentPerDay;
  return safeNumber(tenths < DAYS_MAX * 10n ? tenths : DAYS_MAX * 10n) / 10;
}

/** One look: figures at /metrics, and alarms. An alarm that is open already is only counted. */
export async function watchGas(deps: WatchDeps): Promise<void> {
  const view = await gasView(deps);
  deps.metrics.gauge('gas_payments_left', 'Payments that the treasury can still grant gas for.').set(view.paymentsLeft);
  deps.metrics
    .gauge(
      'gas_days_left',
      'Days that the treasury lasts at the average of the last seven; -1 where nothing was granted.',
    )
    .set(view.daysLeft ?? -1);
  const { walletId: treasuryId } = platformSigner(deps, 'treasury');
  // Less than the largest refill: somebody is refused at any moment, if not already.
  if (view.paymentsLeft < GAS_POLICY.reserve.target) {
    await raiseAlarm(deps, deps.db, {
      kind: 'treasury-low',
      subject: treasuryId,
      detail: `Expected the treasury ${view.treasuryAddress} to hold gas for ${GAS_POLICY.reserve.target} payments above its floor of ${view.floor} base units, got ${view.available}. Grants stop at the floor, and then payments of wallets without gas are refused. Send coin to it.`,
    });
  }
  const refill = view.paymentFee * BigInt(GAS_POLICY.member.target);
  if (view.grantedToday + refill > view.dayBudget) {
    await raiseAlarm(deps, deps.db, {
      kind: 'gas-budget',
      subject: 'all wallets',
      detail: `Expected grants of less than ${view.dayBudget} base units on ${dayOf(deps.clock.nowMs())}, got ${view.grantedToday}. Find out who spends it before you raise GAS_DAY_PAYMENTS.`,
    });
  }
  await watchMembers(deps, view);
}

async function watchMembers(deps: WatchDeps, view: OperatorGasView): Promise<void> {
  const onDay = dayOf(deps.clock.nowMs());
  const walletIds = await grantRows.membersGrantedAbove(deps.db, {
    onDay,
    above: view.memberDayBudget - view.paymentFee * BigInt(GAS_POLICY.member.target),
    limit: MEMBERS_MAX,
  });
  for (const walletId of walletIds) {
    await raiseAlarm(deps, deps.db, {
      kind: 'gas-budget',
      subject: walletId,
      detail: `Expected grants of less than ${view.memberDayBudget} base units to wallet ${walletId} on ${onDay}, got nearly all of them. A busy till, or somebody who drains the treasury: look at its payments.`,
    });
  }
}

/** UTC. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

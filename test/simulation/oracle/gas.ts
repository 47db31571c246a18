/** What holds of gas whatever sybils do (INV-10): budgets, floor, the alarm, and no grant for a payment to oneself. */
import { GAS_POLICY, type GasLimits } from '../../../apps/server/src/transfers/gas-policy.ts';
import type { Platform, SimulatedMember } from '../platform.ts';
import type { Surroundings } from '../surroundings.ts';
import { expectRule } from '../violation.ts';

export interface GasScene {
  platform: Platform;
  surroundings: Pick<Surroundings, 'node' | 'wire'>;
  limits: GasLimits;
  /** Of the dearest payment, base units. */
  fee: bigint;
}

/** Milliseconds since 1970. */
export interface AlarmTimes {
  /** Less than one refill was left of a day's budget. */
  dueAtMs: number;
  raisedAtMs: number;
  /** A payment was refused because the budget was used up. Null where none was. */
  refusedAtMs: number | null;
}

const ALARM_MS = 60_000;

/** What the rows say was granted and what the chain has left of the treasury, which it returns. Not while a transaction is open. */
export function checkBudgets({ platform, surroundings: { node, wire }, limits }: GasScene): bigint {
  const treasury = node.state.accounts.get(platform.treasury)!.native;
  expectRule(treasury >= limits.floor, 'INV-10', () => `the treasury has ${treasury}, its floor is ${limits.floor}`);
  for (const [day, granted] of grantedByDay(wire))
    expectRule(granted <= limits.day, 'INV-10', () => `granted ${granted} on ${day}, the budget is ${limits.day}`);
  const [member] = wire.rows<{ wallet_id: string; granted: string }>(`
    select g.wallet_id, sum(g.amount)::text as granted from gas_grants g join wallets w on w.id = g.wallet_id
    where w.kind = 'member' group by g.wallet_id, (g.requested_at at time zone 'UTC')::date
    having sum(g.amount) > ${limits.memberDay}`);
  expectRule(member === undefined, 'INV-10', () => `granted ${member!.granted} to ${member!.wallet_id} on one day`);
  return treasury;
}

/** Base units granted on each day (UTC). */
export function grantedByDay(wire: Surroundings['wire']): Map<string, bigint> {
  const rows = wire.rows<{ day: string; granted: string }>(`
    select (requested_at at time zone 'UTC')::date::text as day, sum(amount)::text as granted from gas_grants group by 1 order by 1`);
  return new Map(rows.map((row) => [row.day, BigInt(row.granted)]));
}

/** The alarm that a day's budget comes to its end, in time. Null where none came near its end. */
export function checkAlarm({ surroundings, limits, fee }: GasScene, refusedAtMs: number | null): AlarmTimes | null {
  const { wire } = surroundings;
  const refill = fee * BigInt(GAS_POLICY.member.target);
  const [due] = wire.rows<{ at: string | null }>(`
    select min(requested_at)::text as at from (
      select requested_at, sum(amount) over (partition by (requested_at at time zone 'UTC')::date order by requested_at, id) as granted
      from gas_grants
    ) g where granted > ${limits.day - refill}`);
  const [alarm] = wire.rows<{ at: string | null }>(
    `select min(raised_at)::text as at from alarms where kind = 'gas-budget' and subject = 'all wallets'`,
  );
  if (due!.at === null) {
    expectRule(refusedAtMs === null, 'INV-10', () => 'a payment was refused for a budget that was not used up');
    return null;
  }
  const dueAtMs = new Date(due!.at).getTime();
  const raisedAtMs = alarm!.at === null ? Infinity : new Date(alarm!.at).getTime();
  expectRule(
    raisedAtMs - dueAtMs <= ALARM_MS,
    'INV-10',
    () =>
      `the budget was nearly used up, and ${raisedAtMs === Infinity ? 'no alarm came' : `the alarm came ${raisedAtMs - dueAtMs} ms later`}`,
  );
  return { dueAtMs, raisedAtMs, refusedAtMs };
}

/** Payments to oneself, by their keys, and members who have tried nothing else: there is nothing of them, and they got no coin. */
export function checkSelfPayments(
  { platform, surroundings: { node, wire } }: GasScene,
  { keys, selfish }: { keys: readonly string[]; selfish: readonly SimulatedMember[] },
): void {
  const [transfer] = wire.rows<{ id: string }>(`
    select id from transfers where payer_wallet_id = payee_wallet_id or id = any('{${keys.join(',')}}'::uuid[])`);
  expectRule(transfer === undefined, 'INV-10', () => `there is a payment ${transfer!.id} to oneself`);
  const ids = selfish.map(({ walletId }) => walletId).join(',');
  const [grant] = wire.rows<{ id: string }>(`
    select id from gas_grants
    where wallet_id = any('{${ids}}'::uuid[]) or for_source = any('{${keys.join(',')}}'::uuid[])`);
  expectRule(grant === undefined, 'INV-10', () => `gas was granted for a payment to oneself: ${grant!.id}`);
  for (const { name, address } of selfish) {
    const { nonce, native } = node.state.accounts.get(address)!;
    expectRule(
      nonce === 0 && native === 0n,
      'INV-10',
      () => `${name} has tried only to pay themselves and has ${native} after ${nonce} transactions`,
    );
  }
  for (const { transaction } of node.state.executed.values()) {
    const { intent, from, hash } = transaction;
    expectRule(
      intent.kind !== 'transfer' || intent.to !== from || platform.chain.state.executed.has(hash),
      'INV-10',
      () => `${from} has paid themselves on the chain`,
    );
  }
}

import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeClock, systemClock } from '@jigeum/std';
import { safeNumber } from '#platform';
import { decideGrants, paymentFee, type AskedGrant, type GasLimits } from './gas-policy.ts';
import { refillGasJob } from './refill-job.ts';
import { startTestPlatform, type TestMember, type TestPlatform } from './testing.ts';
import { gasView } from './watch-gas.ts';

describe('the decision on grants', () => {
  const coin = fc.bigInt({ min: 1n, max: 40n });
  const limits = fc.record<GasLimits>({ memberDay: coin, day: coin, floor: coin });
  const asked = fc.array(
    fc.record<AskedGrant>({
      walletId: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('member', 'reserve'),
      amount: coin,
      cost: coin,
    }),
  );

  it('keeps every budget and the floor, whatever is asked in whatever order', () => {
    fc.assert(
      fc.property(asked, limits, coin, (list, bounds, treasury) => {
        const verdicts = decideGrants(list, {
          limits: bounds,
          grantedToday: new Map([['a', 1n]]),
          grantedTodayInAll: 1n,
          treasury,
        });
        const granted = list.filter((_, index) => verdicts[index] === 'granted');
        const sum = (of: readonly AskedGrant[], what: 'amount' | 'cost') =>
          of.reduce((all, each) => all + each[what], 0n);
        const ofMember = (walletId: string) =>
          sum(
            granted.filter((each) => each.walletId === walletId && each.kind === 'member'),
            'amount',
          );
        if (granted.length > 0) {
          expect(sum(granted, 'amount') + 1n <= bounds.day).toBe(true);
          expect(treasury - sum(granted, 'cost') >= bounds.floor).toBe(true);
        }
        for (const walletId of ['a', 'b', 'c']) expect(ofMember(walletId) <= bounds.memberDay).toBe(true);
        // What is refused does not fit behind what was granted before it.
        expect(verdicts).toHaveLength(list.length);
      }),
    );
  });

  it('says which limit it was, and takes the next one that fits', () => {
    const grant = (walletId: string, amount: bigint, kind: 'member' | 'reserve' = 'member') => ({
      ...{ walletId, kind, amount },
      cost: amount + 1n,
    });
    expect(
      decideGrants(
        [grant('a', 6n), grant('a', 5n), grant('b', 11n, 'reserve'), grant('c', 4n), grant('c', 3n), grant('d', 2n)],
        {
          limits: { memberDay: 10n, day: 21n, floor: 100n },
          ...{ grantedToday: new Map(), grantedTodayInAll: 0n, treasury: 123n },
        },
      ),
    ).toEqual(['granted', 'member-day', 'granted', 'floor', 'granted', 'day']);
  });
});

describe('the budgets of a day', () => {
  let platform: TestPlatform;
  let payer: TestMember;
  let payee: TestMember;
  beforeAll(async () => {
    // It is noon: no day ends before the tests do.
    const [noonMs, beginMs] = [Date.UTC(2026, 0, 15, 12), systemClock.monotonicMs()];
    const clock = { ...systemClock, nowMs: () => noonMs + Math.floor(systemClock.monotonicMs() - beginMs) };
    platform = await startTestPlatform({ hasGasPrefund: false, clock });
    payer = await platform.join('payer');
    payee = await platform.join('payee');
    await platform.fund(payer, 1_000n);
  });
  afterAll(() => platform.stop());

  /** The same platform with other settings. */
  const withGas = (gas: Partial<TestPlatform['deps']['config']['gas']>) => ({
    ...platform.deps,
    config: { ...platform.deps.config, gas: { ...platform.deps.config.gas, ...gas } },
  });
  const openAlarms = async () => {
    const { rows } = await sql<{ kind: string; subject: string }>`
      select kind, subject from alarms where resolved_at is null order by kind, subject
    `.execute(platform.deps.db);
    return rows;
  };
  const run = (deps: Parameters<typeof refillGasJob>[0]) => refillGasJob(deps).run(new AbortController().signal);
  const treasury = async () => {
    const { rows } = await sql<{ id: string; gas_available: bigint; address: string }>`
      select id, gas_available, address from wallets where kind = 'treasury'
    `.execute(platform.deps.db);
    return rows[0]!;
  };
  const daySum = async (walletId: string) => {
    const { rows } = await sql<{ granted: bigint }>`
      select granted from gas_grant_days where wallet_id = ${walletId}
    `.execute(platform.deps.db);
    return rows[0]?.granted ?? 0n;
  };

  it('are the settings, reserved with the payment, and a refused payment reserves nothing', async () => {
    expect(await openAlarms()).toEqual([]);
    const before = [await daySum(payer.walletId), await daySum((await treasury()).id)];
    const spent = safeNumber(before[1]! / paymentFee(platform.deps.chain, (await treasury()).address));
    for (const deps of [withGas({ memberDayPayments: 0 }), withGas({ dayPayments: spent })])
      await expect(platform.pay(payer, payee, 1n, undefined, deps)).rejects.toMatchObject({ code: 'service-busy' });
    expect([await daySum(payer.walletId), await daySum((await treasury()).id)]).toEqual(before);
    expect(await platform.balance(payer)).toMatchObject({ held: 0n });
    await platform.pay(payer, payee, 1n, undefined, withGas({ memberDayPayments: 1, dayPayments: spent + 1 }));
    expect(await daySum(payer.walletId)).toBeGreaterThan(before[0]!);
    await platform.settle();
    // That was the day's last: what was granted today counts, to this member and in all.
    await sql`update wallets set gas_available = 0 where id = ${payer.walletId}`.execute(platform.deps.db);
    for (const deps of [withGas({ memberDayPayments: 1 }), withGas({ dayPayments: spent + 1 })])
      await expect(platform.pay(payer, payee, 1n, undefined, deps)).rejects.toMatchObject({ code: 'service-busy' });
  });

  it('raise an alarm at the next look when they are used up', async () => {
    const today = await daySum(payer.walletId);
    const fee = paymentFee(platform.deps.chain, (await treasury()).address);
    const all = await daySum((await treasury()).id);
    const memberDayPayments = safeNumber(today / fee) + 1;
    await run(withGas({ memberDayPayments, dayPayments: safeNumber(all / fee) + 1 }));
    const expected = [
      { kind: 'gas-budget', subject: payer.walletId },
      { kind: 'gas-budget', subject: 'all wallets' },
    ];
    expect(await openAlarms()).toEqual(expect.arrayContaining(expected));
  });

  it('leave the treasury its floor: grants stop there, with an alarm', async () => {
    const { id, gas_available: available } = await treasury();
    const fee = paymentFee(platform.deps.chain, (await treasury()).address);
    const deps = withGas({ treasuryFloorPayments: safeNumber(available / fee) });
    await sql`update wallets set gas_available = 0 where id = ${payer.walletId}`.execute(platform.deps.db);
    await expect(platform.pay(payer, payee, 1n, undefined, deps)).rejects.toMatchObject({ code: 'service-busy' });
    await run(deps);
    expect(await openAlarms()).toContainEqual({ kind: 'treasury-low', subject: id });
    expect((await treasury()).gas_available).toBe(available);
  });

  it('tell the operator how many days are left at the average of the last seven', async () => {
    const { id, gas_available: available } = await treasury();
    // A day that never ends, far from those on which this machine grants.
    const deps = { ...platform.deps, clock: fakeClock(Date.UTC(2030, 0, 15)) };
    const fee = paymentFee(platform.deps.chain, (await treasury()).address);
    const grantFee = platform.deps.chain.feeOf({ kind: 'native', to: payer.address, amount: 1n });
    expect(await gasView(deps)).toMatchObject({ spentPerDay: 0n, daysLeft: null, available });
    await sql`
      insert into gas_grant_days (wallet_id, on_day, granted, grants)
      select ${id}, date '2030-01-15' - d, ${70n * fee}, 7 from generate_series(0, 9) as d
    `.execute(platform.deps.db);
    const spentPerDay = 70n * fee + 7n * grantFee;
    const left = available - 1_000n * fee;
    const soon = { ...deps.config.gas, treasuryFloorPayments: safeNumber(available / fee) - 355 };
    expect(await gasView({ ...deps, config: { ...deps.config, gas: soon } })).toMatchObject({
      paymentsLeft: 355,
      daysLeft: safeNumber((10n * (available - (available / fee - 355n) * fee)) / spentPerDay) / 10,
    });
    expect(await gasView(deps)).toMatchObject({
      spentPerDay,
      paymentsLeft: safeNumber(left / fee),
      daysLeft: 36_525,
    });
  });
});

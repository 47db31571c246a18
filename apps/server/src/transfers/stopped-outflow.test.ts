import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTrx } from '#platform';
import { recordStop, waitForSigners, type StopScope } from '#protection';
import { refillGasJob } from './refill-job.ts';
import { startTestPlatform, type TestMember, type TestPlatform } from './testing.ts';

let platform: TestPlatform;
const members: TestMember[] = [];

beforeAll(async () => {
  platform = await startTestPlatform();
  for (const name of ['alice', 'bobby', 'carol', 'daisy']) members.push(await platform.join(name));
  await platform.settle();
  for (const member of members) await platform.fund(member, 1_000_000n);
});
afterAll(() => platform.stop());

/** As the operator's route does it: when this has returned, the stop holds. */
async function stop(on: StopScope): Promise<string> {
  const { stopId } = await inTrx(platform.deps, (trx) =>
    recordStop(platform.deps, trx, { on, cause: 'operator', reason: 'a test', by: 'operator' }),
  );
  if (on.scope !== 'wallet') await waitForSigners(platform.deps);
  return stopId;
}

const lift = (stopId: string) =>
  sql`update outflow_stops set lifted_at = now(), lifted_by = 'operator', lift_reason = 'over' where id = ${stopId}`.execute(
    platform.deps.db,
  );

async function signatures(walletId: string | null = null): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from chain_outbox where ${walletId}::uuid is null or wallet_id = ${walletId}::uuid
  `.execute(platform.deps.db);
  return rows[0]!.count;
}

const refusal = (error: unknown) => (error as { code?: string }).code ?? 'none';
const payAndTell = (payer: TestMember, payee: TestMember) =>
  platform.pay(payer, payee, 1n).then(() => 'signed', refusal);

test('signs nothing for a wallet once its freeze has returned, in 200 races against payments', async () => {
  let signed = 0;
  let refused = 0;
  for (let round = 0; round < 50; round++) {
    await Promise.all(
      members.map(async (payer, index) => {
        const payee = members[(index + 1) % members.length]!;
        const payments = Array.from({ length: 3 }, () => payAndTell(payer, payee));
        const stopId = await stop({ scope: 'wallet', walletId: payer.walletId });
        const atReturn = await signatures(payer.walletId);
        const outcomes = await Promise.all([...payments, payAndTell(payer, payee)]);
        expect(await signatures(payer.walletId)).toBe(atReturn);
        expect(outcomes.at(-1)).toBe('wallet-frozen');
        signed += outcomes.filter((outcome) => outcome === 'signed').length;
        refused += outcomes.filter((outcome) => outcome === 'wallet-frozen').length;
        expect(outcomes.filter((outcome) => outcome !== 'signed' && outcome !== 'wallet-frozen')).toEqual([]);
        await lift(stopId);
      }),
    );
    if (round % 10 === 9) await platform.settle();
  }
  // Both sides of the race were seen: else it was none.
  expect(signed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(200);
});

test('signs nothing at all once a stop of the platform has returned, in 30 races', async () => {
  for (let round = 0; round < 30; round++) {
    const payments = members.flatMap((payer, index) => [
      payAndTell(payer, members[(index + 1) % members.length]!),
      payAndTell(payer, members[(index + 2) % members.length]!),
    ]);
    const stopId = await stop({ scope: 'platform' });
    const atReturn = await signatures();
    const outcomes = await Promise.all(payments);
    expect(await signatures()).toBe(atReturn);
    expect(outcomes.filter((outcome) => outcome !== 'signed' && outcome !== 'outflow-stopped')).toEqual([]);
    await lift(stopId);
    if (round % 5 === 4) await platform.settle();
  }
});

test('leaves money, nonce and budget as they were where a stop refuses a payment', async () => {
  await platform.settle();
  const [payer, payee] = [members[0]!, members[1]!];
  const facts = async () => [
    await platform.balance(payer),
    (await sql`select next_nonce, gas_available from wallets where id = ${payer.walletId}`.execute(platform.deps.db))
      .rows,
    await signatures(),
  ];
  const before = await facts();
  const stopId = await stop({ scope: 'platform' });
  expect(await payAndTell(payer, payee)).toBe('outflow-stopped');
  expect(await facts()).toEqual(before);
  await lift(stopId);
  expect(await payAndTell(payer, payee)).toBe('signed');
  await platform.settle();
});

test('stops one token and leaves the platform alone', async () => {
  const { rows } = await sql<{ id: string }>`select id from tokens where symbol = 'EST'`.execute(platform.deps.db);
  const stopId = await stop({ scope: 'token', tokenId: rows[0]!.id });
  expect(await payAndTell(members[0]!, members[1]!)).toBe('outflow-stopped');
  await lift(stopId);
  expect(await payAndTell(members[0]!, members[1]!)).toBe('signed');
  await platform.settle();
});

test('lets a frozen wallet receive, and grants it no gas', async () => {
  const [payer, payee] = [members[0]!, members[1]!];
  const before = await platform.balance(payee);
  const stopId = await stop({ scope: 'wallet', walletId: payee.walletId });
  await platform.pay(payer, payee, 7n);
  await platform.settle();
  expect(await platform.balance(payee)).toEqual({ ...before, available: before.available + 7n });

  await sql`update wallets set needs_gas = true, gas_available = 0 where id = ${payee.walletId}`.execute(
    platform.deps.db,
  );
  await refillGasJob(platform.deps).run(new AbortController().signal);
  const { rows } = await sql`
    select from gas_grants where wallet_id = ${payee.walletId} and state = 'accepted'
  `.execute(platform.deps.db);
  expect(rows).toEqual([]);
  await lift(stopId);
});

test('refuses in the database to store signed bytes that nobody asked about', async () => {
  const stopId = await stop({ scope: 'platform' });
  const insert = sql`
    insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, state, next_attempt_at, created_at)
    select gen_random_uuid(), 'transfer', gen_random_uuid(), ${members[0]!.walletId}, 1000000, '\\x00',
           decode(repeat('ab', 32), 'hex'), 0, 'signed', now(), now()
  `.execute(platform.deps.db);
  await expect(insert).rejects.toMatchObject({ constraint: 'outflow_stopped' });
  await lift(stopId);
});

test('keeps a lifted stop as it was', async () => {
  const stopId = await stop({ scope: 'platform' });
  await lift(stopId);
  await expect(
    sql`update outflow_stops set lift_reason = 'another' where id = ${stopId}`.execute(platform.deps.db),
  ).rejects.toMatchObject({ code: '23514' });
});

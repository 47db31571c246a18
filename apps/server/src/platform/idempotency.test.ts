import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { AppError } from './app-error.ts';
import { inTrx } from './db.ts';
import { findAnswer, idempotently, type IdempotentCall } from './idempotency.ts';
import { createTestDeps } from './testing.ts';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.database.drop());

const call = (key: string, body = 1): IdempotentCall<'cancelCharge'> => ({
  route: 'cancelCharge',
  actor: 'member:one',
  key,
  bodyHash: new Uint8Array(32).fill(body),
});

/** An effect that can be counted: one row in rate_counts a run. */
const effects = async (scope: string): Promise<number> => {
  const { rows } = await sql<{ hits: number }>`select hits from rate_counts where scope = ${scope}`.execute(deps.db);
  return rows[0]?.hits ?? 0;
};

const run = (given: IdempotentCall<'cancelCharge'>, scope: string, chargeId: string) =>
  inTrx(deps, (trx) =>
    idempotently(deps, trx, given, async () => {
      await sql`insert into rate_counts values (${scope}, 'x', 'epoch', 1)
        on conflict (scope, subject, window_start) do update set hits = rate_counts.hits + 1`.execute(trx);
      return charge(chargeId);
    }),
  );

const charge = (chargeId: string) => ({
  chargeId,
  state: 'cancelled' as const,
  amountWon: 5000n,
  token: { symbol: 'EST', name: 'eSportsToken', decimals: 18, wonPerToken: '1', isPaused: false },
  amount: 5000n * 10n ** 18n,
  bank: { bankName: 'a', accountNumber: 'b', holderName: 'c' },
  depositCode: 'd',
  requestedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-02T00:00:00.000Z',
  doneAt: null,
  isSimulation: true,
});

const KEY = (last: number) => `018f0000-0000-7000-8000-${String(last).padStart(12, '0')}`;

describe('a key of one actor and route', () => {
  test('fifty concurrent twins have one effect and get the same bytes', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => run(call(KEY(1)), 'twins', KEY(100 + index))),
    );
    expect(await effects('twins')).toBe(1);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers.filter((answer) => !answer.isReplay)).toHaveLength(1);
  });

  test('gets the stored answer later, byte for byte', async () => {
    const first = await run(call(KEY(2)), 'later', KEY(200));
    const second = await run(call(KEY(2)), 'later', KEY(201));
    expect(second).toEqual({ status: 200, text: first.text, isReplay: true });
    expect(JSON.parse(first.text)).toMatchObject({ amount: '5000000000000000000000', amountWon: '5000' });
  });

  test('is refused with another body', async () => {
    await run(call(KEY(3)), 'other-body', KEY(300));
    await expect(run(call(KEY(3), 2), 'other-body', KEY(301))).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    expect(await effects('other-body')).toBe(1);
  });

  test('of another actor is another request', async () => {
    await run(call(KEY(4)), 'actors', KEY(400));
    await run({ ...call(KEY(4)), actor: 'member:two' }, 'actors', KEY(401));
    expect(await effects('actors')).toBe(2);
  });

  test('stays free where the effect was refused', async () => {
    const refused = inTrx(deps, (trx) =>
      idempotently(deps, trx, call(KEY(5)), async () => {
        throw new AppError('balance-too-low');
      }),
    );
    await expect(refused).rejects.toMatchObject({ code: 'balance-too-low' });
    expect(await findAnswer(deps, call(KEY(5)))).toBeUndefined();
    expect((await run(call(KEY(5)), 'after-refusal', KEY(500))).isReplay).toBe(false);
  });

  test('cannot be changed or removed by the application', async () => {
    await expect(sql`delete from idempotency_keys`.execute(deps.db)).rejects.toMatchObject({ code: '42501' });
    await expect(sql`update idempotency_keys set response = '{}'`.execute(deps.db)).rejects.toMatchObject({
      code: '42501',
    });
  });
});

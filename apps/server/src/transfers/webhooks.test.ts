/** The end of a transfer is told by rows of the transaction that posts it. */
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirmJob } from './confirm-job.ts';
import { submitJob } from './submit-job.ts';
import { changeToken } from './token-operations.ts';
import { noHooks, startTestPlatform, type TestMember, type TestPlatform } from './testing.ts';

const EST = 10n ** 18n;

let platform: TestPlatform;
let [payer, payee]: TestMember[] = [];
beforeAll(async () => {
  platform = await startTestPlatform();
  [payer, payee] = [await platform.join('payer'), await platform.join('payee')];
  await platform.fund(payer, 100n * EST);
});
afterAll(() => platform.stop());

async function toldOf(subject: string) {
  const { rows } = await sql<{ type: string; sequence: number; body: string; state: string }>`
    select type, sequence, body, state from webhook_deliveries where subject_id = ${subject}
  `.execute(platform.deps.db);
  return rows;
}

async function finalAt(transferId: string): Promise<string> {
  const { rows } = await sql<{ final_at: Date }>`select final_at from transfers where id = ${transferId}`.execute(
    platform.deps.db,
  );
  return rows[0]!.final_at.toISOString();
}

const addEndpoint = (url: string) =>
  sql<{ id: string }>`
    insert into webhook_endpoints (id, url, created_at) values (gen_random_uuid(), ${url}, now()) returning id
  `.execute(platform.deps.db);

test('without an endpoint no row is written', async () => {
  const transferId = await platform.pay(payer!, payee!, EST);
  await platform.settle();
  expect(await toldOf(transferId)).toEqual([]);
});

describe('with two endpoints', () => {
  beforeAll(async () => {
    await addEndpoint('https://till.example/1');
    await addEndpoint('https://till.example/2');
  });

  test('a final payment is told to both by one text, with ids and the amount', async () => {
    const transferId = await platform.pay(payer!, payee!, 12_000n * 10n ** 15n);
    const woken: string[] = [];
    await platform.settle({ ...platform.deps, wake: (job) => void woken.push(job) });
    expect(woken).toContain('deliver-webhooks');
    const rows = await toldOf(transferId);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
    expect(rows[0]).toMatchObject({ type: 'payment.final', sequence: 1, state: 'pending' });
    const { rows: tokens } = await sql<{ id: string }>`select id from tokens where symbol = 'EST'`.execute(
      platform.deps.db,
    );
    expect(JSON.parse(rows[0]!.body)).toEqual({
      type: 'payment.final',
      timestamp: await finalAt(transferId),
      data: {
        ...{ transferId, kind: 'payment', state: 'final', sequence: 1, tokenId: tokens[0]!.id, token: 'EST' },
        ...{ amount: '12000000000000000000', payerWalletId: payer!.walletId, payeeWalletId: payee!.walletId },
      },
    });
  });

  test("a charge's tokens that have arrived are told as a charge", async () => {
    await platform.fund(payer!, EST);
    const { rows } = await sql<{ type: string; kind: string }>`
      select type, body::jsonb -> 'data' ->> 'kind' as kind from webhook_deliveries where type like 'charge.%'
    `.execute(platform.deps.db);
    expect(rows).toEqual([
      { type: 'charge.final', kind: 'charge' },
      { type: 'charge.final', kind: 'charge' },
    ]);
  });

  test('a posting that is rolled back at its last statement tells nobody, and tells once when it is repeated', async () => {
    const transferId = await platform.pay(payer!, payee!, EST);
    const owner = new pg.Client({ connectionString: platform.deps.database.ownerUrl });
    await owner.connect();
    try {
      await owner.query(`
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
        create trigger refuse before update on balances for each statement execute function refuse()`);
      await expect(platform.settle()).rejects.toThrow('Expected to post what the chain says');
      expect(await toldOf(transferId)).toEqual([]);
      await owner.query('drop trigger refuse on balances');
    } finally {
      await owner.end();
    }
    await platform.settle();
    expect(await toldOf(transferId)).toHaveLength(2);
    await platform.settle();
    expect(await toldOf(transferId)).toHaveLength(2);
  });

  test('a payment that the chain has refused is told as returned', async () => {
    const transferId = await platform.pay(payer!, payee!, EST);
    await sql`update chain_outbox set next_attempt_at = now() + interval '1 hour' where source_id = ${transferId}`.execute(
      platform.deps.db,
    );
    await change('operatorPause');
    await untilToken('paused');
    await sql`update chain_outbox set next_attempt_at = now() where source_id = ${transferId}`.execute(
      platform.deps.db,
    );
    await platform.settle();
    const rows = await toldOf(transferId);
    expect(rows.map(({ type }) => type)).toEqual(['payment.returned', 'payment.returned']);
    expect(JSON.parse(rows[0]!.body)).toMatchObject({ data: { state: 'returned', amount: EST.toString() } });
    await change('operatorUnpause');
    await untilToken('active');
  });
});

async function change(route: 'operatorPause' | 'operatorUnpause') {
  const key = platform.deps.ids.uuid(platform.deps.clock.nowMs());
  const idempotency = { route, actor: 'operator', key, bodyHash: new Uint8Array(32) };
  await changeToken(platform.deps, { idempotency, symbol: 'EST', amount: 0n, reason: 'a test' });
}

async function untilToken(state: string) {
  const jobs = [submitJob(platform.deps), confirmJob(platform.deps, noHooks)];
  const next = async () => {
    for (const job of jobs) await job.run(new AbortController().signal);
    const { rows } = await sql<{ state: string }>`select state from tokens`.execute(platform.deps.db);
    return rows[0]!.state;
  };
  await expect.poll(next, { timeout: 20_000 }).toBe(state);
}

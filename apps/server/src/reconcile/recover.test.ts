import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deps } from '#deps';
import { chargeHooks, chargeJobs } from '#charges';
import { inTrx } from '#platform';
import { payFromReserve, submitJob } from '#transfers';
import { createTestDatabase, type TestDatabase } from '#testing';
import { backUp, restore } from '../platform/backup.ts';
import { signerOf, startTestPlatform, type TestMember, type TestPlatform } from '../transfers/testing.ts';
import { comparePage, compareSums } from './full-pass.ts';
import { checkAtStart, quarantineReason } from './quarantine.ts';
import { applyRecovery, endQuarantine, planRecovery } from './recover.ts';
import { followChain, openAlarms, openStops, tryToPay } from './testing.ts';

const signal = new AbortController().signal;
let platform: TestPlatform;
let folder: string;
let database: TestDatabase | undefined;
let restored: Deps;
let payer: TestMember;
let payee: TestMember;
let sleeper: TestMember;
let lost: TestMember;
const hashes = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jigeum-recover-'));
  platform = await startTestPlatform();
  payer = await platform.join('payer');
  payee = await platform.join('payee');
  sleeper = await platform.join('sleeper');
  await platform.settle();
  for (const member of [payer, payee, sleeper]) await platform.fund(member, 1_000n);
  await platform.pay(payer, payee, 100n);
  await platform.settle();
  await followChain(platform.deps);

  // Signed and not sent when the backup is taken: one is sent later, one is overtaken by other bytes of its nonce.
  const early = await platform.pay(payer, payee, 11n);
  await platform.pay(sleeper, payee, 12n);
  const charge = await paidCharge(payee, 77n);
  await backUp({ url: platform.deps.database.ownerUrl }, join(folder, 'older'));

  await overtake(sleeper, payee.address, 13n);
  await platform.settle();
  hashes.set('early', await hashOf(early));
  await sendTokens(charge);
  await platform.pay(payer, payee, 200n);
  await platform.pay(payee, payer, 300n);
  lost = await platform.join('latecomer');
  await platform.settle();
  await platform.fund(lost, 50n);
  await platform.pay(lost, payee, 20n);
  await platform.settle();
  await followChain(platform.deps);

  database = await createTestDatabase({ connectionsMax: 40 });
  await restore({ url: database.ownerUrl }, join(folder, 'older'));
  restored = { ...platform.deps, db: database.db };
}, 120_000);
afterAll(async () => {
  await database?.drop();
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A deposit has arrived and its tokens were not sent yet. */
async function paidCharge(member: TestMember, amount: bigint): Promise<string> {
  const id = platform.deps.ids.uuid(platform.deps.clock.nowMs());
  await sql`
    insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at, expires_at, paid_at)
    select ${id}, ${member.id}, ${member.walletId}, id, 1, ${amount}, ${id}, 'paid', now() - interval '1 minute', now(), now()
    from tokens where symbol = 'EST'
  `.execute(platform.deps.db);
  return id;
}

async function sendTokens(chargeId: string): Promise<void> {
  await inTrx(platform.deps, async (trx) => {
    const { rows } = await sql<{ wallet_id: string; token_id: string; amount: bigint }>`
      select wallet_id, token_id, amount from charges where id = ${chargeId}
    `.execute(trx);
    const { wallet_id: walletId, token_id: tokenId, amount } = rows[0]!;
    await payFromReserve(platform.deps, trx, { chargeId, walletId, tokenId, amount });
  });
}

/** Other bytes of the wallet's next nonce on the chain are sent. */
async function overtake(from: TestMember, to: string, amount: bigint): Promise<void> {
  const { chain } = platform.deps;
  const signed = chain.sign({
    intent: { kind: 'transfer', contract: await platform.contract(), to, amount },
    from: from.address,
    nonce: await chain.finalNonce(from.address),
    signer: signerOf(from.privateKey),
  });
  await chain.broadcast([signed.raw]);
  while ((await chain.outcomes([signed.hash]))[0]!.kind !== 'final') await new Promise((r) => setTimeout(r, 20));
}

async function hashOf(transferId: string): Promise<string> {
  const { rows } = await sql<{ hash: string }>`
    select '0x' || encode(hash, 'hex') as hash from chain_outbox where source_id = ${transferId}
  `.execute(platform.deps.db);
  return rows[0]!.hash;
}

const end = (reason = 'Ledger and chain agree.') =>
  endQuarantine(restored, {
    idempotency: {
      route: 'operatorEndQuarantine',
      actor: 'operator',
      key: restored.ids.uuid(0),
      bodyHash: createHash('sha256').update(reason).digest(),
    },
    reason,
  });

async function figures(deps: Deps): Promise<unknown> {
  const { rows } = await sql`
    select (select count(*) from transfers where state = 'final') as transfers,
           (select count(*) from journal_entries where source_kind <> 'correction') as entries,
           (select count(*) from gas_grants where state = 'final') as grants
  `.execute(deps.db);
  return rows[0];
}

test('a start with an older database begins a quarantine: nothing is signed, nothing is sent, and it says why', async () => {
  await checkAtStart(restored);
  expect(await openStops(restored)).toEqual(['platform quarantine']);
  expect(await openAlarms(restored)).toEqual(['quarantine']);
  expect(await quarantineReason(restored)).toMatch(/that this database has not signed/);
  expect(await tryToPay(platform, payer, payee, restored)).toBe('outflow-stopped');
  await submitJob(restored).run(signal);
  const { rows } = await sql`select from chain_outbox where attempts > 0 and state = 'signed'`.execute(restored.db);
  expect(rows).toEqual([]);
  await expect(end()).rejects.toMatchObject({ code: 'request-invalid' });
});

test('the plan tells what is unknown, and changes nothing', async () => {
  const before = await figures(restored);
  const plan = await planRecovery(restored, { after: 0 });
  expect(plan.isAtHead).toBe(true);
  const what = plan.items.map((item) => `${item.what} ${item.amount}`);
  expect(what).toContain('payment 13');
  expect(what).toContain('signed here, its end was not posted 11');
  expect(what).toContain('charge 77');
  expect(what).toContain('payment 200');
  expect(what).toContain('payment 300');
  expect(what).toContain('other: it pays somebody who has no wallet here 50');
  expect(await figures(restored)).toEqual(before);
});

test('recovery takes over what the chain tells until ledger and chain agree, and repeats without effect', async () => {
  let step = await applyRecovery(restored, chargeHooks(restored));
  while (!step.isAtHead) step = await applyRecovery(restored, chargeHooks(restored));
  const after = await figures(restored);
  const again = await applyRecovery(restored, chargeHooks(restored));
  expect([again.items, again.corrections]).toEqual([[], 0]);
  expect(await figures(restored)).toEqual(after);
  await followChain(restored);
  const page = await comparePage(restored, { after: null, block: null });
  expect(page).toMatchObject({ differences: 0, broken: 0, ahead: 0 });
  expect((await compareSums(restored)).brokenEntries).toBe(0);
});

test('what was signed for a nonce that others have used is superseded, and its money is available again', async () => {
  const { rows } = await sql`
    select o.state, o.is_recovered, t.amount, t.state as transfer from chain_outbox o
    left join transfers t on t.id = o.source_id where o.wallet_id = ${sleeper.walletId} order by o.is_recovered
  `.execute(restored.db);
  expect(rows).toEqual([
    { state: 'superseded', is_recovered: false, amount: 12n, transfer: 'superseded' },
    { state: 'final', is_recovered: true, amount: 13n, transfer: 'final' },
  ]);
  const held = await sql`select from balances where held <> 0`.execute(restored.db);
  expect(held.rows).toEqual([]);
});

test('a payment that was signed before the backup ends as the very same payment', async () => {
  const { rows } = await sql`
    select o.state, o.is_recovered from chain_outbox o where o.hash = decode(substr(${hashes.get('early')!}, 3), 'hex')
  `.execute(restored.db);
  expect(rows).toEqual([{ state: 'final', is_recovered: false }]);
});

test('a charge whose tokens were sent after the backup is done and never sent again', async () => {
  const { rows } = await sql`select state from charges where amount = 77`.execute(restored.db);
  expect(rows).toEqual([{ state: 'done' }]);
});

test('after the quarantine payments work and nothing is doubled', async () => {
  await end();
  expect(await openStops(restored)).toEqual([]);
  expect(await openAlarms(restored)).not.toContain('quarantine');
  const reserveBefore = await comparePage(restored, { after: null, block: null });
  expect(reserveBefore.differences).toBe(0);
  for (const job of chargeJobs(restored)) await job.run(signal);
  const onChain = await platform.onChain(payee.address);
  const id = await platform.pay(payer, payee, 5n, undefined, restored);
  await platform.settle(restored);
  const { rows } = await sql`select state from transfers where id = ${id}`.execute(restored.db);
  expect(rows).toEqual([{ state: 'final' }]);
  expect(await platform.onChain(payee.address)).toBe(onChain + 5n);
  await followChain(restored);
  const page = await comparePage(restored, { after: null, block: null });
  expect(page).toMatchObject({ differences: 0, broken: 0, ahead: 0 });
  await checkAtStart(restored);
  expect(await openStops(restored)).toEqual([]);
});

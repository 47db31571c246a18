import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chargeHooks } from '#charges';
import { scanJob } from '#scanner';
import { submitJob } from '#transfers';
import { signerOf, startTestPlatform, type TestMember, type TestPlatform } from '../transfers/testing.ts';
import { decideFinding } from './decide.ts';
import { comparePage, compareSums, compareTransactions } from './full-pass.ts';
import { reconcileJob } from './reconcile-job.ts';
import { applyRecovery } from './recover.ts';
import { lastEntry } from './store/figures.ts';
import { findingsOf, followChain, openAlarms, openStops, reconcileNow, tryToPay } from './testing.ts';

let platform: TestPlatform;
let payer: TestMember;
let payee: TestMember;

beforeEach(async () => {
  platform = await startTestPlatform();
  payer = await platform.join('payer');
  payee = await platform.join('payee');
  await platform.settle();
  await platform.fund(payer, 1_000n);
  await platform.pay(payer, payee, 100n);
  await platform.settle();
  await reconcileNow(platform);
});
afterEach(() => platform.stop());

const decide = (findingId: string, decision: 'resume' | 'adopt') =>
  decideFinding(platform.deps, {
    idempotency: {
      route: 'operatorDecideFinding',
      actor: 'operator',
      key: platform.deps.ids.uuid(0),
      bodyHash: createHash('sha256').update(decision).digest(),
    },
    findingId,
    decision,
    reason: 'A test has looked.',
  });

const findingIds = async (): Promise<string[]> =>
  (
    await sql<{ id: string }>`select id from reconcile_findings where decision is null order by found_at`.execute(
      platform.deps.db,
    )
  ).rows.map((row) => row.id);

/** A transaction that somebody else sends with a key. */
async function rogue(from: TestMember, to: string, amount: bigint): Promise<string> {
  const { chain } = platform.deps;
  const signed = chain.sign({
    intent: { kind: 'transfer', contract: await platform.contract(), to, amount },
    from: from.address,
    nonce: await chain.finalNonce(from.address),
    signer: signerOf(from.privateKey),
  });
  await chain.broadcast([signed.raw]);
  for (;;) {
    const [outcome] = await chain.outcomes([signed.hash]);
    if (outcome?.kind === 'final') return `0x${Buffer.from(signed.hash).toString('hex')}`;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

describe('a ledger that is right', () => {
  it('raises nothing, whatever is under way', async () => {
    await platform.pay(payer, payee, 5n);
    await reconcileNow(platform);
    await submitJob(platform.deps).run(new AbortController().signal);
    await reconcileNow(platform);
    expect(await openAlarms(platform.deps)).toEqual([]);
    expect(await findingsOf(platform.deps)).toEqual([]);
    await platform.settle();
    await reconcileNow(platform);
    expect(await openStops(platform.deps)).toEqual([]);
  });

  it('is not called wrong while an end is on the chain and not posted yet', async () => {
    await platform.pay(payer, payee, 5n);
    const { chain } = platform.deps;
    const nonce = await chain.finalNonce(payer.address);
    await submitJob(platform.deps).run(new AbortController().signal);
    await expect.poll(() => chain.finalNonce(payer.address)).toBe(nonce + 1);
    // As another process leaves it that has asked for everything and is still posting.
    const head = await platform.deps.chain.head();
    await sql`update chain_progress set posted_block = ${head.number}`.execute(platform.deps.db);
    while ((await scanJob(platform.deps).run(new AbortController().signal)) === 'more');
    await reconcileJob(platform.deps).run(new AbortController().signal);
    expect(await findingsOf(platform.deps)).toEqual([]);
    await platform.settle();
  });

  it('agrees in a full pass: every wallet, every transaction, every sum', async () => {
    const page = await comparePage(platform.deps, { after: null, block: null });
    expect(page).toMatchObject({ wallets: 4, figures: 4, differences: 0, broken: 0, ahead: 0, next: null });
    const transactions = await compareTransactions(platform.deps, { after: null });
    expect(transactions).toMatchObject({ wrong: [], withoutEntry: [], next: null });
    expect(transactions.transactions).toBeGreaterThan(4);
    const sums = await compareSums(platform.deps);
    expect(sums.brokenEntries).toBe(0);
    expect(sums.supply).toHaveLength(1);
    const [est] = sums.supply;
    expect([est!.issued, est!.wallets, est!.expected]).toEqual([est!.chain, est!.chain, est!.chain]);
  });
});

describe('a difference', () => {
  it('names of the entries that were posted together the one that was made last', async () => {
    const { db, ids, clock } = platform.deps;
    const made = Array.from({ length: 9 }, () => ids.uuid(clock.nowMs()));
    // They stand on the disk in an order of their own.
    const stored = [5, 8, 0, 3, 6, 1, 7, 2, 4].map((index) => made[index]!);
    const { rows } = await sql<{ id: string }>`select id from tokens`.execute(db);
    const tokenId = rows[0]!.id;
    const undone = db.transaction().execute(async (trx) => {
      await sql`
        with entry as (
          insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
          select id, 'transfer', id, posted_block, now() from unnest(${stored}::uuid[]) as id, chain_progress returning id
        )
        insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
        select e.id, 1, ${tokenId}, ${payer.walletId}, 1 from entry e
      `.execute(trx);
      throw new Error(`The last one is ${await lastEntry(trx, { walletId: payer.walletId, tokenId })}.`);
    });
    await expect(undone).rejects.toThrow(`The last one is ${made.at(-1)}.`);
  });

  it('of a rogue transaction names both wallets and its hash, puts the platform in quarantine and stops payments', async () => {
    const hash = await rogue(payer, payee.address, 30n);
    await reconcileNow(platform);
    expect(await findingsOf(platform.deps)).toEqual(
      expect.arrayContaining([
        { wallet_id: payer.walletId, ledger: 900n, chain: 870n, unknown_hashes: [hash], decision: null },
        { wallet_id: payee.walletId, ledger: 100n, chain: 130n, unknown_hashes: [hash], decision: null },
      ]),
    );
    expect(await openAlarms(platform.deps)).toEqual(['ledger-differs', 'quarantine']);
    expect(await openStops(platform.deps)).toEqual(['platform mismatch', 'platform quarantine']);
    expect(await tryToPay(platform, payer, payee)).toBe('outflow-stopped');

    let step = await applyRecovery(platform.deps, chargeHooks(platform.deps));
    while (!step.isAtHead) step = await applyRecovery(platform.deps, chargeHooks(platform.deps));
    expect(step.items.map((item) => item.transactionHash)).toEqual([hash]);
    expect((await findingsOf(platform.deps)).map((each) => each.decision)).toEqual(['resume', 'resume']);
    expect(await openStops(platform.deps)).toEqual(['platform quarantine']);
    expect(await openAlarms(platform.deps)).toEqual(['quarantine']);
    expect(await platform.balance(payee)).toMatchObject({ available: 130n });
  });

  it('of a rogue ledger row stops payments until an operator takes over what the chain says', async () => {
    await sql`
      with entry as (
        insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
        select gen_random_uuid(), 'transfer', gen_random_uuid(), posted_block, now() from chain_progress returning id
      )
      insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
      select e.id, s.line, t.id, s.wallet_id, s.amount from entry e, tokens t,
        (values (1, ${payer.walletId}::uuid, -7), (2, ${payee.walletId}::uuid, 7)) as s (line, wallet_id, amount)
    `.execute(platform.deps.db);
    await sql`update balances set available = available - 7 where wallet_id = ${payer.walletId}`.execute(
      platform.deps.db,
    );
    await sql`update balances set available = available + 7 where wallet_id = ${payee.walletId}`.execute(
      platform.deps.db,
    );
    await reconcileNow(platform);
    const found = await findingsOf(platform.deps);
    expect(found.map(({ ledger, chain }) => chain - ledger).sort()).toEqual([-7n, 7n]);
    expect(await openStops(platform.deps)).toEqual(['platform mismatch']);
    expect(await tryToPay(platform, payer, payee)).toBe('outflow-stopped');

    const [first, second] = await findingIds();
    await decide(first!, 'adopt');
    expect(await openStops(platform.deps)).toEqual(['platform mismatch']);
    await decide(second!, 'adopt');
    expect(await openStops(platform.deps)).toEqual([]);
    expect(await platform.balance(payee)).toMatchObject({ available: 100n });
    expect(await tryToPay(platform, payer, payee)).toBe('signed');
    await platform.settle();
    await reconcileNow(platform);
    expect((await findingsOf(platform.deps)).filter((each) => each.decision === null)).toEqual([]);
    const { rows } = await sql<{ count: bigint }>`
      select count(*) as count from journal_entries where source_kind = 'correction'
    `.execute(platform.deps.db);
    expect(rows[0]!.count).toBe(2n);
  });

  it('of a balance that was changed by hand is adopted without an entry, and balance and postings agree again', async () => {
    await sql`update balances set available = available + 5 where wallet_id = ${payee.walletId}`.execute(
      platform.deps.db,
    );
    await reconcileNow(platform);
    await decide((await findingIds())[0]!, 'adopt');
    expect(await platform.balance(payee)).toMatchObject({ available: 100n });
    const page = await comparePage(platform.deps, { after: null, block: null });
    expect(page).toMatchObject({ differences: 0, broken: 0 });
    expect((await compareSums(platform.deps)).brokenEntries).toBe(0);
    const entries = await sql`select from journal_entries where source_kind = 'correction'`.execute(platform.deps.db);
    expect(entries.rows).toEqual([]);
  });

  it('that an operator lives with is no news while it stays, and is when it grows', async () => {
    const raise = () =>
      sql`update balances set available = available + 5 where wallet_id = ${payee.walletId}`.execute(platform.deps.db);
    await raise();
    await reconcileNow(platform);
    await decide((await findingIds())[0]!, 'resume');
    await sql`update outflow_stops set lifted_at = now(), lifted_by = 'operator', lift_reason = 'a test' where lifted_at is null`.execute(
      platform.deps.db,
    );
    await reconcileNow(platform);
    expect(await findingIds()).toEqual([]);
    expect(await openStops(platform.deps)).toEqual([]);
    await raise();
    await reconcileNow(platform);
    expect(await findingsOf(platform.deps)).toContainEqual(
      expect.objectContaining({ ledger: 110n, chain: 100n, decision: null }),
    );
  });

  it('stops only the wallet where the configuration says so', async () => {
    const deps = { ...platform.deps, config: { ...platform.deps.config, mismatchStops: 'subject' as const } };
    await sql`update balances set available = available + 5 where wallet_id = ${payee.walletId}`.execute(deps.db);
    await reconcileNow(platform, deps);
    expect(await openStops(deps)).toContain('wallet mismatch');
    expect(await tryToPay(platform, payee, payer)).toBe('wallet-frozen');
  });
});

describe('the inside of the ledger', () => {
  it('is found broken where a hold is not what is open', async () => {
    await sql`update balances set available = available - 3, held = held + 3 where wallet_id = ${payer.walletId}`.execute(
      platform.deps.db,
    );
    await reconcileNow(platform);
    expect(await openAlarms(platform.deps)).toEqual(['ledger-broken']);
    expect(await openStops(platform.deps)).toEqual(['platform mismatch']);
  });

  it('is found broken where an entry has no source, although no balance moved', async () => {
    await platform.pay(payer, payee, 5n);
    await platform.settle();
    await followChain(platform.deps);
    await sql`
      with entry as (
        insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
        select gen_random_uuid(), 'transfer', gen_random_uuid(), posted_block, now() from chain_progress returning id
      )
      insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
      select e.id, s.line, t.id, s.wallet_id, s.amount from entry e, tokens t,
        (values (1, ${payer.walletId}::uuid, -7), (2, ${payee.walletId}::uuid, 7)) as s (line, wallet_id, amount)
    `.execute(platform.deps.db);
    await reconcileNow(platform);
    expect(await openAlarms(platform.deps)).toContain('ledger-broken');
  });
});

import { createHash } from 'node:crypto';
import type { BroadcastOutcome, ChainDriver } from '@jigeum/chain';
import { fakeClock, systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutAuditLog } from '#testing';
import type { AppError } from '#platform';
import { idempotently, inTrx } from '#platform';
import { confirmJob } from './confirm-job.ts';
import { paymentFee } from './gas-policy.ts';
import { recordPayment } from './request-transfer.ts';
import { refillGasJob } from './refill-job.ts';
import { signAndStore } from './outbox.ts';
import { savePayee } from './store/payees.ts';
import { lockWallet } from './store/wallets.ts';
import { submitJob } from './submit-job.ts';
import { changeToken } from './token-operations.ts';
import {
  noHooks,
  runUntilSettled,
  signerOf,
  startTestPlatform,
  SUPPLY,
  type TestMember,
  type TestPlatform,
} from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

const EST = 10n ** 18n;
const never = new AbortController().signal;

let count = 0;
/** Two people, the first with money, both with gas. */
async function pair(amount: bigint, on = platform): Promise<[TestMember, TestMember]> {
  count++;
  const payer = await on.join(`payer${count}`);
  const payee = await on.join(`payee${count}`);
  await on.fund(payer, amount);
  return [payer, payee];
}

/** Sends what a new payer has signed, and waits until the chain has made all of it final. */
async function sendUntilMined(payer: TestMember, transactions: number): Promise<void> {
  await submitJob(platform.deps).run(never);
  await expect.poll(() => platform.deps.chain.finalNonce(payer.address)).toBe(transactions);
}

/** Ledger, journal and chain agree for everybody, and nothing was made or lost. Independent of the code under test. */
async function expectConserved(on = platform): Promise<void> {
  const { rows } = await sql<{ address: string; total: bigint; posted: bigint; held: bigint }>`
    select w.address, b.available + b.held as total, b.held,
           coalesce((select sum(amount) from journal_postings p where p.wallet_id = w.id and p.token_id = b.token_id), 0) as posted
    from balances b join wallets w on w.id = b.wallet_id
  `.execute(on.deps.db);
  for (const row of rows) {
    expect({ ...row, onChain: await on.onChain(row.address) }).toEqual({
      ...row,
      held: 0n,
      total: row.posted,
      onChain: row.posted,
    });
  }
  const sums = await sql<{ sum: bigint }>`select sum(amount) as sum from journal_postings`.execute(on.deps.db);
  expect(sums.rows[0]!.sum).toBe(0n);
  const facts = await on.deps.chain.contractFacts(await on.contract());
  expect(rows.reduce((sum, row) => sum + row.posted, 0n)).toBe(facts!.supply);
}

/** The gas account of every wallet is what the chain says. */
async function expectGasExact(on = platform): Promise<void> {
  const { rows } = await sql<{ address: string; gas_available: bigint; next_nonce: bigint }>`
    select address, gas_available, next_nonce from wallets where state = 'ready'
  `.execute(on.deps.db);
  for (const row of rows) {
    expect({
      ...row,
      gas: await on.deps.chain.nativeBalance(row.address),
      nonce: BigInt(await on.deps.chain.finalNonce(row.address)),
    }).toEqual({ ...row, gas: row.gas_available, nonce: row.next_nonce });
  }
}

/** Each transfer, grant and token operation has one row of its acceptance and one of its end, which name its signed bytes. */
async function expectAudited(on = platform): Promise<void> {
  const { rows } = await sql<{ id: string; expected: string; found: string }>`
    with sources as (
      select 'payment.accepted' as accepted, 'payment' as noun, 'transfer' as purpose, id, state from transfers
      union all select 'gas.granted', 'gas', 'gas_grant', id, state from gas_grants
      union all select 'token.' || kind, 'token', 'token_operation', id, state from token_operations)
    select s.id, s.accepted || ' ' ||
             case when s.state = 'accepted' then '' else s.noun || case when s.state = 'final' then '.final' else '.returned' end end as expected,
           (select coalesce(string_agg(a.act, ' ' order by a.act like '%.final' or a.act like '%.returned'), '') from audit_log a
            where a.subject = s.id and (a.facts::json)->>'hash' = encode(o.hash, 'hex')) as found
    from sources s join chain_outbox o on o.purpose = s.purpose and o.source_id = s.id
  `.execute(on.deps.db);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => row.expected.trim() !== row.found)).toEqual([]);
}

describe('paying', () => {
  it('moves the amount from payer to payee in ledger and chain alike', async () => {
    const [payer, payee] = await pair(50_000n * EST);
    await platform.pay(payer, payee, 12_000n * EST);
    expect(await platform.balance(payer)).toEqual({ available: 38_000n * EST, held: 12_000n * EST, incoming: 0n });
    expect(await platform.balance(payee)).toEqual({ available: 0n, held: 0n, incoming: 12_000n * EST });
    await platform.settle();
    expect(await platform.balance(payer)).toEqual({ available: 38_000n * EST, held: 0n, incoming: 0n });
    expect(await platform.balance(payee)).toEqual({ available: 12_000n * EST, held: 0n, incoming: 0n });
    await expectConserved();
    await expectGasExact();
  });

  it('lets exactly one of many concurrent payments of the whole balance win (INV-08)', async () => {
    const [payer, payee] = await pair(1_000n * EST);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => platform.pay(payer, payee, 1_000n * EST)),
    );
    const refusals = results
      .filter((result) => result.status === 'rejected')
      .map((result) => result.reason as AppError);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(new Set(refusals.map((refusal) => refusal.code))).toEqual(new Set(['balance-too-low']));
    await platform.settle();
    expect(await platform.balance(payee)).toEqual({ available: 1_000n * EST, held: 0n, incoming: 0n });
    await expectConserved();
  });

  it('executes fifty concurrent requests with one key once and answers all with the same bytes (INV-09)', async () => {
    const [payer, payee] = await pair(1_000n * EST);
    const { deps } = platform;
    const key = deps.ids.uuid(systemClock.nowMs());
    const row = await savePayee(deps.db, {
      id: deps.ids.uuid(systemClock.nowMs()),
      payerMemberId: payer.id,
      payeeMemberId: payee.id,
      at: new Date(systemClock.nowMs()),
    });
    const order = { payeeId: row.id, maskedName: payee.maskedName, token: 'EST', amount: 10n * EST, memo: '' };
    const request = (amount: bigint) =>
      inTrx(deps, (trx) =>
        idempotently(
          deps,
          trx,
          {
            route: 'requestTransfer',
            actor: `member:${payer.id}`,
            key,
            bodyHash: createHash('sha256').update(amount.toString()).digest(),
          },
          () =>
            recordPayment(deps, trx, {
              transferId: key,
              payerMemberId: payer.id,
              signer: signerOf(payer.privateKey),
              order: { ...order, amount },
            }),
        ),
      );
    const answers = await Promise.all(Array.from({ length: 50 }, () => request(10n * EST)));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers.filter((answer) => !answer.isReplay)).toHaveLength(1);
    await expect(request(11n * EST)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    await platform.settle();
    expect(await platform.balance(payee)).toEqual({ available: 10n * EST, held: 0n, incoming: 0n });
    await expectConserved();
  });

  it('lets two members pay each other at the same time without waiting for ever', async () => {
    const [first, second] = await pair(500n * EST);
    await platform.fund(second, 500n * EST);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? platform.pay(first, second, EST) : platform.pay(second, first, EST),
      ),
    );
    await platform.settle();
    expect((await platform.balance(first)).available).toBe(500n * EST);
    await expectConserved();
    await expectGasExact();
  });

  it('refuses what it cannot do, and then holds nothing', async () => {
    const [payer, payee] = await pair(5n * EST);
    const before = await platform.balance(payer);
    await expect(platform.pay(payer, payee, 6n * EST)).rejects.toMatchObject({ code: 'balance-too-low' });
    await expect(platform.pay(payer, payee, 0n)).rejects.toMatchObject({ code: 'amount-out-of-range' });
    await expect(platform.pay(payer, { ...payee, maskedName: '김*수' }, EST)).rejects.toMatchObject({
      code: 'payee-changed',
    });
    expect(await platform.balance(payer)).toEqual(before);
    expect(await platform.balance(payee)).toEqual({ available: 0n, held: 0n, incoming: 0n });
  });
});

describe('sending', () => {
  /** A driver whose answers to a broadcast get lost after the node has taken it. */
  const losing = (chain: ChainDriver, isLost: () => boolean): ChainDriver => ({
    ...chain,
    async broadcast(raws) {
      const outcomes = await chain.broadcast(raws);
      return isLost() ? raws.map(() => ({ kind: 'unknown', cause: 'The answer was lost on purpose.' })) : outcomes;
    },
  });

  it('executes a payment once although every other answer of the node is lost (F32)', async () => {
    const [payer, payee] = await pair(1_000n * EST);
    let calls = 0;
    const deps = { ...platform.deps, chain: losing(platform.deps.chain, () => calls++ % 2 === 0) };
    for (let index = 0; index < 10; index++) {
      await platform.pay(payer, payee, EST);
      await submitJob(deps).run(never);
    }
    await platform.settle(deps);
    expect(calls).toBeGreaterThanOrEqual(10);
    expect(await platform.balance(payee)).toEqual({ available: 10n * EST, held: 0n, incoming: 0n });
    await expectConserved();
  });

  it('shows a lost answer as checking and never as returned, until the chain has spoken (INV-06)', async () => {
    const [payer, payee] = await pair(10n * EST);
    const deps = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) =>
          raws.map(() => ({ kind: 'unknown' as const, cause: 'timeout' })),
      },
    };
    const transferId = await platform.pay(payer, payee, EST);
    await submitJob(deps).run(never);
    const { getTransfer } = await import('./history.ts');
    expect(await getTransfer(deps, { memberId: payer.id, transferId })).toMatchObject({ state: 'checking' });
    expect(await platform.balance(payer)).toEqual({ available: 9n * EST, held: EST, incoming: 0n });
    await platform.settle();
    expect(await getTransfer(deps, { memberId: payer.id, transferId })).toMatchObject({ state: 'final' });
  });

  it('sends after a crash between the commit and the first broadcast (F09)', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, 3n * EST);
    // Nothing of the process that accepted it is left: new jobs know only the database.
    await platform.settle({ ...platform.deps });
    expect(await platform.balance(payee)).toEqual({ available: 3n * EST, held: 0n, incoming: 0n });
  });

  it('sends after a crash between the broadcast and its record (F10), once', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, 3n * EST);
    const dying = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) => {
          await platform.deps.chain.broadcast(raws);
          throw new Error('killed');
        },
      },
    };
    await expect(submitJob(dying).run(never)).rejects.toThrow('killed');
    await platform.settle();
    expect(await platform.balance(payee)).toEqual({ available: 3n * EST, held: 0n, incoming: 0n });
    await expectConserved();
  });

  it('executes everything once while three processes run the same jobs (F59)', async () => {
    const [payer, payee] = await pair(100n * EST);
    for (let index = 0; index < 20; index++) await platform.pay(payer, payee, EST);
    const jobsOf = () => {
      const deps = { ...platform.deps };
      return [refillGasJob(deps), submitJob(deps), confirmJob(deps, noHooks)];
    };
    await Promise.all(Array.from({ length: 3 }, () => runUntilSettled(platform.deps, jobsOf())));
    expect(await platform.balance(payee)).toEqual({ available: 20n * EST, held: 0n, incoming: 0n });
    const entries = await sql<{ count: bigint }>`
      select count(*) as count from journal_entries j join transfers t on t.id = j.source_id
      where t.payer_wallet_id = ${payer.walletId}
    `.execute(platform.deps.db);
    expect(entries.rows[0]!.count).toBe(20n);
    await expectConserved();
    await expectGasExact();
  });

  it('concludes nothing from a nonce that the node calls too low', async () => {
    const [payer, payee] = await pair(10n * EST);
    const deps = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) =>
          raws.map(() => ({ kind: 'refused' as const, reason: 'nonce-too-low' as const, text: 'nonce too low' })),
        outcomes: async (hashes: readonly Uint8Array[]) => hashes.map(() => ({ kind: 'absent' as const })),
      },
    };
    await platform.pay(payer, payee, EST);
    await submitJob(deps).run(never);
    await confirmJob(deps, noHooks).run(never);
    const { rows } = await sql`
      select state, is_unknown from chain_outbox where wallet_id = ${payer.walletId} order by nonce desc limit 1
    `.execute(platform.deps.db);
    expect(rows[0]).toEqual({ state: 'signed', is_unknown: true });
    expect((await platform.balance(payer)).held).toBe(EST);
    await platform.settle();
    expect((await platform.balance(payee)).available).toBe(EST);
  });

  it('sends the same bytes again when the node has lost them (F36)', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, EST);
    const sent: string[] = [];
    const swallowing = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) => {
          sent.push(...raws.map((raw) => Buffer.from(raw).toString('hex')));
          return raws.map(() => ({ kind: 'accepted' as const }));
        },
      },
    };
    await submitJob(swallowing).run(never);
    const watching = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) => {
          sent.push(...raws.map((raw) => Buffer.from(raw).toString('hex')));
          return await platform.deps.chain.broadcast(raws);
        },
      },
    };
    await platform.settle(watching);
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(new Set(sent).size).toBe(1);
    expect((await platform.balance(payee)).available).toBe(EST);
  });
});

describe('the end of a payment', () => {
  it('returns the hold when the chain refuses it, and posts nothing', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, 4n * EST);
    // The reserve pauses the token after the payment was signed: its pause is mined first.
    await inTrx(platform.deps, async (trx) => {
      await sql`update chain_outbox set next_attempt_at = now() + interval '1 hour' where wallet_id = ${payer.walletId} and state = 'signed'`.execute(
        trx,
      );
    });
    await change('operatorPause');
    await waitForToken('paused');
    await sql`update chain_outbox set next_attempt_at = now() where wallet_id = ${payer.walletId} and state = 'signed'`.execute(
      platform.deps.db,
    );
    await platform.settle();
    const { rows } = await sql<{ state: string; error_code: number }>`
      select t.state, o.error_code from transfers t join chain_outbox o on o.source_id = t.id
      where t.payer_wallet_id = ${payer.walletId}
    `.execute(platform.deps.db);
    expect(rows).toEqual([{ state: 'reverted', error_code: 1002 }]);
    expect(await platform.balance(payer)).toEqual({ available: 10n * EST, held: 0n, incoming: 0n });
    expect(await platform.balance(payee)).toEqual({ available: 0n, held: 0n, incoming: 0n });
    await expect(platform.pay(payer, payee, EST)).rejects.toMatchObject({ code: 'token-paused' });
    await change('operatorUnpause');
    await waitForToken('active');
    await expectConserved();
    await expectGasExact();
    await expectAudited();
  });

  it('is not posted where it cannot be written to the audit log, and is posted afterwards (INV-23)', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, 4n * EST);
    await withoutAuditLog(platform.deps.database, async () => {
      await expect(platform.pay(payer, payee, EST)).rejects.toMatchObject({ code: '42501' });
      await expect(platform.settle()).rejects.toThrow();
      expect(await platform.balance(payer)).toMatchObject({ held: 4n * EST });
    });
    await platform.settle();
    expect(await platform.balance(payee)).toEqual({ available: 4n * EST, held: 0n, incoming: 0n });
    await expectConserved();
    await expectAudited();
  });

  it('is immutable: the database refuses to change what is final', async () => {
    const [payer, payee] = await pair(10n * EST);
    const transferId = await platform.pay(payer, payee, EST);
    await platform.settle();
    const { db } = platform.deps;
    await expect(sql`update transfers set state = 'reverted' where id = ${transferId}`.execute(db)).rejects.toThrow(
      /is final and cannot change/,
    );
    await expect(sql`update chain_outbox set attempts = 0 where source_id = ${transferId}`.execute(db)).rejects.toThrow(
      /is final and cannot change/,
    );
    await expect(sql`update journal_postings set amount = 1`.execute(db)).rejects.toMatchObject({ code: '42501' });
    await expect(sql`delete from journal_entries`.execute(db)).rejects.toMatchObject({ code: '42501' });
  });

  it('is posted although the process that was posting it died, on a chain that makes no further block', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, EST);
    await sendUntilMined(payer, 1);
    const job = confirmJob({ ...platform.deps }, noHooks);
    await inTrx(platform.deps, async (trx) => {
      // The dying process holds the row when ours looks.
      await sql`select from chain_outbox where wallet_id = ${payer.walletId} for update`.execute(trx);
      await job.run(never);
    });
    expect(await platform.balance(payee)).toMatchObject({ incoming: EST });
    for (let waitedMs = 0; waitedMs < 4_000 && (await platform.balance(payee)).incoming > 0n; waitedMs += 100) {
      await new Promise((resume) => setTimeout(resume, 100));
      await job.run(never);
    }
    expect(await platform.balance(payee)).toEqual({ available: EST, held: 0n, incoming: 0n });
  });

  it('is posted in the same run although the end of an earlier one cannot be', async () => {
    const [payer, payee] = await pair(10n * EST);
    for (let nth = 0; nth < 10; nth++) await platform.pay(payer, payee, EST);
    await sendUntilMined(payer, 10);
    const { rows } = await sql<{ id: string; hash: Buffer }>`
      select id, hash from chain_outbox where wallet_id = ${payer.walletId} order by nonce desc limit 10
    `.execute(platform.deps.db);
    const first = rows.at(-1)!;
    const chain: ChainDriver = {
      ...platform.deps.chain,
      // More than was promised: an assertion refuses to post it.
      outcomes: async (hashes) =>
        (await platform.deps.chain.outcomes(hashes)).map((outcome, index) =>
          outcome.kind === 'final' && first.hash.equals(hashes[index]!) ? { ...outcome, fee: 10n ** 30n } : outcome,
        ),
    };
    await expect(confirmJob({ ...platform.deps, chain }, noHooks).run(never)).rejects.toThrow(first.id);
    expect(await platform.balance(payee)).toEqual({ available: 9n * EST, held: 0n, incoming: EST });
    await platform.settle();
    await expectConserved();
  });

  it('is posted once although two processes see it at the same moment', async () => {
    const [payer, payee] = await pair(10n * EST);
    await platform.pay(payer, payee, EST);
    await sendUntilMined(payer, 1);
    await Promise.all(Array.from({ length: 5 }, () => confirmJob({ ...platform.deps }, noHooks).run(never)));
    await platform.settle();
    expect(await platform.balance(payee)).toEqual({ available: EST, held: 0n, incoming: 0n });
  });

  async function change(route: 'operatorPause' | 'operatorUnpause') {
    await changeToken(platform.deps, {
      idempotency: {
        route,
        actor: 'operator',
        key: platform.deps.ids.uuid(systemClock.nowMs()),
        bodyHash: new Uint8Array(32),
      },
      symbol: 'EST',
      amount: 0n,
      reason: 'a test',
    });
  }

  async function waitForToken(state: string) {
    const jobs = [submitJob(platform.deps), confirmJob(platform.deps, noHooks)];
    for (let round = 0; round < 500; round++) {
      for (const job of jobs) await job.run(never);
      const { rows } = await sql<{ state: string }>`select state from tokens`.execute(platform.deps.db);
      if (rows[0]!.state === state) return;
      await new Promise((resume) => setTimeout(resume, 10));
    }
    throw new Error(`Expected the token to become ${state}.`);
  }
});

describe('gas', () => {
  it('pays from a wallet without any gas through a grant of the exact shortfall (INV-10)', async () => {
    const bare = await startTestPlatform({ hasGasPrefund: false });
    try {
      const [payer, payee] = await pair(100n * EST, bare);
      expect(await bare.deps.chain.nativeBalance(payer.address)).toBe(0n);
      const transferId = await bare.pay(payer, payee, 30n * EST);
      const { rows: before } = await sql<{ amount: bigint; fee_max: bigint; state: string }>`
        select g.amount, o.fee_max, o.state from gas_grants g join chain_outbox o on o.source_id = g.for_source
        where g.for_source = ${transferId} and g.reason = 'shortfall'
      `.execute(bare.deps.db);
      expect(before).toEqual([{ amount: before[0]!.fee_max, fee_max: before[0]!.fee_max, state: 'gas_wait' }]);
      await bare.settle();
      expect(await bare.balance(payee)).toEqual({ available: 30n * EST, held: 0n, incoming: 0n });
      await expectConserved(bare);
      await expectGasExact(bare);
    } finally {
      await bare.stop();
    }
  });

  it('pays from a wallet without any gas in the block of its grant, at the first attempt', async () => {
    const bare = await startTestPlatform({ hasGasPrefund: false });
    try {
      const [payer, payee] = await pair(100n * EST, bare);
      const transferId = await bare.pay(payer, payee, 30n * EST);
      // No block may come between the two of one request, which the node takes one after the other.
      bare.node.node.stop();
      await submitJob(bare.deps).run(never);
      bare.node.node.seal();
      bare.node.node.start();
      await bare.settle();
      expect((await bare.balance(payee)).available).toBe(30n * EST);
      const { rows } = await sql`
        select o.attempts, o.block_number = g.block_number as is_same_block
        from chain_outbox o join chain_outbox g on g.id = o.waits_for where o.source_id = ${transferId}
      `.execute(bare.deps.db);
      expect(rows).toEqual([{ attempts: 1, is_same_block: true }]);
    } finally {
      await bare.stop();
    }
  });

  it('waits for the grant to be final where the node takes nothing that is not paid yet, and asks it no more often', async () => {
    let sent = 0;
    const bare = await startTestPlatform({ hasGasPrefund: false });
    try {
      const [payer, payee] = await pair(100n * EST, bare);
      const strict: ChainDriver = {
        ...bare.deps.chain,
        async broadcast(raws) {
          const [first, ...behind] = raws;
          // What comes along with a grant stands behind it: this node refuses it until the grant is in a block.
          const outcomes = await bare.deps.chain.broadcast([first!]);
          sent++;
          return [
            ...outcomes,
            ...behind.map((): BroadcastOutcome => ({
              kind: 'refused',
              reason: 'funds-too-low',
              text: 'insufficient funds',
            })),
          ];
        },
      };
      const deps = { ...bare.deps, chain: strict };
      await bare.pay(payer, payee, EST);
      const jobs = [submitJob(deps), confirmJob(deps, noHooks)];
      const received = async () => {
        for (const job of jobs) await job.run(never);
        return (await bare.balance(payee)).available;
      };
      await expect.poll(received, { timeout: 20_000 }).toBe(EST);
      expect(sent).toBe(2);
      const second = await bare.pay(payer, payee, EST);
      await expect.poll(received, { timeout: 20_000 }).toBe(2n * EST);
      // The second payment did not even try before its grant was final.
      const { rows } = await sql`select attempts from chain_outbox where source_id = ${second}`.execute(bare.deps.db);
      expect(rows).toEqual([{ attempts: 1 }]);
      await bare.settle();
      await expectConserved(bare);
      await expectGasExact(bare);
    } finally {
      await bare.stop();
    }
  });

  it('fills a new wallet in advance and refills it before it is empty, so that payments never wait', async () => {
    const [payer, payee] = await pair(100n * EST);
    for (let index = 0; index < 25; index++) {
      await platform.pay(payer, payee, EST);
      await platform.settle();
    }
    const { rows } = await sql<{ reason: string; count: bigint }>`
      select reason, count(*) as count from gas_grants where wallet_id = ${payer.walletId} group by reason order by reason
    `.execute(platform.deps.db);
    expect(rows.map((row) => row.reason)).toEqual(['prefund', 'refill']);
    await expectGasExact();
  });

  it('refuses a payment whose wallet has used up the day, and then holds nothing (INV-10)', async () => {
    const [payer, payee] = await pair(100n * EST);
    const budget = BigInt(platform.deps.config.gas.memberDayPayments) * paymentFee(platform.deps.chain, payer.address);
    const days = await sql<{ on_day: string }>`
      update gas_grant_days set granted = ${budget} where wallet_id = ${payer.walletId} returning on_day
    `.execute(platform.deps.db);
    await sql`update wallets set gas_available = 0 where id = ${payer.walletId}`.execute(platform.deps.db);
    const before = await platform.balance(payer);
    // Still on that day, also where the machine's has ended meanwhile.
    const deps = { ...platform.deps, clock: fakeClock(Date.parse(`${days.rows[0]!.on_day}T12:00:00Z`)) };
    await expect(platform.pay(payer, payee, EST, undefined, deps)).rejects.toMatchObject({ code: 'service-busy' });
    expect(await platform.balance(payer)).toEqual(before);
  });
});

describe('the treasury', () => {
  it('refuses a payment that it cannot pay the gas of, and then holds nothing', async () => {
    const bare = await startTestPlatform({ hasGasPrefund: false });
    try {
      const [payer, payee] = await pair(100n * EST, bare);
      await sql`update wallets set gas_available = 0 where kind = 'treasury'`.execute(bare.deps.db);
      const before = await bare.balance(payer);
      const refusal = await bare.pay(payer, payee, EST).catch((error: unknown) => error as AppError);
      expect(refusal).toMatchObject({ code: 'service-busy' });
      expect(JSON.stringify((refusal as AppError).extras)).not.toMatch(/gas|treasury|chain/i);
      expect(await bare.balance(payer)).toEqual(before);
      const days = await sql`select from gas_grant_days where wallet_id = ${payer.walletId}`.execute(bare.deps.db);
      expect(days.rows).toEqual([]);
    } finally {
      await bare.stop();
    }
  });

  it('pays again as soon as it has been filled up from outside, without a restart', async () => {
    const bare = await startTestPlatform({ hasGasPrefund: false });
    try {
      const [payer, payee] = await pair(100n * EST, bare);
      // The ledger's figure is older than the coin that has come to the chain since.
      await sql`update wallets set gas_available = 0 where kind = 'treasury'`.execute(bare.deps.db);
      await expect(bare.pay(payer, payee, EST)).rejects.toMatchObject({ code: 'service-busy' });
      await refillGasJob(bare.deps).run(never);
      await bare.pay(payer, payee, EST);
      await bare.settle();
      expect((await bare.balance(payee)).available).toBe(EST);
      await expectGasExact(bare);
    } finally {
      await bare.stop();
    }
  });

  it('is the only wallet whose native coin is ever sent (INV-10)', async () => {
    const [payer, payee] = await pair(EST);
    const { deps } = platform;
    await expect(
      inTrx(deps, async (trx) =>
        signAndStore(deps, trx, {
          wallet: await lockWallet(trx, payer.walletId),
          signer: signerOf(payer.privateKey),
          intent: { kind: 'native', to: payee.address, amount: 1n },
          purpose: 'transfer',
          sourceId: deps.ids.uuid(0),
          waitsFor: null,
        }),
      ),
    ).rejects.toThrow(/INV-10/);
  });
});

describe('the supply', () => {
  it('is minted and burned in ledger and chain alike, and a repeated key changes nothing', async () => {
    const { deps } = platform;
    const call = (route: 'operatorMint' | 'operatorBurn', amount: bigint, key: string) =>
      changeToken(deps, {
        idempotency: {
          route,
          actor: 'operator',
          key,
          bodyHash: createHash('sha256').update(amount.toString()).digest(),
        },
        symbol: 'EST',
        amount,
        reason: 'a test',
      });
    const key = deps.ids.uuid(systemClock.nowMs());
    await call('operatorMint', 70n * EST, key);
    await call('operatorMint', 70n * EST, key);
    await platform.settle();
    await call('operatorBurn', 20n * EST, deps.ids.uuid(systemClock.nowMs()));
    await platform.settle();
    const facts = await deps.chain.contractFacts(await platform.contract());
    expect(facts!.supply).toBe(SUPPLY + 50n * EST);
    await expectConserved();
    await expect(call('operatorBurn', 10n ** 40n, deps.ids.uuid(systemClock.nowMs()))).rejects.toMatchObject({
      code: 'balance-too-low',
    });
  });
});

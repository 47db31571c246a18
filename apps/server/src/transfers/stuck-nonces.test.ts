import { fakeClock, systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '#deps';
import { safeNumber } from '#platform';
import { confirmJob } from './confirm-job.ts';
import { getTransfer } from './history.ts';
import { refillGasJob } from './refill-job.ts';
import { submitJob } from './submit-job.ts';
import { noHooks, signerOf, startTestPlatform, type TestMember, type TestPlatform } from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

const EST = 10n ** 18n;
const never = new AbortController().signal;

let count = 0;
async function pair(): Promise<[TestMember, TestMember]> {
  count++;
  const payer = await platform.join(`stuck${count}`);
  const payee = await platform.join(`seller${count}`);
  await platform.fund(payer, 100n * EST);
  return [payer, payee];
}

const shown = async (member: TestMember, transferId: string) =>
  (await getTransfer(platform.deps, { memberId: member.id, transferId })).state;

/** Signs outside the platform with a member's key, and waits until the chain has it. */
async function useKeyOutside(member: TestMember, nonce: number, on = platform): Promise<void> {
  const { chain } = on.deps;
  const { raw } = chain.sign({
    intent: { kind: 'native', to: member.address, amount: 0n },
    from: member.address,
    nonce,
    signer: signerOf(member.privateKey),
  });
  expect(await chain.broadcast([raw])).toEqual([{ kind: 'accepted' }]);
  await expect.poll(() => chain.finalNonce(member.address)).toBeGreaterThan(nonce);
}

/** Deps whose signatures of a payer are another key's: no node ever takes them. */
function forging(other: TestMember): Deps {
  const { chain } = platform.deps;
  return {
    ...platform.deps,
    chain: { ...chain, sign: (input) => chain.sign({ ...input, signer: signerOf(other.privateKey) }) },
  };
}

/** Sends what is due, as if it had been called invalid for a minute. */
async function refuseForLong(deps: Deps = platform.deps): Promise<void> {
  await submitJob(deps).run(never);
  await sql`
    update chain_outbox set invalid_since = invalid_since - interval '1 minute', next_attempt_at = now() - interval '1 second'
    where invalid_since is not null and state in ('signed', 'broadcast')
  `.execute(platform.deps.db);
  await submitJob(deps).run(never);
}

async function expectSound(members: readonly TestMember[]): Promise<void> {
  const { deps } = platform;
  for (const member of members) {
    const { available, held } = await platform.balance(member);
    const { rows } = await sql<{ posted: bigint; gas_available: bigint; next_nonce: bigint }>`
      select gas_available, next_nonce,
             (select coalesce(sum(amount), 0) from journal_postings where wallet_id = w.id) as posted
      from wallets w where id = ${member.walletId}
    `.execute(deps.db);
    const tokens = await platform.onChain(member.address);
    expect({ held, available, ...rows[0]! }).toEqual({
      held: 0n,
      available: tokens,
      posted: tokens,
      gas_available: await deps.chain.nativeBalance(member.address),
      next_nonce: BigInt(await deps.chain.finalNonce(member.address)),
    });
  }
}

describe('a key that was used outside (F45)', () => {
  it('makes the payment of its nonce return, raises an alarm, and lets the next payment through', async () => {
    const [payer, payee] = await pair();
    await useKeyOutside(payer, 0);
    const lost = await platform.pay(payer, payee, 7n * EST);
    expect(await shown(payer, lost)).toBe('sending');
    await platform.settle();
    expect(await shown(payer, lost)).toBe('returned');
    expect(await platform.balance(payer)).toMatchObject({ available: 100n * EST, held: 0n });
    const next = await platform.pay(payer, payee, 5n * EST);
    await platform.settle();
    expect(await shown(payer, next)).toBe('final');
    await expectSound([payer, payee]);
    const { rows } = await sql`
      select kind, times from alarms where subject = ${payer.walletId} and resolved_at is null
    `.execute(platform.deps.db);
    expect(rows).toEqual([{ kind: 'foreign-nonce', times: 1 }]);
  });

  it('takes no other nonce from the payments behind it', async () => {
    const [payer, payee] = await pair();
    const first = await platform.pay(payer, payee, EST);
    const second = await platform.pay(payer, payee, 2n * EST);
    await useKeyOutside(payer, 0);
    await platform.settle();
    expect([await shown(payer, first), await shown(payer, second)]).toEqual(['returned', 'final']);
    await expectSound([payer, payee]);
  });

  it('moves the next nonce beyond all that were used outside', async () => {
    const [payer, payee] = await pair();
    for (const nonce of [0, 1, 2]) await useKeyOutside(payer, nonce);
    const lost = await platform.pay(payer, payee, EST);
    await platform.settle();
    const next = await platform.pay(payer, payee, EST);
    await platform.settle();
    expect([await shown(payer, lost), await shown(payer, next)]).toEqual(['returned', 'final']);
    await expectSound([payer, payee]);
  });

  it('is not believed after one look, nor of a payment that the chain knows (INV-06)', async () => {
    const [payer, payee] = await pair();
    const transferId = await platform.pay(payer, payee, EST);
    const lying: Deps = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws) => raws.map(() => ({ kind: 'unknown', cause: 'lost' })),
        provenAbsent: async (asked) => asked.map(({ nonce }) => ({ isProven: true, finalNonce: nonce + 1 })),
      },
    };
    await submitJob(lying).run(never);
    await confirmJob(lying, noHooks).run(never);
    expect(await shown(payer, transferId)).toBe('checking');
    expect(await platform.balance(payer)).toMatchObject({ held: EST });
    await platform.settle();
    expect(await shown(payer, transferId)).toBe('final');
    await expectSound([payer, payee]);
  });
});

describe('a node that was away', () => {
  it('is sent everything again as soon as it is back, whatever it may have had before', async () => {
    const [payer, payee] = await pair();
    const transferId = await platform.pay(payer, payee, EST);
    const away: Deps = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws) => raws.map(() => ({ kind: 'unknown', cause: 'nobody listens' })),
        head: async () => {
          throw new Error('nobody listens');
        },
      },
    };
    await submitJob(away).run(never);
    // It has been away for long: the row rests.
    await sql`
      update chain_outbox set next_attempt_at = now() + interval '1 hour' where source_id = ${transferId}
    `.execute(platform.deps.db);
    const returning = { ...away, chain: { ...away.chain } };
    const confirm = confirmJob(returning, noHooks);
    await expect(confirm.run(never)).rejects.toThrow('nobody listens');
    returning.chain.head = platform.deps.chain.head;
    await confirm.run(never);
    await submitJob(platform.deps).run(never);
    await platform.settle();
    expect(await shown(payer, transferId)).toBe('final');
  });
});

describe('bytes that no node ever takes', () => {
  it('are cancelled as soon as the member’s key is open again, and their money returns', async () => {
    const [payer, payee] = await pair();
    const stuck = await platform.pay(payer, payee, 9n * EST, undefined, forging(payee));
    await refuseForLong();
    expect(await shown(payer, stuck)).toBe('checking');
    expect(await platform.balance(payer)).toMatchObject({ available: 91n * EST, held: 9n * EST });
    const next = await platform.pay(payer, payee, 4n * EST);
    await platform.settle();
    expect([await shown(payer, stuck), await shown(payer, next)]).toEqual(['returned', 'final']);
    expect(await platform.balance(payer)).toMatchObject({ available: 96n * EST, held: 0n });
    await expectSound([payer, payee]);
  });

  it('of the platform’s own wallets are cancelled by the job itself', async () => {
    const [payer] = await pair();
    const { rows } = await sql<{ id: string }>`select id from wallets where kind = 'reserve'`.execute(platform.deps.db);
    await platform.fund(payer, 3n * EST, forging(payer));
    await refuseForLong();
    await platform.settle();
    const ends = await sql<{ state: string }>`
      select o.state from chain_outbox o join chain_cancels c on c.outbox_id = o.id where o.wallet_id = ${rows[0]!.id}
    `.execute(platform.deps.db);
    expect(ends.rows).toEqual([{ state: 'superseded' }]);
    expect(await platform.balance(payer)).toMatchObject({ available: 100n * EST });
  });

  it('end as final where an earlier copy was mined after all, and the cancel then never', async () => {
    const [payer, payee] = await pair();
    const moody: Deps = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws) => raws.map(() => ({ kind: 'refused', reason: 'invalid', text: 'a mood' })),
      },
    };
    const first = await platform.pay(payer, payee, 6n * EST);
    await refuseForLong(moody);
    const second = await platform.pay(payer, payee, EST);
    const { rows } = await sql<{ raw: Buffer }>`
      select o.raw from chain_outbox o join chain_cancels c on c.outbox_id = o.id where o.source_id = ${first}
    `.execute(platform.deps.db);
    expect(await platform.deps.chain.broadcast([rows[0]!.raw])).toEqual([{ kind: 'accepted' }]);
    await platform.settle();
    expect([await shown(payer, first), await shown(payer, second)]).toEqual(['final', 'final']);
    expect(await platform.balance(payee)).toMatchObject({ available: 7n * EST });
    await expectSound([payer, payee]);
  });

  it('get one cancel at most, which the database holds, and none where the node does not call them invalid', async () => {
    const [payer, payee] = await pair();
    const stuck = await platform.pay(payer, payee, EST, undefined, forging(payee));
    await refuseForLong();
    const fine = await platform.pay(payer, payee, EST);
    const cancel = (sourceId: string) =>
      sql`
        insert into chain_cancels (outbox_id, raw, hash, fee_max, created_at)
        select id, raw, hash, fee_max, now() from chain_outbox where source_id = ${sourceId}
      `.execute(platform.deps.db);
    await expect(cancel(stuck)).rejects.toMatchObject({ code: '23505' });
    await expect(cancel(fine)).rejects.toMatchObject({ code: '23514' });
    await expect(sql`update chain_cancels set raw = ''`.execute(platform.deps.db)).rejects.toMatchObject({
      code: '42501',
    });
    await platform.settle();
    expect([await shown(payer, stuck), await shown(payer, fine)]).toEqual(['returned', 'final']);
  });
});

describe('within thirty seconds (INV-07)', () => {
  let slow: TestPlatform;
  const clock = fakeClock(systemClock.nowMs());
  beforeAll(async () => {
    slow = await startTestPlatform({ clock });
  });
  afterAll(() => slow.stop());

  /** Seconds of the platform's clock until the transfers of a wallet have ended, all jobs running each second. */
  async function secondsUntilEnd(walletId: string): Promise<number> {
    const jobs = [refillGasJob(slow.deps), submitJob(slow.deps), confirmJob(slow.deps, noHooks)];
    for (let seconds = 0; seconds <= 60; seconds++) {
      for (const job of jobs) await job.run(never);
      const { rows } = await sql`
        select from chain_outbox where wallet_id = ${walletId} and state in ('gas_wait', 'signed', 'broadcast')
      `.execute(slow.deps.db);
      if (rows.length === 0) return seconds;
      // The chain has its own clock, and makes its block at once.
      await new Promise((resume) => setTimeout(resume, 100));
      clock.advance(1_000);
    }
    return Infinity;
  }

  it('a wallet of the platform is free again whose next transaction no node takes', async () => {
    const payer = await slow.join('payer');
    await slow.settle();
    const { chain } = slow.deps;
    await slow.fund(payer, EST, {
      ...slow.deps,
      chain: { ...chain, sign: (input) => chain.sign({ ...input, signer: signerOf(payer.privateKey) }) },
    });
    await slow.fund(payer, EST, { ...slow.deps });
    const { rows } = await sql<{ id: string }>`select id from wallets where kind = 'reserve'`.execute(slow.deps.db);
    expect(await secondsUntilEnd(rows[0]!.id)).toBeLessThanOrEqual(30);
    expect((await slow.balance(payer)).available).toBe(EST);
  });

  it('so is one whose transaction the node has lost, and one whose nonce was used outside', async () => {
    const [payer, payee] = [await slow.join('payer2'), await slow.join('payee2')];
    await slow.settle();
    await slow.fund(payer, 10n * EST);
    await slow.pay(payer, payee, EST);
    const swallowing = {
      ...slow.deps,
      chain: {
        ...slow.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) => raws.map(() => ({ kind: 'accepted' as const })),
      },
    };
    await submitJob(swallowing).run(never);
    expect(await secondsUntilEnd(payer.walletId)).toBeLessThanOrEqual(30);
    const { rows } = await sql<{ next_nonce: bigint }>`
      select next_nonce from wallets where id = ${payer.walletId}
    `.execute(slow.deps.db);
    await useKeyOutside(payer, safeNumber(rows[0]!.next_nonce), slow);
    await slow.pay(payer, payee, EST);
    expect(await secondsUntilEnd(payer.walletId)).toBeLessThanOrEqual(30);
    expect(await slow.balance(payer)).toMatchObject({ available: 9n * EST, held: 0n });
  });
});

import { ChainUnreachable, type ChainDriver } from '@jigeum/chain';
import { equalBytes } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '#deps';
import { confirmJob } from './confirm-job.ts';
import { submitJob } from './submit-job.ts';
import { noHooks, startTestPlatform, type TestMember, type TestPlatform } from './testing.ts';

const EST = 10n ** 18n;
const never = new AbortController().signal;
/** More than are asked for in one part. */
const PAYERS = 5;
const PAYMENTS_EACH = 50;

let platform: TestPlatform;
let members: TestMember[];
/** What the node does not answer; everything else reaches it. */
let refuses: Partial<Record<'outcomes' | 'provenAbsent', (hashes: readonly Uint8Array[]) => boolean>> = {};

const losing = (chain: ChainDriver): ChainDriver => ({
  ...chain,
  outcomes: async (hashes) => {
    const outcomes = await chain.outcomes(hashes);
    if (refuses.outcomes?.(hashes) === true) throw new ChainUnreachable('The answer was lost.');
    return outcomes;
  },
  provenAbsent: async (claims) => {
    const proofs = await chain.provenAbsent(claims);
    if (refuses.provenAbsent?.(claims.map(({ hash }) => hash)) === true)
      throw new ChainUnreachable('The answer was lost.');
    return proofs;
  },
});

beforeAll(async () => {
  platform = await startTestPlatform({ wrapChain: losing });
  members = [];
  for (let index = 0; index <= PAYERS; index++) members.push(await platform.join(`crowd${index}`));
  for (const payer of members.slice(1)) await platform.fund(payer, 1_000n * EST);
});
afterAll(() => platform.stop());

/** Payments that the chain has made final and the ledger has not posted. */
async function payUntilMined(): Promise<string[]> {
  const [payee, ...payers] = members;
  const ids: string[] = [];
  for (const payer of payers)
    for (let count = 0; count < PAYMENTS_EACH; count++) ids.push(await platform.pay(payer, payee!, EST));
  while ((await submitJob(platform.deps).run(never)) === 'more');
  await expect.poll(async () => (await hashes('broadcast')).length, { timeout: 20_000 }).toBe(ids.length);
  const sent = await hashes('broadcast');
  await expect
    .poll(async () => (await platform.deps.chain.outcomes(sent)).every(({ kind }) => kind === 'final'), {
      timeout: 20_000,
    })
    .toBe(true);
  return ids;
}

async function hashes(state: string): Promise<Buffer[]> {
  const { rows } = await sql<{ hash: Buffer }>`
    select hash from chain_outbox where purpose = 'transfer' and state = ${state} order by created_at
  `.execute(platform.deps.db);
  return rows.map(({ hash }) => hash);
}

/** How often a run of the job fails is not what counts here. */
const confirm = async (deps: Deps = platform.deps): Promise<void> => {
  const job = confirmJob(deps, noHooks);
  for (let run = 0; run < 3; run++) await job.run(never).catch(() => undefined);
};

describe('confirming more than one question can hold', () => {
  it('posts what the node answers for, although it never answers for some', async () => {
    await payUntilMined();
    const unlucky = (await hashes('broadcast')).at(-1)!;
    refuses = { outcomes: (asked) => asked.some((hash) => equalBytes(hash, unlucky)) };
    await confirm();
    const left = await hashes('broadcast');
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan((PAYERS * PAYMENTS_EACH) / 2);
    refuses = {};
    await platform.settle();
    expect(await hashes('broadcast')).toEqual([]);
  });

  it('posts what has ended although it is not known what became of others', async () => {
    await payUntilMined();
    const [lost, ...others] = await hashes('broadcast');
    await sql`update chain_outbox set is_unknown = true where hash = ${lost!}`.execute(platform.deps.db);
    const { chain } = platform.deps;
    const forgetful = {
      ...platform.deps,
      chain: {
        ...chain,
        outcomes: async (asked: readonly Uint8Array[]) => {
          const outcomes = await chain.outcomes(asked);
          return outcomes.map((outcome, index) =>
            equalBytes(asked[index]!, lost!) ? ({ kind: 'absent' } as const) : outcome,
          );
        },
      },
    };
    refuses = { provenAbsent: () => true };
    await confirm(forgetful);
    expect(await hashes('broadcast')).toEqual([lost]);
    expect(others.length).toBeGreaterThan(0);
    refuses = {};
    await platform.settle();
    expect(await hashes('broadcast')).toEqual([]);
  });

  it('sends again what a node that was away has lost, also where it answers for some only at the second time', async () => {
    await payUntilMined();
    const { chain, db } = platform.deps;
    const broadcast: ChainDriver['broadcast'] = async (raws) =>
      raws.map(() => ({ kind: 'unknown', cause: 'No answer came.' }));
    await platform.pay(members[1]!, members[0]!, EST);
    await submitJob({ ...platform.deps, chain: { ...chain, broadcast } }).run(never);
    const [lost] = await hashes('signed');
    await sql`update chain_outbox set next_attempt_at = now() + interval '1 hour' where hash = ${lost!}`.execute(db);
    let isAway = true;
    const restarted = {
      ...platform.deps,
      chain: {
        ...chain,
        head: async () => {
          if (isAway) throw new ChainUnreachable('The node is away.');
          return await chain.head();
        },
      },
    };
    const job = confirmJob(restarted, noHooks);
    await expect(job.run(never)).rejects.toThrow('The node is away.');
    isAway = false;
    refuses = { outcomes: (asked) => asked.some((hash) => equalBytes(hash, lost!)) };
    await job.run(never);
    refuses = {};
    await job.run(never);
    const { rows } = await sql<{ is_due: boolean }>`
      select next_attempt_at <= now() as is_due from chain_outbox where hash = ${lost!}
    `.execute(db);
    expect(rows).toEqual([{ is_due: true }]);
    await platform.settle();
    expect(await hashes('signed')).toEqual([]);
  });
});

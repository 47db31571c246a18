import { mkdtempSync, readFileSync, rmSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '@jigeum/std';
import { audit, inTrx } from '#platform';
import { startTestPlatform, type TestPlatform } from '../transfers/testing.ts';
import { readAnchorFile } from './anchor-file.ts';
import { createAuditKey } from './audit-key.ts';
import { CHAIN_BOUNDS, chainRows } from './chain-job.ts';
import { checkpointAuditJob } from './checkpoint-job.ts';
import { readAnchors } from './read-anchors.ts';
import * as store from './store.ts';
import { inOneState, verifyAudit, type Verdict } from './verify.ts';

const key = createAuditKey(new Uint8Array(32).fill(9));
const trusted = new Set([key.publicKey]);
const never = new AbortController().signal;

let platform: TestPlatform;
let owner: pg.Client;
let folder: string;
let deps: TestPlatform['deps'];
/** Runs ahead of the machine's by what a test has waited. */
let aheadMs = 0;
const clock: Clock = {
  ...systemClock,
  nowMs: () => systemClock.nowMs() + aheadMs,
  monotonicMs: () => systemClock.monotonicMs() + aheadMs,
};

beforeAll(async () => {
  platform = await startTestPlatform({ clock });
  owner = new pg.Client({ connectionString: platform.deps.database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await platform.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-checkpoints-'));
  const anchorPath = join(folder, 'anchors');
  const settings = { keyFile: null, anchorPath, isOnChain: true, checkpointRows: 1_000, checkpointMinutes: 60 };
  deps = { ...platform.deps, config: { ...platform.deps.config, audit: settings } };
});
afterEach(() => rmSync(folder, { recursive: true }));

const job = () => checkpointAuditJob(deps, key);
const chain = () => inTrx(deps, (trx) => chainRows(deps, trx, CHAIN_BOUNDS));
const write = (why: string) =>
  inTrx(deps, (trx) => audit(deps, trx, { actor: 'job:test', act: 'key.opened', subject: null, facts: { why } }));
const file = () => readAnchorFile(deps.config.audit.anchorPath!);

/** What somebody says who reads database, file and chain. */
async function verdict(): Promise<Verdict> {
  const anchors = await readAnchors(deps.chain, { fromBlock: 0, trusted, onBlocks: () => undefined });
  const kept = await file();
  return await inOneState(deps.db, (trx) =>
    verifyAudit(trx, {
      secrets: deps.secrets,
      trusted,
      anchors: {
        heads: kept.heads,
        checkpoints: [...kept.checkpoints, ...anchors.map(({ checkpoint }) => checkpoint)],
      },
      afterSeq: 0n,
      unlinkedSince: new Date(deps.clock.nowMs() - 60_000),
    }),
  );
}

describe('a checkpoint', () => {
  test('is signed, written to the file and anchored on the chain, where anybody finds it who trusts the key', async () => {
    await write('first');
    await chain();
    await job().run(never);
    await platform.settle(deps);
    const checkpoint = (await store.newestCheckpoint(deps.db))!;
    expect(await readAnchors(deps.chain, { fromBlock: 0, trusted, onBlocks: () => undefined })).toMatchObject([
      { checkpoint, hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
    ]);
    expect(await readAnchors(deps.chain, { fromBlock: 0, trusted: new Set(), onBlocks: () => undefined })).toEqual([]);
    expect((await file()).checkpoints).toEqual([checkpoint]);
    const { rows } = await sql<{ state: string; count: bigint }>`
      select state, count(*) as count from audit_anchors group by state
    `.execute(deps.db);
    expect(rows).toEqual([{ state: 'final', count: 1n }]);
    await chain();
    expect(await verdict()).toMatchObject({ findings: [], anchors: 2 });
  });

  test('comes after so many rows or after an hour with rows, and not without any', async () => {
    const numbers = async () => (await store.allCheckpoints(deps.db)).length;
    await chain();
    await job().run(never);
    const before = await numbers();
    aheadMs += 59 * 60_000;
    await write('early');
    await chain();
    await job().run(never);
    expect(await numbers()).toBe(before);
    aheadMs += 2 * 60_000;
    await job().run(never);
    expect(await numbers()).toBe(before + 1);
    deps.config.audit.checkpointRows = 5;
    for (let index = 0; index < 5; index++) await write(String(index));
    await chain();
    await job().run(never);
    expect(await numbers()).toBe(before + 2);
    await chain();
    aheadMs += 61 * 60_000;
    await job().run(never);
    const after = await numbers();
    aheadMs += 61 * 60_000;
    await job().run(never);
    expect(await numbers()).toBe(after);
  });

  test('is made and anchored once by two processes at the same moment', async () => {
    await write('both');
    await chain();
    aheadMs += 61 * 60_000;
    const before = (await store.newestCheckpoint(deps.db))?.number ?? 0n;
    await Promise.all([job().run(never), job().run(never), job().run(never)]);
    expect((await store.newestCheckpoint(deps.db))!.number).toBe(before + 1n);
    await platform.settle(deps);
    await chain();
    expect((await verdict()).findings).toEqual([]);
  });

  test('that the treasury cannot pay for is kept, and anchored when it can', async () => {
    await write('poor');
    await chain();
    aheadMs += 61 * 60_000;
    const gas = await owner.query<{ gas: string }>(
      `update wallets w set gas_available = 0 from (select id, gas_available as gas from wallets where kind = 'treasury') b
       where w.id = b.id returning b.gas`,
    );
    const running = job();
    await running.run(never);
    const made = (await store.newestCheckpoint(deps.db))!;
    const anchored = async () =>
      (await readAnchors(deps.chain, { fromBlock: 0, trusted, onBlocks: () => undefined })).at(-1)?.checkpoint.number;
    expect(await anchored()).not.toBe(made.number);
    await owner.query(`update wallets set gas_available = $1 where kind = 'treasury'`, [gas.rows[0]!.gas]);
    aheadMs += 61_000;
    await running.run(never);
    await platform.settle(deps);
    expect(await anchored()).toBe(made.number);
  });
});

describe('the file of anchors', () => {
  test('gets a signed head a few seconds after new rows, and goes on after a line that a crash has cut off', async () => {
    const running = job();
    await chain();
    await running.run(never);
    const path = deps.config.audit.anchorPath!;
    appendFileSync(path, 'jigeum audit head 1 17 ab');
    await write('more');
    await chain();
    await running.run(never);
    expect((await file()).heads.length).toBeLessThanOrEqual(1);
    const before = (await file()).heads.length;
    aheadMs += 6_000;
    await running.run(never);
    const { heads, unreadable } = await file();
    expect(heads).toHaveLength(before + 1);
    expect(unreadable).toBe(1);
    expect(heads.at(-1)!.linkHash).toBe((await store.newestLink(deps.db))!.hash);
    expect(readFileSync(path, 'utf8').endsWith('\n')).toBe(true);
    expect((await verdict()).findings).toEqual([]);
  });
});

// The last one: this log stays broken.
test('a log that is cut off under a running server is not signed any more, and raises an alarm', async () => {
  const running = job();
  await write('a');
  await chain();
  await running.run(never);
  await owner.query(`
    set session_replication_role = replica;
    delete from audit_log where id = (select row_id from audit_links order by seq desc limit 1);
    delete from audit_links where seq = (select max(seq) from audit_links);
    set session_replication_role = origin`);
  await write('b');
  await chain();
  aheadMs += 61 * 60_000;
  const before = (await store.newestCheckpoint(deps.db))!.number;
  await running.run(never);
  expect((await store.newestCheckpoint(deps.db))!.number).toBe(before);
  const { rows } = await sql<{
    kind: string;
    subject: string;
  }>`select kind, subject from alarms where resolved_at is null`.execute(deps.db);
  expect(rows).toContainEqual({ kind: 'audit-broken', subject: 'links' });
});

import { fakeClock, type FakeClock } from '@jigeum/std';
import { ChainUnreachable, OtherChain } from '@jigeum/chain';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDeps } from '#testing';
import type { FindingDeps } from './findings.ts';
import { openAlarms } from './testing.ts';
import { watcher } from './watch.ts';

let base: Awaited<ReturnType<typeof createTestDeps>>;
let clock: FakeClock;
beforeAll(async () => {
  base = await createTestDeps();
  clock = fakeClock(Date.UTC(2026, 10, 26));
});
afterAll(() => base.database.drop());

const depsWith = (head: () => Promise<{ number: number; hash: string; atMs: number }>): FindingDeps => ({
  ...base,
  clock,
  chain: { head } as unknown as FindingDeps['chain'],
});
const away = () => Promise.reject(new ChainUnreachable('The node is away.'));

test('a node that is away for a moment raises nothing, one that stays away does', async () => {
  const watch = watcher(depsWith(away));
  await watch();
  clock.advance(14_000);
  await watch();
  expect(await openAlarms(base)).toEqual([]);
  clock.advance(2_000);
  await watch();
  expect(await openAlarms(base)).toEqual(['node-lost']);
  await sql`update alarms set resolved_at = now(), resolved_by = 'operator', resolve_reason = 'back'`.execute(base.db);
});

test('a node of another chain is told by what was expected and what came', async () => {
  const problem = "Expected a node of chain 7, got one of chain 8. Check the node's address.";
  const watch = watcher(depsWith(() => Promise.reject(new OtherChain(problem))));
  await watch();
  clock.advance(16_000);
  await watch();
  const { rows } = await sql<{ detail: string }>`select detail from alarms where resolved_at is null`.execute(base.db);
  expect(rows).toEqual([{ detail: expect.stringContaining(`${problem} Payments are accepted and wait`) }]);
  await sql`update alarms set resolved_at = now(), resolved_by = 'operator', resolve_reason = 'back' where resolved_at is null`.execute(
    base.db,
  );
});

test('a chain that stands still is told like a node that is away', async () => {
  const stoppedAtMs = clock.nowMs();
  const watch = watcher(depsWith(() => Promise.resolve({ number: 7, hash: '0x', atMs: stoppedAtMs })));
  clock.advance(59_000);
  await watch();
  expect(await openAlarms(base)).toEqual([]);
  clock.advance(20_000);
  await watch();
  expect(await openAlarms(base)).toEqual(['node-lost']);
});

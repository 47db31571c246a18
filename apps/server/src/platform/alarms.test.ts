import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDeps } from '#testing';
import { raiseAlarm } from './alarms.ts';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.database.drop());

const rows = async () =>
  (
    await sql<{ kind: string; subject: string; detail: string; times: number }>`
    select kind, subject, detail, times from alarms order by raised_at, id
  `.execute(deps.db)
  ).rows;

test('counts what is seen again instead of raising a second alarm', async () => {
  expect(await raiseAlarm(deps, deps.db, { kind: 'treasury-low', subject: 'treasury', detail: 'Seven days.' })).toBe(
    true,
  );
  expect(await raiseAlarm(deps, deps.db, { kind: 'treasury-low', subject: 'treasury', detail: 'Six days.' })).toBe(
    false,
  );
  expect(await rows()).toEqual([{ kind: 'treasury-low', subject: 'treasury', detail: 'Six days.', times: 2 }]);
  expect((await deps.metrics.text()).body).toContain('jigeum_alarms_open{kind="treasury-low"} 1');
});

test('raises one alarm where many processes see the same at once', async () => {
  const seen = await Promise.all(
    Array.from({ length: 20 }, () =>
      raiseAlarm(deps, deps.db, { kind: 'gas-budget', subject: 'day', detail: 'Used up.' }),
    ),
  );
  expect(seen.filter(Boolean)).toHaveLength(1);
  expect(await rows()).toContainEqual({ kind: 'gas-budget', subject: 'day', detail: 'Used up.', times: 20 });
});

test('raises a new alarm after the old one was resolved, and the old one never changes again', async () => {
  await sql`
    update alarms set resolved_at = now(), resolved_by = 'operator', resolve_reason = 'over' where kind = 'treasury-low'
  `.execute(deps.db);
  expect(await raiseAlarm(deps, deps.db, { kind: 'treasury-low', subject: 'treasury', detail: 'Again.' })).toBe(true);
  await expect(sql`update alarms set times = 9 where resolve_reason = 'over'`.execute(deps.db)).rejects.toMatchObject({
    code: '23514',
  });
  await expect(sql`delete from alarms`.execute(deps.db)).rejects.toMatchObject({ code: '42501' });
});

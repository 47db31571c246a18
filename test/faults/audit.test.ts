import { expect, test } from 'vitest';
import { MUTATIONS } from './audit/mutations.ts';
import { runAuditFaults } from './audit/run.ts';

// npm run faults -- audit --count 10000 does more of the same.
test('every change of the audit log by somebody who owns the database and has no key is found (INV-13)', async () => {
  const count = MUTATIONS.length * 20;
  const { attempts } = await runAuditFaults({ seed: '1', count, rows: 1_000, tell: () => undefined });
  expect(attempts).toHaveLength(count);
  expect(attempts.filter(({ isFound }) => !isFound)).toEqual([]);
  expect(attempts.filter(({ isNamed }) => isNamed === false)).toEqual([]);
}, 300_000);

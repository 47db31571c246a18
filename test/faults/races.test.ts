/** A few rounds of `npm run faults -- twins` and `-- overspend`, which run them by the hundred. */
import { expect, test } from 'vitest';
import { runOverspend } from './races/overspend.ts';
import { runTwins } from './races/twins.ts';

test('gives every twin of a request the same bytes and makes one payment of them, over four servers', async () => {
  const told: string[] = [];
  const { answers } = await runTwins({ seed: 'test', rounds: 2, twins: 200, tell: (line) => told.push(line) });
  expect(told).toHaveLength(2);
  expect(answers).toMatch(/^202 ×400(, |$)/);
});

test('accepts exactly one of many payments of the whole balance, over four servers', async () => {
  const { answers } = await runOverspend({ seed: 'test', rounds: 3, payments: 50, tell: () => undefined });
  expect(answers).toContain('202 ×3');
  expect(answers).toContain('422 balance-too-low ×147');
});

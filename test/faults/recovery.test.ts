/** Each recovery of `npm run faults -- recovery` once, without its clock: a busy machine is not what is tested here. */
import { expect, test } from 'vitest';
import { RECOVERIES, runRecoveries } from './recovery/run.ts';

test('recovers from each failure, and the checker finds every promise kept', async () => {
  const measured = await runRecoveries({ seed: 'test', times: 1, awayMs: 3_000, tell: () => undefined });
  expect(measured.map(({ samplesMs }) => samplesMs.length)).toEqual(RECOVERIES.map(() => 1));
});

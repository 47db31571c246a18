/** A short storm: the long one is `npm run faults`. */
import { expect, test } from 'vitest';
import { FAILPOINTS } from './failpoints.ts';
import { runStorm } from './run.ts';

/** Each failpoint once. */
const CYCLES = FAILPOINTS.length;

// An hour for what a quiet machine does in two minutes: the storm itself ends with an error at a cycle that waits for ever.
test(`loses and doubles nothing while servers, database and node fail at every point, over ${CYCLES} cycles`, async () => {
  const lines: string[] = [];
  const result = await runStorm({ seed: 'suite', cycles: CYCLES, tell: (line) => lines.push(line) });
  expect(result.cycles).toBe(CYCLES);
  expect(result.accepted).toBeGreaterThan(CYCLES);
  const struck = [...result.failpoints.values()].filter((count) => count.struck > 0).length;
  // A fault may keep the work away from a point; that most are struck shows that points are armed at all.
  expect(struck).toBeGreaterThan(FAILPOINTS.length / 2);
}, 3_600_000);

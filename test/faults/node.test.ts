/** A few of the kills and flipped bits of `npm run faults -- node`, which runs hundreds. */
import { expect, test } from 'vitest';
import { runNodeFaults } from './node/run.ts';

test('loses nothing that was answered when it is killed under load, and refuses a folder with a changed bit', async () => {
  const { answered, blocks, verified, flips } = await runNodeFaults({ seed: 'test', cycles: 4, flips: 30 });
  expect(answered).toBeGreaterThan(20);
  expect(blocks).toBeGreaterThan(2n);
  expect(verified).toContain('everything is as it was made');
  expect(flips).toHaveLength(60);
  expect(flips.filter(({ outcome }) => outcome === 'names a block').length).toBeGreaterThan(20);
});

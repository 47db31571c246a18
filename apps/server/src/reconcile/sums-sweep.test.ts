import { fakeClock } from '@jigeum/std';
import { expect, test } from 'vitest';
import { sumsSweep } from './sums-sweep.ts';

/** Wallets w000, w001, …, of which each costs so much time. */
function sweepOver(count: number, msEach: number) {
  const clock = fakeClock();
  const ids = Array.from({ length: count }, (_, index) => `w${String(index).padStart(3, '0')}`);
  const checked: string[][] = [];
  const step = sumsSweep({
    clock,
    page: async ({ afterId, limit }) => ids.filter((id) => afterId === null || id > afterId).slice(0, limit),
    async check(walletIds) {
      clock.advance(walletIds.length * msEach);
      checked.push([...walletIds]);
    },
  });
  return { clock, ids, checked, step };
}

test('every wallet is summed, and then all of them again', async () => {
  const { ids, checked, step } = sweepOver(250, 0);
  for (let steps = 0; steps < 4; steps++) await step();
  // 100, then 200 of which 150 are left, and from the beginning.
  expect(checked.slice(0, 2).flat()).toEqual(ids);
  expect(checked[2]).toEqual(ids);
});

test('it works a fiftieth of the time, however much there is to sum', async () => {
  const { clock, checked, step } = sweepOver(1_000, 3);
  const startedAtMs = clock.monotonicMs();
  let summed = 0;
  while (clock.monotonicMs() - startedAtMs < 600_000) {
    await step();
    clock.advance(1_000);
  }
  for (const walletIds of checked) summed += walletIds.length;
  expect((summed * 3) / 600_000).toBeLessThan(1 / 50);
  expect((summed * 3) / 600_000).toBeGreaterThan(1 / 100);
});

test('a step becomes shorter where it takes long, down to one wallet, and goes on behind it', async () => {
  const { clock, ids, checked, step } = sweepOver(300, 1_000);
  for (let steps = 0; steps < 12; steps++) {
    await step();
    clock.advance(10_000_000);
  }
  expect(checked.map(({ length }) => length)).toEqual([100, 50, 25, 12, 6, 3, 1, 1, 1, 1, 1, 1]);
  expect(checked.flat()).toEqual(ids.slice(0, 202));
});

test('a step that takes too long for the database is made shorter, and the same wallets are summed after a rest', async () => {
  const clock = fakeClock();
  const ids = Array.from({ length: 100 }, (_, index) => `w${String(index).padStart(3, '0')}`);
  const checked: string[][] = [];
  const step = sumsSweep({
    clock,
    page: async ({ afterId, limit }) => ids.filter((id) => afterId === null || id > afterId).slice(0, limit),
    async check(walletIds) {
      clock.advance(walletIds.length > 30 ? 30_000 : 100);
      if (walletIds.length > 30) throw new Error('canceling statement due to statement timeout');
      checked.push([...walletIds]);
    },
  });
  await expect(step()).rejects.toThrow('timeout');
  // It rests after that, too: whoever asks meanwhile makes no more work.
  await step();
  clock.advance(10_000_000);
  await expect(step()).rejects.toThrow('timeout');
  clock.advance(10_000_000);
  await step();
  expect(checked).toEqual([ids.slice(0, 25)]);
});

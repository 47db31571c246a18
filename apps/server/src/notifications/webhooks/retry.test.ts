import { expect, test } from 'vitest';
import { breakerPauseMs, retryAfterMs } from './retry.ts';

const [LEAST, MOST] = [Uint8Array.of(0, 0), Uint8Array.of(255, 255)];
const SECOND = 1_000;

test('pauses grow from five seconds to ten hours, and end within seven days after a dozen tries or so', () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => retryAfterMs(attempts, LEAST) / SECOND);
  expect(seconds).toEqual([5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000]);
});

test('a pause is longer by up to a fifth, as chance has it', () => {
  expect(retryAfterMs(2, MOST)).toBeGreaterThan(71_900);
  expect(retryAfterMs(2, MOST)).toBeLessThanOrEqual(72_000);
});

test('an endpoint is left alone after five rounds without a success, for five minutes at most', () => {
  expect(breakerPauseMs(4, LEAST)).toBeNull();
  expect([5, 6, 7, 60].map((failures) => breakerPauseMs(failures, LEAST)! / SECOND)).toEqual([5, 10, 20, 300]);
});

import { fakeClock } from '@jigeum/std';
import { expect, test } from 'vitest';
import { createScanLimits } from './limits.ts';

const limits = { pointsMax: 10, pointsPerSecond: 2, addressesMax: 2 };

test('an address that has used up its points is refused, told how long to wait, and admitted after that', () => {
  const clock = fakeClock();
  const { take } = createScanLimits({ clock }, limits);
  take('one', 6);
  take('one', 4);
  expect(() => take('one', 5)).toThrowError(
    expect.objectContaining({ code: 'rate-limited', extras: { retryAfterSeconds: 3 } }),
  );
  take('another', 10);
  clock.advance(2_000);
  expect(() => take('one', 5)).toThrow();
  clock.advance(500);
  take('one', 5);
});

test('points are never more than the most', () => {
  const clock = fakeClock();
  const { take } = createScanLimits({ clock }, limits);
  take('one', 1);
  clock.advance(3_600_000);
  take('one', 10);
  expect(() => take('one', 1)).toThrow();
});

test('the address that asked longest ago is forgotten when there are too many', () => {
  const { take } = createScanLimits({ clock: fakeClock() }, limits);
  take('one', 10);
  take('two', 10);
  expect(() => take('one', 1)).toThrow();
  take('three', 10);
  // Two was forgotten, one was not.
  take('two', 10);
});

import { describe, expect, it } from 'vitest';
import { axisFor, tickText } from './ticks.ts';

describe('an axis', () => {
  it.each([
    [0, 97, 5, [0, 20, 40, 60, 80, 100]],
    [0, 100, 5, [0, 20, 40, 60, 80, 100]],
    [0, 101, 5, [0, 50, 100, 150]],
    [0, 1_000_000, 5, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]],
    [0, 0.3, 3, [0, 0.1, 0.2, 0.3]],
    [0, 0.7, 7, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]],
    [17, 23, 3, [16, 18, 20, 22, 24]],
    [-3, 4, 4, [-4, -2, 0, 2, 4]],
  ])('from %d to %d in about %d steps is marked at round numbers and holds both', (min, max, steps, ticks) => {
    expect(axisFor(min, max, steps)).toEqual({ ticks, from: ticks[0], to: ticks.at(-1) });
  });

  it('of one value only has two ends', () => {
    for (const value of [0, 7, -2, 1e-9, 1e12]) {
      const { from, to } = axisFor(value, value, 5);
      expect(from).toBeLessThanOrEqual(value);
      expect(to).toBeGreaterThanOrEqual(value);
      expect(to).toBeGreaterThan(from);
    }
  });

  it('is refused for what is no range', () => {
    for (const [min, max] of [
      [1, 0],
      [0, Number.NaN],
      [0, Number.POSITIVE_INFINITY],
    ] as const)
      expect(() => axisFor(min, max, 5)).toThrow(RangeError);
  });

  it('is read in thousands and without the noise of binary fractions', () => {
    expect([1_000_000, 0.1 + 0.2, -4, 0].map(tickText)).toEqual(['1,000,000', '0.3', '-4', '0']);
  });
});

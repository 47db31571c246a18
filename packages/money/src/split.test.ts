import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitEvenly } from './split.ts';

test('the first ones get the remainder, one unit each', () => {
  expect(splitEvenly(10n, 3)).toEqual([4n, 3n, 3n]);
  expect(splitEvenly(11n, 3)).toEqual([4n, 4n, 3n]);
  expect(splitEvenly(2n, 4)).toEqual([1n, 1n, 0n, 0n]);
  expect(splitEvenly(0n, 2)).toEqual([0n, 0n]);
  expect(splitEvenly(9n, 1)).toEqual([9n]);
});

test('the shares sum to the total and differ by at most one unit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 1, max: 300 }), (total, parts) => {
      const shares = splitEvenly(total, parts);
      expect(shares).toHaveLength(parts);
      expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(total);
      expect(shares[0]! - shares.at(-1)!).toBeLessThanOrEqual(1n);
    }),
  );
});

test('no parts, half a part, too many parts and a negative total are refused', () => {
  for (const parts of [0, -1, 1.5, Number.NaN, 100_001]) {
    expect(() => splitEvenly(1n, parts)).toThrow(expect.objectContaining({ code: 'divisor' }));
  }
  expect(() => splitEvenly(-1n, 2)).toThrow(expect.objectContaining({ code: 'negative' }));
});

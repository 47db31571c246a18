import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divideDown, divideUp } from './rounding.ts';

test('divideDown drops the rest and divideUp counts it as one', () => {
  expect(divideDown(7n, 2n)).toBe(3n);
  expect(divideUp(7n, 2n)).toBe(4n);
  expect(divideDown(6n, 2n)).toBe(3n);
  expect(divideUp(6n, 2n)).toBe(3n);
  expect(divideUp(0n, 5n)).toBe(0n);
});

test('the two are less than one unit from the true quotient, on their own side', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 40n }),
      fc.bigInt({ min: 1n, max: 10n ** 20n }),
      (numerator, denominator) => {
        const down = divideDown(numerator, denominator);
        const up = divideUp(numerator, denominator);
        expect(down * denominator <= numerator && numerator < (down + 1n) * denominator).toBe(true);
        expect(up * denominator >= numerator && (up === 0n || (up - 1n) * denominator < numerator)).toBe(true);
      },
    ),
  );
});

test('a divisor of zero or below and a negative amount are refused', () => {
  for (const divide of [divideDown, divideUp]) {
    expect(() => divide(1n, 0n)).toThrow(expect.objectContaining({ code: 'divisor' }));
    expect(() => divide(1n, -1n)).toThrow(expect.objectContaining({ code: 'divisor' }));
    expect(() => divide(-1n, 1n)).toThrow(expect.objectContaining({ code: 'negative' }));
  }
});

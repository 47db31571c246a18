import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBaseUnits, MAX_BASE, parseBaseUnits, powerOfTen } from './units.ts';

describe('base units on the wire', () => {
  test('read back what was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_BASE }), (base) => {
        expect(parseBaseUnits(formatBaseUnits(base))).toBe(base);
      }),
    );
  });

  test.each([
    ['0', 0n],
    ['10', 10n],
    [MAX_BASE.toString(), MAX_BASE],
  ])('read %s', (text, base) => {
    expect(parseBaseUnits(text)).toBe(base);
    expect(formatBaseUnits(base)).toBe(text);
  });

  test.each([
    ['', 'empty'],
    ['-1', 'format'],
    ['1.0', 'format'],
    ['1e18', 'format'],
    ['0x1', 'format'],
    ['1n', 'format'],
    [' 1', 'format'],
    ['１', 'format'],
    ['00', 'leading-zero'],
    ['01', 'leading-zero'],
    [(MAX_BASE + 1n).toString(), 'too-large'],
    ['9'.repeat(100_000), 'too-large'],
  ])('refuse %.20j as %s', (text, code) => {
    expect(() => parseBaseUnits(text)).toThrow(expect.objectContaining({ code }));
  });

  test('are never written below zero or above 256 bits', () => {
    expect(() => formatBaseUnits(-1n)).toThrow(expect.objectContaining({ code: 'negative' }));
    expect(() => formatBaseUnits(MAX_BASE + 1n)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});

test('powerOfTen takes 0 to 77 and refuses the rest', () => {
  expect(powerOfTen(0)).toBe(1n);
  expect(powerOfTen(77)).toBe(10n ** 77n);
  for (const decimals of [-1, 78, 1.5, Number.NaN, Infinity]) {
    expect(() => powerOfTen(decimals)).toThrow(expect.objectContaining({ code: 'decimals' }));
  }
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AmountError, type AmountErrorCode } from './amount-error.ts';
import { formatAmount, parseAmount } from './amount.ts';
import { MAX_BASE } from './units.ts';

const base = fc.bigInt({ min: 0n, max: MAX_BASE });
const decimals = fc.integer({ min: 0, max: 30 });

/** The code with which a call is refused; fails the test when the call succeeds. */
function codeOf(call: () => unknown): AmountErrorCode {
  try {
    call();
  } catch (error) {
    if (error instanceof AmountError) return error.code;
    throw error;
  }
  throw new Error('Expected a refusal, got a result.');
}

describe('parseAmount', () => {
  test.each([
    ['0', 18, 0n],
    ['0.0', 18, 0n],
    ['12000', 18, 12_000n * 10n ** 18n],
    ['0.25', 2, 25n],
    ['0.5', 2, 50n],
    ['1.000000000000000001', 18, 10n ** 18n + 1n],
    ['7', 0, 7n],
  ])('reads %j with %i decimals', (text, places, expected) => {
    expect(parseAmount(text, places)).toBe(expected);
  });

  test.each<[string, string, number, AmountErrorCode]>([
    ['an empty text', '', 18, 'empty'],
    ['a minus sign', '-1', 18, 'format'],
    ['a plus sign', '+1', 18, 'format'],
    ['an exponent', '1e3', 18, 'format'],
    ['grouping', '12,000', 18, 'format'],
    ['a leading space', ' 1', 18, 'format'],
    ['a trailing line break', '1\n', 18, 'format'],
    ['full-width digits', '１２０００', 18, 'format'],
    ['Arabic-Indic digits', '١٢', 18, 'format'],
    ['hex', '0x10', 18, 'format'],
    ['a bare point', '.', 18, 'format'],
    ['a missing whole part', '.5', 18, 'format'],
    ['a missing fraction', '5.', 18, 'format'],
    ['two points', '1.2.3', 18, 'format'],
    ['a decimal comma', '1,5', 18, 'format'],
    ['the word Infinity', 'Infinity', 18, 'format'],
    ['leading zeros', '007', 18, 'leading-zero'],
    ['one digit too many', '0.123', 2, 'too-many-decimals'],
    ['a fraction of a token without decimals', '1.0', 0, 'too-many-decimals'],
    ['one more than 2^256 - 1', (MAX_BASE + 1n).toString(), 0, 'too-large'],
    ['a text of a million digits', '9'.repeat(1_000_000), 0, 'format'],
    ['one character more than any amount has', `0.${'0'.repeat(159)}`, 77, 'format'],
    ['negative decimals', '1', -1, 'decimals'],
    ['half a decimal', '1', 0.5, 'decimals'],
    ['more decimals than 256 bits hold', '1', 78, 'decimals'],
  ])('refuses %s', (_, text, places, code) => {
    expect(codeOf(() => parseAmount(text, places))).toBe(code);
  });

  test('takes the largest amount of 256 bits', () => {
    expect(parseAmount(MAX_BASE.toString(), 0)).toBe(MAX_BASE);
  });

  test('refuses zero only when the caller does', () => {
    expect(parseAmount('0', 18, { zero: 'allowed' })).toBe(0n);
    expect(codeOf(() => parseAmount('0.00', 18, { zero: 'refused' }))).toBe('zero');
    expect(parseAmount('0.000000000000000001', 18, { zero: 'refused' })).toBe(1n);
  });

  test('says what was expected, what came and what to do, and cuts long input', () => {
    expect(() => parseAmount('1e3', 18)).toThrow(
      'Expected digits with at most one decimal point, got "1e3". Write it as "12000" or "0.25".',
    );
    expect(() => parseAmount('x'.repeat(150), 18)).toThrow(/"x{40}"… \(150 characters\)/);
  });

  test('reads or refuses every text, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.,eE+\-x ]{0,20}$/)), decimals, (text, places) => {
        try {
          const amount = parseAmount(text, places);
          expect(amount).toBeGreaterThanOrEqual(0n);
          expect(text).toMatch(/^[0-9]+(\.[0-9]+)?$/);
        } catch (error) {
          expect(error).toBeInstanceOf(AmountError);
        }
      }),
    );
  });
});

describe('formatAmount', () => {
  test.each([
    [0n, 18, undefined, '0'],
    [12_000n * 10n ** 18n, 18, undefined, '12000'],
    [12_000n * 10n ** 18n, 18, { grouping: true }, '12,000'],
    [1_234_567n, 0, { grouping: true }, '1,234,567'],
    [123n, 0, { grouping: true }, '123'],
    [1_234_567_890n, 6, { grouping: true }, '1,234.56789'],
    [1n, 18, undefined, '0.000000000000000001'],
    [150n, 2, undefined, '1.5'],
    [150n, 2, { minFraction: 2 }, '1.50'],
    [100n, 2, { minFraction: 2 }, '1.00'],
    [0n, 2, { minFraction: 1 }, '0.0'],
  ])('writes %s with %i decimals and %j as %j', (amount, places, options, expected) => {
    expect(formatAmount(amount, places, options)).toBe(expected);
  });

  test('refuses a negative amount, one above 256 bits and a fraction longer than the decimals', () => {
    expect(codeOf(() => formatAmount(-1n, 18))).toBe('negative');
    expect(codeOf(() => formatAmount(MAX_BASE + 1n, 18))).toBe('too-large');
    expect(codeOf(() => formatAmount(1n, 2, { minFraction: 3 }))).toBe('decimals');
    expect(codeOf(() => formatAmount(1n, 2, { minFraction: -1 }))).toBe('decimals');
  });

  test('reads back what it wrote', () => {
    fc.assert(
      fc.property(base, decimals, (amount, places) => {
        expect(parseAmount(formatAmount(amount, places), places)).toBe(amount);
        expect(parseAmount(formatAmount(amount, places, { minFraction: places }), places)).toBe(amount);
        expect(parseAmount(formatAmount(amount, places, { grouping: true }).replaceAll(',', ''), places)).toBe(amount);
      }),
    );
  });
});

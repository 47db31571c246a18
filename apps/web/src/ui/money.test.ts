import { expect, test } from 'vitest';
import { moneyText, tokenToWonDown, WON, wonToToken } from './money.ts';

const EST = { symbol: 'EST', decimals: 18, wonPerToken: '1' };
const FREE = { symbol: 'ABC', decimals: 2, wonPerToken: null };

test('a pegged token is shown as won', () => {
  expect(moneyText(12_000n * 10n ** 18n, EST, 'ko')).toBe('12,000원');
  expect(moneyText(12_000n * 10n ** 18n, EST, 'en')).toBe('₩12,000');
  expect(moneyText(1_234_567n, WON, 'ko')).toBe('1,234,567원');
});

test('nothing is rounded away', () => {
  expect(moneyText(10n ** 18n + 1n, EST, 'ko')).toBe('1.000000000000000001원');
});

test('a token without a peg keeps its own unit', () => {
  expect(moneyText(150n, FREE, 'ko')).toBe('1.5 ABC');
  expect(wonToToken(5n, FREE)).toBeNull();
});

test('won become tokens exactly or not at all', () => {
  expect(wonToToken(12_000n, EST)).toBe(12_000n * 10n ** 18n);
  expect(wonToToken(1n, { symbol: 'TEN', decimals: 0, wonPerToken: '10' })).toBeNull();
  expect(tokenToWonDown(15n * 10n ** 17n, EST)).toBe(1n);
});

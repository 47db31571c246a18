import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BASE } from './units.ts';
import { baseToWonExact, readWonKorean, wonToBase } from './won.ts';

describe('won and tokens', () => {
  test('one won is one whole token, both ways', () => {
    expect(wonToBase(50_000n, 18)).toBe(50_000n * 10n ** 18n);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 30 }), (won, decimals) => {
        expect(baseToWonExact(wonToBase(won, decimals), decimals)).toBe(won);
      }),
    );
  });

  test('a fraction of a won is refused, never rounded', () => {
    expect(() => baseToWonExact(10n ** 18n + 1n, 18)).toThrow(expect.objectContaining({ code: 'not-whole' }));
    expect(() => baseToWonExact(5n, 1)).toThrow(expect.objectContaining({ code: 'not-whole' }));
  });

  test('negative won and amounts above 256 bits are refused', () => {
    expect(() => wonToBase(-1n, 18)).toThrow(expect.objectContaining({ code: 'negative' }));
    expect(() => baseToWonExact(-1n, 0)).toThrow(expect.objectContaining({ code: 'negative' }));
    expect(() => wonToBase(MAX_BASE, 1)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});

describe('readWonKorean', () => {
  test.each([
    [0n, '영 원'],
    [1n, '일 원'],
    [10n, '십 원'],
    [11n, '십일 원'],
    [100n, '백 원'],
    [1_000n, '천 원'],
    [1_111n, '천백십일 원'],
    [3_000n, '삼천 원'],
    [10_000n, '만 원'],
    [12_000n, '만 이천 원'],
    [11_111n, '만 천백십일 원'],
    [50_000n, '오만 원'],
    [100_000n, '십만 원'],
    [110_000n, '십일만 원'],
    [10_000_000n, '천만 원'],
    [12_345_678n, '천이백삼십사만 오천육백칠십팔 원'],
    [100_000_000n, '일억 원'],
    [100_010_000n, '일억 일만 원'],
    [110_000_000n, '일억 천만 원'],
    [100_000_001n, '일억 일 원'],
    [1_000_000_000_000n, '일조 원'],
    [10_000_000_000_000_000n, '일경 원'],
    [
      99_999_999_999_999_999_999n,
      '구천구백구십구경 구천구백구십구조 구천구백구십구억 구천구백구십구만 구천구백구십구 원',
    ],
  ])('reads %s won as %j', (won, reading) => {
    expect(readWonKorean(won)).toBe(reading);
  });

  test('refuses what it has no word for', () => {
    expect(() => readWonKorean(10n ** 20n)).toThrow(expect.objectContaining({ code: 'too-large' }));
    expect(() => readWonKorean(-1n)).toThrow(expect.objectContaining({ code: 'negative' }));
  });

  test('says every amount in its own way', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }), (won) => {
        expect(valueOfReading(readWonKorean(won))).toBe(won);
      }),
    );
  });
});

/** Reads the Korean words back by the rules of the language, not by the tables of the code under test. */
function valueOfReading(reading: string): bigint {
  const digitOf: Record<string, bigint> = {
    일: 1n,
    이: 2n,
    삼: 3n,
    사: 4n,
    오: 5n,
    육: 6n,
    칠: 7n,
    팔: 8n,
    구: 9n,
    영: 0n,
  };
  const placeOf: Record<string, bigint> = { 십: 10n, 백: 100n, 천: 1_000n };
  const groupOf: Record<string, bigint> = { 만: 10n ** 4n, 억: 10n ** 8n, 조: 10n ** 12n, 경: 10n ** 16n };
  let total = 0n;
  let group = 0n;
  let digit: bigint | undefined;
  for (const char of reading.replace(/ 원$/, '').replaceAll(' ', '')) {
    if (char in digitOf) digit = digitOf[char]!;
    else if (char in placeOf) {
      group += (digit ?? 1n) * placeOf[char]!;
      digit = undefined;
    } else {
      const value = group + (digit ?? 0n);
      total += (value === 0n ? 1n : value) * groupOf[char]!;
      group = 0n;
      digit = undefined;
    }
  }
  return total + group + (digit ?? 0n);
}

/** Korean won: whole numbers only, one won to one whole token, and read aloud as people say it. */
import { AmountError, quoteInput } from './amount-error.ts';
import { checkBase, powerOfTen, tooLarge, MAX_BASE, type AmountBase } from './units.ts';

/** Base units of `won` whole tokens. */
export function wonToBase(won: bigint, decimals: number): AmountBase {
  checkBase(won);
  const base = won * powerOfTen(decimals);
  if (base > MAX_BASE) throw tooLarge(won.toString());
  return base;
}

/** Whole won of `base` units. Throws `AmountError` (`not-whole`) when a fraction of a won would be left: a bank cannot pay it. */
export function baseToWonExact(base: AmountBase, decimals: number): bigint {
  checkBase(base);
  const scale = powerOfTen(decimals);
  if (base % scale !== 0n) {
    throw new AmountError(
      'not-whole',
      `Expected a whole number of won (a multiple of 10^${decimals} base units), got ${quoteInput(base.toString())}.`,
    );
  }
  return base / scale;
}

const DIGITS = ['', '일', '이', '삼', '사', '오', '육', '칠', '팔', '구'] as const;
const PLACES = ['', '십', '백', '천'] as const;
/** Korean counts in ten-thousands: each group of four digits has its own word. */
const GROUPS = ['', '만', '억', '조', '경'] as const;
const READABLE_LIMIT = 10_000n ** BigInt(GROUPS.length);

/**
 * The amount as a Korean says it: 12,000 is `만 이천 원`, 50,000 `오만 원`, 0 `영 원`.
 * `일` is left out before 십, 백 and 천 and before a leading 만, and stands elsewhere (`일억 원`, `일억 일만 원`).
 * Throws `AmountError` below 0 and from 10^20 won (해, which no price reaches) up.
 */
export function readWonKorean(won: bigint): string {
  checkBase(won);
  if (won >= READABLE_LIMIT)
    throw new AmountError(
      'too-large',
      `Expected less than 10^20 won to read aloud, got ${quoteInput(won.toString())}.`,
    );
  if (won === 0n) return '영 원';
  const words: string[] = [];
  for (let group = GROUPS.length - 1; group >= 0; group--) {
    const digits = ((won / 10_000n ** BigInt(group)) % 10_000n).toString();
    if (digits === '0') continue;
    const isLeadingMan = GROUPS[group] === '만' && digits === '1' && words.length === 0;
    words.push(isLeadingMan ? '만' : `${readFourDigits(digits)}${GROUPS[group]}`);
  }
  return `${words.join(' ')} 원`;
}

/** One to four digits without leading zeros: `2100` is 이천백. */
function readFourDigits(digits: string): string {
  return Array.from(digits)
    .map((digit, index) => {
      const place = PLACES[digits.length - 1 - index] ?? '';
      if (digit === '0') return '';
      return digit === '1' && place !== '' ? place : `${DIGITS[Number.parseInt(digit, 10)]}${place}`;
    })
    .join('');
}

/** Amounts as people write them: the one parser and the one formatter between decimal text and base units. */
import { AmountError, quoteInput } from './amount-error.ts';
import { checkBase, MAX_BASE, powerOfTen, tooLarge, type AmountBase } from './units.ts';

/** 78 digits reach 2^256 − 1, and 77 decimals with their point may follow; a longer text cannot be an amount. */
const TEXT_MAX = 160;

/** What a caller may ask of `parseAmount` beyond the format. */
export interface ParseAmountOptions {
  /** `refused` makes zero an error, as a payment wants it. Zero is allowed unless this says otherwise. */
  zero?: 'allowed' | 'refused';
}

/**
 * Reads an amount such as `12000` or `0.25` into base units of a token with `decimals` decimals.
 * Takes ASCII digits and at most one point with digits on both sides: no sign, exponent, grouping, spaces, full-width digits, hex or
 * leading zeros, and never rounds. Throws `AmountError`, with a code, for anything else and above 2^256 − 1 base units.
 */
export function parseAmount(text: string, decimals: number, options: ParseAmountOptions = {}): AmountBase {
  const scale = powerOfTen(decimals);
  if (text === '') throw new AmountError('empty', 'Expected an amount such as "12000", got an empty text.');
  if (text.length > TEXT_MAX) {
    throw new AmountError('format', `Expected an amount of at most ${TEXT_MAX} characters, got ${text.length}.`);
  }
  const match = /^([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) {
    throw new AmountError(
      'format',
      `Expected digits with at most one decimal point, got ${quoteInput(text)}. Write it as "12000" or "0.25".`,
    );
  }
  const [, whole = '', fraction = ''] = match;
  if (whole.length > 1 && whole.startsWith('0')) {
    throw new AmountError('leading-zero', `Expected an amount without leading zeros, got ${quoteInput(text)}.`);
  }
  if (fraction.length > decimals) {
    throw new AmountError(
      'too-many-decimals',
      `Expected at most ${decimals} digits after the point, got ${fraction.length} in ${quoteInput(text)}. Nothing is rounded.`,
    );
  }
  const base = BigInt(whole) * scale + BigInt(fraction.padEnd(decimals, '0') || '0');
  if (base > MAX_BASE) throw tooLarge(text);
  if (base === 0n && options.zero === 'refused')
    throw new AmountError('zero', 'Expected an amount above zero, got zero.');
  return base;
}

/** How `formatAmount` writes; without options it writes the shortest text that `parseAmount` reads back. */
export interface FormatAmountOptions {
  /** A comma after every three whole digits: `12,000`. Such a text is for people; `parseAmount` refuses it. */
  grouping?: boolean;
  /** Digits after the point that are always shown, at most the token's decimals. 0 unless given. */
  minFraction?: number;
}

/** Writes base units as a decimal text, exactly: trailing zeros of the fraction are left out, nothing is rounded. */
export function formatAmount(base: AmountBase, decimals: number, options: FormatAmountOptions = {}): string {
  const scale = powerOfTen(decimals);
  checkBase(base);
  const minFraction = options.minFraction ?? 0;
  if (!Number.isInteger(minFraction) || minFraction < 0 || minFraction > decimals) {
    throw new AmountError(
      'decimals',
      `Expected minFraction from 0 to the token's ${decimals} decimals, got ${minFraction}.`,
    );
  }
  const whole = (base / scale).toString();
  const fraction =
    decimals === 0 ? '' : (base % scale).toString().padStart(decimals, '0').replace(/0+$/, '').padEnd(minFraction, '0');
  const wholeShown = options.grouping === true ? whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',') : whole;
  return fraction === '' ? wholeShown : `${wholeShown}.${fraction}`;
}

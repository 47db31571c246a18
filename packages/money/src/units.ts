/** Base units and their wire form: an integer in decimal digits, as JSON and the database carry it. */
import { AmountError, quoteInput } from './amount-error.ts';

/** An amount in a token's smallest unit, never negative, at most `MAX_BASE`. A bare `amount` in this code is one of these. */
export type AmountBase = bigint;

/** The largest amount that a chain's 256-bit word holds: 2^256 − 1. */
export const MAX_BASE: AmountBase = 2n ** 256n - 1n;

/** No token that we know has more decimals than this; 10^77 is the last power of ten below 2^256. */
export const DECIMALS_MAX = 77;

const MAX_BASE_DIGITS = MAX_BASE.toString().length;

/** 10^decimals. Throws `AmountError` (`decimals`) unless `decimals` is a whole number from 0 to 77. */
export function powerOfTen(decimals: number): bigint {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > DECIMALS_MAX) {
    throw new AmountError(
      'decimals',
      `A token has a whole number of decimals from 0 to ${DECIMALS_MAX}, got ${decimals}.`,
    );
  }
  return 10n ** BigInt(decimals);
}

/**
 * Reads base units from their wire form: decimal digits without sign, fraction, spaces or leading zeros.
 * Throws `AmountError` for anything else, and above `MAX_BASE`.
 */
export function parseBaseUnits(text: string): AmountBase {
  if (text === '') throw new AmountError('empty', 'Expected base units in decimal digits, got an empty text.');
  if (!/^[0-9]+$/.test(text)) {
    throw new AmountError(
      'format',
      `Expected base units in decimal digits only, got ${quoteInput(text)}. Send a whole number such as "12000".`,
    );
  }
  if (text.length > 1 && text.startsWith('0')) {
    throw new AmountError('leading-zero', `Expected base units without leading zeros, got ${quoteInput(text)}.`);
  }
  if (text.length > MAX_BASE_DIGITS) throw tooLarge(text);
  const base = BigInt(text);
  if (base > MAX_BASE) throw tooLarge(text);
  return base;
}

/** Writes base units in their wire form. Throws `AmountError` below 0 and above `MAX_BASE`. */
export function formatBaseUnits(base: AmountBase): string {
  checkBase(base);
  return base.toString();
}

/** Throws `AmountError` unless `base` is from 0 to `MAX_BASE`. */
export function checkBase(base: bigint): void {
  if (base < 0n)
    throw new AmountError('negative', `An amount cannot be below zero, got ${quoteInput(base.toString())}.`);
  if (base > MAX_BASE) throw tooLarge(base.toString());
}

/** The error for an amount that no 256-bit word holds. */
export function tooLarge(text: string): AmountError {
  return new AmountError('too-large', `Expected an amount of at most 2^256 − 1 base units, got ${quoteInput(text)}.`);
}

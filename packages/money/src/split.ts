/** Sharing one amount among several without losing a unit. */
import { AmountError } from './amount-error.ts';
import { checkBase, type AmountBase } from './units.ts';

/** A split into more parts than this is a mistake of the caller: no batch of ours is larger. */
const PARTS_MAX = 100_000;

/**
 * Shares of `total` that differ by at most one base unit and sum to exactly `total`.
 * The remainder goes to the first ones, one unit each, so the order of the parts decides who gets it.
 */
export function splitEvenly(total: AmountBase, parts: number): AmountBase[] {
  checkBase(total);
  if (!Number.isInteger(parts) || parts < 1 || parts > PARTS_MAX) {
    throw new AmountError('divisor', `Expected a whole number of parts from 1 to ${PARTS_MAX}, got ${parts}.`);
  }
  const share = total / BigInt(parts);
  const remainder = total % BigInt(parts);
  return Array.from({ length: parts }, (_, index) => (BigInt(index) < remainder ? share + 1n : share));
}

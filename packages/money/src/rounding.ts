/** Division of amounts. Each function names its rounding, because somebody gets or loses the rest. */
import { AmountError } from './amount-error.ts';
import { checkBase } from './units.ts';

/** `numerator / denominator` with the rest dropped: the one who is owed gets less than a unit too little. */
export function divideDown(numerator: bigint, denominator: bigint): bigint {
  checkOperands(numerator, denominator);
  return numerator / denominator;
}

/** `numerator / denominator` with any rest counted as one more: the one who pays gives less than a unit too much. */
export function divideUp(numerator: bigint, denominator: bigint): bigint {
  checkOperands(numerator, denominator);
  return (numerator + denominator - 1n) / denominator;
}

function checkOperands(numerator: bigint, denominator: bigint): void {
  checkBase(numerator);
  if (denominator <= 0n) throw new AmountError('divisor', `Expected a divisor above zero, got ${denominator}.`);
}

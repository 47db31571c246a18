export { AmountError, type AmountErrorCode } from './amount-error.ts';
export { parseAmount, formatAmount, type ParseAmountOptions, type FormatAmountOptions } from './amount.ts';
export { parseBaseUnits, formatBaseUnits, powerOfTen, MAX_BASE, DECIMALS_MAX, type AmountBase } from './units.ts';
export { divideDown, divideUp } from './rounding.ts';
export { splitEvenly } from './split.ts';
export { wonToBase, baseToWonExact, readWonKorean } from './won.ts';

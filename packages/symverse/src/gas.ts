/** Gas of a transaction apart from what it calls: base, data and price. That of contract calls is in `sct/gas.ts`, which knows every template. */
import { HUG_PER_GHUG } from './units.ts';

/** The network's fixed price of one gas unit in hug: 100 GHug since gsym 1.0.23. */
export const GAS_PRICE_HUG = 100n * HUG_PER_GHUG;
/** Base gas when `to` is present. */
export const GAS_BASE_CALL = 49_000n;
/** Base gas when `to` is empty; it stands in place of the other, not beside it. */
export const GAS_BASE_CREATE = 8_000_000n;
/** Gas of each input byte that is not zero. */
export const GAS_PER_NONZERO_BYTE = 680n;
/** Gas of each input byte that is zero. */
export const GAS_PER_ZERO_BYTE = 40n;

/** The base gas of a transaction: its destination decides. */
export const baseGas = (to: string | null): bigint => (to === null ? GAS_BASE_CREATE : GAS_BASE_CALL);

/** The gas of the input's bytes. */
export function dataGas(input: Uint8Array): bigint {
  let zeros = 0;
  for (const byte of input) if (byte === 0) zeros++;
  return GAS_PER_NONZERO_BYTE * BigInt(input.length - zeros) + GAS_PER_ZERO_BYTE * BigInt(zeros);
}

/** Base and data gas: charged whatever becomes of the call. */
export const intrinsicGas = (transaction: { readonly to: string | null; readonly input: Uint8Array }): bigint =>
  baseGas(transaction.to) + dataGas(transaction.input);

/** The fee in hug of so much gas at the network's price. */
export const gasFeeHug = (gas: bigint, gasPriceHug = GAS_PRICE_HUG): bigint => gas * gasPriceHug;

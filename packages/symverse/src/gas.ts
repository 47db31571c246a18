/** Gas: what a transaction costs before and after it runs. Everything is exact: gsym charges what this file computes. */
import { SCT20_METHODS } from './sct/sct20.ts';
import { SCT21_METHODS } from './sct/sct21.ts';
import { SCT22_METHODS } from './sct/sct22.ts';
import { SCT30_METHODS } from './sct/sct30.ts';
import { SCT40_METHODS } from './sct/sct40.ts';
import { decodeSctCall, SCT_TYPE, SctInputError, type SctCall } from './sct/codec.ts';
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

/**
 * Gas of the operations by template; the index is the method number. Where the documents and the published client symjs
 * 1.0.6 contradict each other, the client's figures stand; each template's file says where.
 */
export const SCT_GAS: Readonly<Record<number, readonly bigint[]>> = {
  [SCT_TYPE.sct20]: SCT20_METHODS.map((row) => row.gas),
  [SCT_TYPE.sct21]: SCT21_METHODS.map((row) => row.gas),
  [SCT_TYPE.sct22]: SCT22_METHODS.map((row) => row.gas),
  [SCT_TYPE.sct30]: SCT30_METHODS.map((row) => row.gas),
  [SCT_TYPE.sct40]: SCT40_METHODS.map((row) => row.gas),
};

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

/** The gas of an operation; items of SCT30 and coupons of SCT40 are charged one by one. Zero for a method that no table names, as the client has it. */
export function sctGas({ type, method, params }: SctCall): bigint {
  const gas = SCT_GAS[type]?.[method] ?? 0n;
  const isPerItem = (type === SCT_TYPE.sct30 || type === SCT_TYPE.sct40) && method === 1;
  return isPerItem ? gas * BigInt(params.length) : gas;
}

/**
 * The gas that a transaction uses when it succeeds, and so the limit to send it with. An SCT input that does not decode counts
 * as an operation of zero: it fails with only base and data gas used.
 */
export function estimateGas(transaction: {
  readonly to: string | null;
  readonly input: Uint8Array;
  readonly type: number;
}): bigint {
  const intrinsic = intrinsicGas(transaction);
  if (transaction.type !== 1) return intrinsic;
  try {
    return intrinsic + sctGas(decodeSctCall(transaction.input));
  } catch (error) {
    if (error instanceof SctInputError) return intrinsic;
    throw error;
  }
}

/** The fee in hug of so much gas at the network's price. */
export const gasFeeHug = (gas: bigint, gasPriceHug = GAS_PRICE_HUG): bigint => gas * gasPriceHug;

/**
 * Gas of contract calls, and of whole transactions. What is computed here is charged to the unit by our work node, and is what
 * symjs 1.0.6 sends as the limit; the paper's table and the known receipts of the network agree. What gsym charges for SCT21 mint and burn, a new owner of
 * SCT30 and SCT40, SCT40 transferFrom, and for calls that fail is told differently by the documents, or not at all.
 */
import { intrinsicGas } from '../gas.ts';
import { decodeSctCall, SCT_TYPE, SctInputError, type SctCall } from './codec.ts';
import { SCT20_METHODS } from './sct20.ts';
import { SCT21_METHODS } from './sct21.ts';
import { SCT22_METHODS } from './sct22.ts';
import { SCT30_METHODS } from './sct30.ts';
import { SCT40_METHODS } from './sct40.ts';

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

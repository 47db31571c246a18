/**
 * Gas of contract calls, and of whole transactions: the limit that a client sends, and what our work node charges to the unit. Of
 * gsym's own charges two receipts are published: a plain transfer used 49,000, and a call of a contract that does not exist, at
 * the prices of former times, base and data gas alone. All else is what the sources say:
 *
 *   base and data               documents, release notes and symjs 1.0.6, the same but for one formula of sct-kor.md, taken for a slip
 *   SCT20                       documents, symjs and the paper's table, all the same
 *   SCT21, SCT30, SCT40         documents and symjs, the same but for:
 *     SCT21 mint, burn          symjs and sym-tools 8,000, documents 9,000
 *     SCT30 transferOwner       symjs 40,000, documents and sym-tools 4,000
 *     SCT40 transferOwner       symjs and sym-tools 40,000, documents 4,000
 *     SCT40 transferFrom        symjs 14,000, documents 16,000
 *   SCT22                       documents and sym-tools; symjs numbers its methods in another way
 *   SCT50, SCT51                not here: documents and sym-tools contradict each other, symjs computes zero
 *   calls that fail otherwise   nothing is published; our work node's rule is its own
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

/** The input of an SCT transaction: RLP([type, method, [parameters…]]). This file knows no template; each has its own. */
import { decodeRlp, encodeRlp, integerToBytes, isRlpList, bytesToInteger, type RlpItem } from '../rlp.ts';
import { TRANSACTION_BYTES_MAX } from '../transaction/transaction.ts';
import { SCT_ERR, type SctErrCode } from './errors.ts';

/** Template numbers that documents name. */
export const SCT_TYPE = { sct20: 20, sct21: 21, sct22: 22, sct30: 30, sct40: 40, sct50: 50, sct51: 51 } as const;

/** A call of any template, parameters as they came: for display, and for the templates' own decoders. */
export interface SctCall {
  /** Template number, 20 for SCT20. */
  readonly type: number;
  /** Method number within the template; 0 creates. */
  readonly method: number;
  readonly params: readonly RlpItem[];
}

/** Lists within lists: the call, its parameters, a list of items, one item. */
const DEPTH_MAX = 4;
/** What 32 KB can hold: the smallest item or coupon takes 7 bytes. The documents let a call create as many as fit. */
const PARAMS_MAX = Math.floor(TRANSACTION_BYTES_MAX / 7);

/** The bytes of a call. */
export const encodeSctCall = ({ type, method, params }: SctCall): Uint8Array =>
  encodeRlp([integerToBytes(BigInt(type)), integerToBytes(BigInt(method)), params], DEPTH_MAX);

/**
 * The call in an input, whatever its template. Refuses everything but a list of type, method and a list of parameters.
 * A method without parameters carries an empty list.
 */
export function decodeSctCall(input: Uint8Array): SctCall {
  try {
    return splitCall(decodeRlp(input, { bytesMax: TRANSACTION_BYTES_MAX, depthMax: DEPTH_MAX }));
  } catch (cause) {
    if (cause instanceof SctInputError) throw cause;
    throw new SctInputError(
      null,
      SCT_ERR['bad-format'],
      `Input of the contract call: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** An input that is no valid call. `field` names the parameter at fault; `errCode` is what a node writes into the receipt. */
export class SctInputError extends Error {
  override readonly name = 'SctInputError';
  readonly field: string | null;
  readonly errCode: SctErrCode;
  constructor(field: string | null, errCode: SctErrCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
    this.errCode = errCode;
  }
}

function splitCall(item: RlpItem): SctCall {
  if (!isRlpList(item) || item.length !== 3) throw malformed('a list of type, method and parameters');
  const [type, method, params] = item as readonly [RlpItem, RlpItem, RlpItem];
  if (isRlpList(type) || isRlpList(method)) throw malformed('type and method as integers');
  if (!isRlpList(params)) throw malformed('the parameters as a list');
  if (params.length > PARAMS_MAX) throw malformed(`at most ${PARAMS_MAX} parameters`);
  return { type: smallInteger(type), method: smallInteger(method), params };
}

// Both numbers are one byte in every documented template; two leave room.
const smallInteger = (bytes: Uint8Array): number => {
  const value = bytesToInteger(bytes, 2);
  return value === 0n ? 0 : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
};

const malformed = (expected: string): SctInputError =>
  new SctInputError(
    null,
    SCT_ERR['bad-format'],
    `Input of the contract call: Expected ${expected}, got something else.`,
  );

/**
 * What became of a transaction. The shape follows `sym_getTransactionReceipt`. How gsym stores receipts, and what its
 * `receiptsRoot` is made of, is not published: the RLP form here is Jigeum's own.
 */
import { encodeRlp, viewRlp } from './rlp.ts';
import {
  bytes,
  decodeRecord,
  encodeRecord,
  fixedBytes,
  listOf,
  oneOf,
  recordField,
  symId,
  symIdOrNull,
  uint,
  type RecordOf,
} from './record.ts';

/** A log entry, as in Ethereum. SCT calls make none. */
export const LOG_FIELDS = [
  ['address', symId],
  ['topics', listOf(fixedBytes(32), 4)],
  ['data', bytes(32 * 1024)],
] as const;

/** The fields of a receipt that follow from execution, in our order. Hash, index, block, sender and receiver are the transaction's. */
export const RECEIPT_FIELDS = [
  ['status', oneOf<0 | 1>(0, 1)],
  ['errCode', uint(4)],
  ['gasUsed', uint(8)],
  ['cumulativeGasUsed', uint(8)],
  ['contractAddress', symIdOrNull],
  ['logs', listOf(recordField('log', LOG_FIELDS), 1024)],
] as const;

export type Log = RecordOf<typeof LOG_FIELDS>;
/** `status` 1 is success; `errCode` is 0 unless an SCT call failed (see `sctFailure`); `contractAddress` is null unless one was made. */
export type Receipt = RecordOf<typeof RECEIPT_FIELDS>;

const RECEIPT_BYTES_MAX = 1_048_576;

/** RLP of a receipt, ours: for storage and for the receipts' root. */
export const encodeReceipt = (receipt: Receipt): Uint8Array =>
  encodeRlp(encodeRecord(RECEIPT_FIELDS, receipt, 'receipt'));

/** The receipt of its bytes; refuses, naming the field, what `encodeReceipt` would not have written. */
export const decodeReceipt = (raw: Uint8Array): Receipt =>
  decodeRecord('receipt', RECEIPT_FIELDS, viewRlp(raw, { bytesMax: RECEIPT_BYTES_MAX, depthMax: 4 }));

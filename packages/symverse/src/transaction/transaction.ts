/** Transactions: 13 fields, their wire order, and strict encoding and decoding. Signing is in `signing.ts`. */
import { encodeRlp, isRlpList, RlpError, viewRlp, type RlpItem } from '../rlp.ts';
import {
  bytes,
  decodeRecord,
  encodeRecord,
  oneOf,
  RecordError,
  symId,
  symIdOrNull,
  uint,
  type Field,
  type RecordOf,
} from '../record.ts';
import { CURVE_ORDER, isCanonicalSignature } from '../signature.ts';
import type { SymId } from '../symid.ts';

/** 0 moves SYM. 1 calls or creates an SCT contract. 2 sets (`to` empty) or restores (`to` = `from`) the deposit. */
export const TRANSACTION_TYPE = { general: 0, sct: 1, deposit: 2 } as const;
export type TransactionType = (typeof TRANSACTION_TYPE)[keyof typeof TRANSACTION_TYPE];

/** The chain's limit for one signed transaction ("tx-size 32kb" in the contract documentation). */
export const TRANSACTION_BYTES_MAX = 32 * 1024;
/** One work node is the rule; up to three were allowed before gsym 1.0.23, so that old transactions decode. The mempool demands one. */
export const WORK_NODES_MAX = 3;

/**
 * The work nodes. Published clients write "no work nodes" in two ways and sign what they wrote, so both must decode and be
 * kept apart: `null` is the empty string 0x80 (symjs when the option is left out), `[]` is the empty list 0xc0.
 */
const workNodes: Field<readonly SymId[] | null> = {
  encode: (value) => (value === null ? new Uint8Array(0) : requireCount(value).map((node) => symId.encode(node))),
  decode(item) {
    if (isRlpList(item)) return requireCount(item).map((node) => symId.decode(node));
    if (item.length === 0) return null;
    throw new RlpError('wrong-kind', 0, `Expected a list of work nodes, got a byte string of ${item.length} bytes.`);
  },
};

/** The ten fields that are signed, in wire order. */
export const UNSIGNED_FIELDS = [
  ['from', symId],
  ['nonce', uint(8)],
  ['gasPrice', uint(32)],
  ['gas', uint(8)],
  ['to', symIdOrNull],
  ['value', uint(32)],
  ['input', bytes(TRANSACTION_BYTES_MAX)],
  ['type', oneOf<TransactionType>(0, 1, 2)],
  ['workNodes', workNodes],
  ['extraData', bytes(TRANSACTION_BYTES_MAX)],
] as const;

/** All thirteen fields, in wire order. */
export const TRANSACTION_FIELDS = [
  ...UNSIGNED_FIELDS,
  ['v', oneOf<0 | 1>(0, 1)],
  ['r', uint(32)],
  ['s', uint(32)],
] as const;

/** A transaction before it is signed. Amounts and prices in hug, `gas` in gas units. */
export type UnsignedTransaction = RecordOf<typeof UNSIGNED_FIELDS>;
/** A signed transaction. */
export type Transaction = RecordOf<typeof TRANSACTION_FIELDS>;

/** The signed bytes, as they are broadcast: RLP of the thirteen fields. Refuses more than 32 KB. */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  requireSignature(transaction);
  const raw = encodeRlp(transactionItem(transaction));
  if (raw.length > TRANSACTION_BYTES_MAX) throw tooLarge(raw.length);
  return raw;
}

/** The transaction as an RLP list, for a block's body. */
export const transactionItem = (transaction: Transaction): RlpItem[] =>
  encodeRecord(TRANSACTION_FIELDS, transaction, 'transaction');

/**
 * The transaction of its signed bytes. Refuses, naming the field: anything not in its one form (leading zeros, a wrong length,
 * trailing bytes), v other than 0 or 1, r or s out of range, s in the high half. Neither the signer nor any rule of the chain is checked.
 */
export function decodeTransaction(raw: Uint8Array): Transaction {
  if (raw.length > TRANSACTION_BYTES_MAX) throw tooLarge(raw.length);
  return transactionFromItem(viewRlp(raw, { bytesMax: TRANSACTION_BYTES_MAX, depthMax: 2 }));
}

/** The transaction of an RLP list, for a block's body. Refuses what `decodeTransaction` refuses. */
export function transactionFromItem(item: RlpItem): Transaction {
  const transaction = decodeRecord('transaction', TRANSACTION_FIELDS, item);
  requireSignature(transaction);
  return transaction;
}

function requireSignature({ r, s }: Transaction): void {
  if (isCanonicalSignature({ r, s })) return;
  const field = r > 0n && r < CURVE_ORDER ? 's' : 'r';
  const range = field === 'r' ? 'between 1 and the order of secp256k1' : 'in the low half of the order of secp256k1';
  throw new RecordError(
    'transaction',
    field,
    `Field ${field} of the transaction: Expected a number ${range}, got one outside.`,
  );
}

function requireCount<T>(list: readonly T[]): readonly T[] {
  if (list.length > WORK_NODES_MAX)
    throw new RangeError(`Expected at most ${WORK_NODES_MAX} work nodes, got ${list.length}.`);
  return list;
}

const tooLarge = (size: number): RecordError =>
  new RecordError(
    'transaction',
    null,
    `Expected a transaction of at most ${TRANSACTION_BYTES_MAX} bytes, got ${size}.`,
  );

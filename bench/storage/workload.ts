/** What a full block of token transfers makes a storage keep: the same blocks for every engine, from one seed. */
import { randomFillSync } from 'node:crypto';

export const TRANSACTIONS_PER_BLOCK = 2_500;
/** Sender's and receiver's holding, and the sender's coins. */
const ROWS_PER_BLOCK = TRANSACTIONS_PER_BLOCK * 3;
/** Rows of the state before the first block. */
export const ROW_COUNT = 300_000;
const RAW_BYTES = 200;
const RECEIPT_BYTES = 20;
const HEADER_BYTES = 600;
const VALUE_BYTES = 30;

/** A row of the state that a block changes. */
export interface ChangedRow {
  readonly id: number;
  readonly key: string;
  readonly value: Uint8Array;
  readonly before: Uint8Array | undefined;
}

export interface WorkloadBlock {
  readonly number: number;
  readonly header: Uint8Array;
  readonly transactions: readonly {
    readonly hash: Uint8Array;
    readonly raw: Uint8Array;
    readonly receipt: Uint8Array;
  }[];
  readonly rows: readonly ChangedRow[];
}

const VALUE = new Uint8Array(VALUE_BYTES).fill(7);
const RAW = new Uint8Array(RAW_BYTES).fill(8);
const RECEIPT = new Uint8Array(RECEIPT_BYTES).fill(9);

/** As long as the key of a holding. */
const KEYS = Array.from({ length: ROW_COUNT }, (_, id) => `0x00021234567890120002/0x${`${id}`.padStart(20, '0')}`);

/** The rows that are there before the first block. */
export const firstRows = (): ChangedRow[] => KEYS.map((key, id) => ({ id, key, value: VALUE, before: undefined }));

/** A block whose hashes and rows are drawn anew; each row at most once. */
export function workloadBlock(number: number): WorkloadBlock {
  const hashes = randomFillSync(new Uint8Array(32 * TRANSACTIONS_PER_BLOCK));
  const drawn = randomFillSync(new Uint32Array(ROWS_PER_BLOCK));
  const ids = new Set(Array.from(drawn, (word) => word % ROW_COUNT));
  return {
    number,
    header: new Uint8Array(HEADER_BYTES).fill(6),
    transactions: Array.from({ length: TRANSACTIONS_PER_BLOCK }, (_, index) => ({
      hash: hashes.slice(index * 32, index * 32 + 32),
      raw: RAW,
      receipt: RECEIPT,
    })),
    rows: Array.from(ids, (id) => ({ id, key: KEYS[id]!, value: VALUE, before: VALUE })),
  };
}

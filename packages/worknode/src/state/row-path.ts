/** Where a row stands in its trie: SHA3-256(table number ‖ the parts of its key). docs/protocol/tries.md lists the tables. */
import type { Sha3 } from '@jigeum/symverse';
import { TABLE_NAMES, type TableName } from './tables.ts';

/** An address or hash in a key is its bytes; a number is eight bytes, big-endian. Every table has parts of fixed kinds, so no two keys give the same bytes. */
export function rowPath(table: TableName, key: string, sha3: Sha3): Uint8Array {
  let end = 1;
  preimage[0] = TABLE_NUMBERS[table];
  for (let at = 0; at < key.length;) {
    const slash = key.indexOf('/', at);
    const partEnd = slash === -1 ? key.length : slash;
    end = key.startsWith('0x', at) ? writeHex(key, at + 2, partEnd, end) : writeNumber(key.slice(at, partEnd), end);
    at = partEnd + 1;
  }
  return sha3(preimage.subarray(0, end));
}

const TABLE_NUMBERS = Object.fromEntries(TABLE_NAMES.map((name, index) => [name, index])) as Record<TableName, number>;

/** A contract, a hash and a position, or three addresses: nothing longer is a key. */
const PREIMAGE_BYTES_MAX = 64;
/** Written anew by each call and read before the next: a path is made for each of 300,000 rows at a start. */
const preimage = new Uint8Array(PREIMAGE_BYTES_MAX);

function writeHex(key: string, from: number, to: number, at: number): number {
  const end = at + ((to - from) >> 1);
  if (end > PREIMAGE_BYTES_MAX || (to - from) % 2 !== 0) throw keyError(key);
  for (let index = from; index < to; index += 2, at++) {
    const value = (digit(key.charCodeAt(index)) << 4) | digit(key.charCodeAt(index + 1));
    if (value < 0) throw keyError(key);
    preimage[at] = value;
  }
  return end;
}

function writeNumber(part: string, at: number): number {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(part) || at + 8 > PREIMAGE_BYTES_MAX) throw keyError(part);
  new DataView(preimage.buffer).setBigUint64(at, BigInt(part));
  return at + 8;
}

/** The value of a lowercase hex digit; −1, whose sign survives every `|` and `<<`, for anything else. */
const digit = (code: number): number =>
  code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;

const keyError = (key: string): RangeError =>
  new RangeError(`Expected a key of addresses and numbers, got ${JSON.stringify(key)}.`);

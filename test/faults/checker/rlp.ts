/** RLP, reading only, and the one transaction form that the platform signs. Written from the protocol's documents. */
import { createHash } from 'node:crypto';

export type Item = Buffer | Item[];

/** Reads one item that fills all of `bytes`. */
export function readRlp(bytes: Buffer): Item {
  const [item, rest] = readItem(bytes);
  if (rest.length > 0) throw new Error(`Expected the end after an RLP item, got ${rest.length} more bytes.`);
  return item;
}

function readItem(bytes: Buffer): [Item, Buffer] {
  const first = bytes[0];
  if (first === undefined) throw new Error('Expected an RLP item, got nothing.');
  if (first < 0x80) return [bytes.subarray(0, 1), bytes.subarray(1)];
  const isList = first >= 0xc0;
  const base = isList ? 0xc0 : 0x80;
  const short = first - base;
  const head = short <= 55 ? 1 : 1 + short - 55;
  const length = short <= 55 ? short : bytes.readUIntBE(1, short - 55);
  const end = head + length;
  if (bytes.length < end) throw new Error(`Expected ${end} bytes of an RLP item, got ${bytes.length}.`);
  const content = bytes.subarray(head, end);
  if (!isList) return [content, bytes.subarray(end)];
  const items: Item[] = [];
  for (let rest = content; rest.length > 0;) {
    const [item, after] = readItem(rest);
    items.push(item);
    rest = after;
  }
  return [items, bytes.subarray(end)];
}

/** Big-endian, without a sign; nothing is zero. */
export const integerOf = (item: Item | undefined): bigint =>
  bytesOf(item).length === 0 ? 0n : BigInt(`0x${bytesOf(item).toString('hex')}`);

export function bytesOf(item: Item | undefined): Buffer {
  if (!Buffer.isBuffer(item)) throw new Error('Expected bytes in RLP, got a list or nothing.');
  return item;
}

export const addressOf = (item: Item | undefined): string => `0x${bytesOf(item).toString('hex')}`;

export const sha3 = (bytes: Buffer): string => createHash('sha3-256').update(bytes).digest('hex');

/** What a signed transaction says, without who signed it. */
export interface SignedFields {
  readonly from: string;
  readonly nonce: bigint;
  /** Null: it creates a contract. */
  readonly to: string | null;
  readonly value: bigint;
  readonly input: Buffer;
}

/** from, nonce, gas price, gas, to, value, input, type, work nodes, extra data, v, r, s. */
export function readTransaction(raw: Buffer): SignedFields {
  const fields = readRlp(raw);
  if (!Array.isArray(fields) || fields.length < 10) throw new Error('Expected a transaction as a list of its fields.');
  const to = bytesOf(fields[4]);
  return {
    from: addressOf(fields[0]),
    nonce: integerOf(fields[1]),
    to: to.length === 0 ? null : addressOf(to),
    value: integerOf(fields[5]),
    input: bytesOf(fields[6]),
  };
}

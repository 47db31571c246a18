/**
 * What a stranger needs to read a chain's bytes, written from docs/protocol alone: SHA3-256, strict RLP, signatures, tries. It
 * shares no code with the packages of this repository.
 */
import { createHash } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';

/** RLP: bytes, or a list of items. */
export type Item = Buffer | Item[];

/** Something is not as it is said to be. */
export class Refusal extends Error {}

/** The value at a key, or null where the nodes show that there is none. */
export function walk(root: Buffer, key: Buffer, proof: readonly Buffer[]): Buffer | null {
  const path = [...key.toString('hex')].map((digit) => Number.parseInt(digit, 16));
  // The constant of a trie without entries.
  const isEmpty = root.toString('hex') === '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
  let used = 0;
  let at = 0;
  let reference: Item = isEmpty ? Buffer.alloc(0) : root;
  const end = (value: Buffer | null): Buffer | null => {
    need(used === proof.length, 'the proof has surplus nodes');
    return value;
  };
  for (;;) {
    let node: Item = reference;
    if (Buffer.isBuffer(node)) {
      if (node.length === 0) return end(null);
      const next = proof[used++];
      if (next === undefined) throw new Refusal('the proof lacks a node');
      need(sha3(next).equals(node), `node ${used - 1} has another hash`);
      node = decode(next);
    }
    if (Buffer.isBuffer(node)) throw new Refusal(`node ${used - 1} is no node`);
    if (node.length === 17) {
      if (at === path.length) return end(bytes(node[16]).length === 0 ? null : bytes(node[16]));
      reference = node[path[at++]!]!;
      continue;
    }
    const digits = bytes(list(node, 2, 'a node')[0]).toString('hex');
    const flag = Number.parseInt(digits[0] ?? 'f', 16);
    need(flag <= 3 && (flag % 2 === 1 || digits[1] === '0'), `node ${used - 1} has a path in another form`);
    const part = [...digits.slice(flag % 2 === 1 ? 1 : 2)].map((digit) => Number.parseInt(digit, 16));
    const isOnPath = part.every((nibble, index) => path[at + index] === nibble);
    at += part.length;
    if (flag >= 2) return end(isOnPath && at === path.length ? bytes(node[1]) : null);
    if (!isOnPath) return end(null);
    reference = node[1]!;
  }
}

/** The key hash that made a signature over a hash, in hex; null when no key did, or its form is not the only one. */
export function keyHashOf(hash: Buffer, r: bigint, s: bigint, v: number): string | null {
  const order = secp256k1.Point.Fn.ORDER;
  if (r < 1n || r >= order || s < 1n || s > order >> 1n || (v !== 0 && v !== 1)) return null;
  let key: Buffer;
  try {
    key = Buffer.from(new secp256k1.Signature(r, s, v).recoverPublicKey(hash).toBytes(false).slice(1));
  } catch {
    // The library throws where r is no point of the curve: such a signature is nobody's.
    return null;
  }
  return sha3(key).subarray(12).toString('hex');
}

export function sha3(data: Buffer): Buffer {
  return createHash('sha3-256').update(data).digest();
}

/** Strict RLP: the whole buffer is one item in its only form. */
export function decode(data: Buffer): Item {
  const { item, end } = decodeAt(data, 0);
  need(end === data.length, 'bytes follow the RLP');
  return item;
}

function decodeAt(data: Buffer, at: number): { item: Item; end: number } {
  const prefix = data[at];
  if (prefix === undefined) throw new Refusal('the RLP ends too early');
  if (prefix < 0x80) return { item: data.subarray(at, at + 1), end: at + 1 };
  const isList = prefix >= 0xc0;
  let length = prefix - (isList ? 0xc0 : 0x80);
  let start = at + 1;
  if (length > 55) {
    const size = length - 55;
    need(size <= 4 && start + size <= data.length && data[start] !== 0, 'the RLP has a length in another form');
    length = data.readUIntBE(start, size);
    start += size;
    need(length > 55, 'the RLP has a length in another form');
  }
  const end = start + length;
  need(end <= data.length, 'the RLP ends too early');
  if (!isList) {
    need(length !== 1 || data[start]! >= 0x80, 'the RLP has a byte in another form');
    return { item: data.subarray(start, end), end };
  }
  const items: Item[] = [];
  while (start < end) {
    const child = decodeAt(data.subarray(0, end), start);
    items.push(child.item);
    start = child.end;
  }
  return { item: items, end };
}

export function encode(item: Item): Buffer {
  if (Buffer.isBuffer(item)) return item.length === 1 && item[0]! < 0x80 ? item : prefixed(0x80, item);
  return prefixed(0xc0, Buffer.concat(item.map(encode)));
}

function prefixed(base: number, payload: Buffer): Buffer {
  if (payload.length <= 55) return Buffer.concat([Buffer.of(base + payload.length), payload]);
  const size = encodeInteger(BigInt(payload.length));
  return Buffer.concat([Buffer.of(base + 55 + size.length), size, payload]);
}

export function encodeInteger(value: bigint): Buffer {
  const digits = value.toString(16);
  return value === 0n ? Buffer.alloc(0) : Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

export function integer(data: Buffer): bigint {
  return data.length === 0 ? 0n : BigInt(`0x${data.toString('hex')}`);
}

export function bytes(item: Item | undefined): Buffer {
  if (!Buffer.isBuffer(item)) throw new Refusal('a list stands where bytes belong');
  return item;
}

export function list(item: Item, length: number, what: string): Item[] {
  if (Buffer.isBuffer(item) || item.length !== length) throw new Refusal(`${what} is no list of ${length}`);
  return item;
}

export function unhex(digits: string): Buffer {
  return Buffer.from(digits.slice(2), 'hex');
}

export function need(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Refusal(otherwise);
}

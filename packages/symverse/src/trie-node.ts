/**
 * The nodes of a Merkle-Patricia trie as bytes. A branch has 17 items (sixteen children and a value), an extension and a leaf
 * have two (a path in hex-prefix form, then the child or the value). A child stands in its parent as its hash, or whole when
 * it is shorter than 32 bytes.
 */
import type { Sha3 } from './hash.ts';
import { rlpPrefixBytes, writeRlpPrefix } from './rlp.ts';

/** A child's place in a branch where there is none: the empty string. */
export const EMPTY_ITEM: Uint8Array = Uint8Array.of(0x80);

/** The bytes of a leaf over what is left of its path, one nibble a byte. */
export const encodeLeaf = (path: Uint8Array, value: Uint8Array): Uint8Array =>
  joinItems([stringItem(hexPrefix(path, true)), stringItem(value)]);

/** The bytes of an extension over the nibbles that all below it share. `child` is a reference. */
export const encodeExtension = (path: Uint8Array, child: Uint8Array): Uint8Array =>
  joinItems([stringItem(hexPrefix(path, false)), child]);

/** The bytes of a branch. `children` are sixteen references or `EMPTY_ITEM`; `value` belongs to the key that ends here. */
export const encodeBranch = (children: readonly Uint8Array[], value: Uint8Array): Uint8Array =>
  joinItems([...children, stringItem(value)]);

/** How a parent names a node: the node itself when it has fewer than 32 bytes, otherwise its hash as an RLP string of 33 bytes. */
export function nodeReference(node: Uint8Array, sha3: Sha3): Uint8Array {
  if (node.length < HASHED_NODE_BYTES_MIN) return node;
  const reference = new Uint8Array(33);
  reference[0] = 0xa0;
  reference.set(sha3(node), 1);
  return reference;
}

/** A node of this size or more stands in its parent as a hash. */
export const HASHED_NODE_BYTES_MIN = 32;

/** Hex-prefix form: a flag nibble (1 odd, 2 leaf), a zero nibble when the count is even, the nibbles. */
export function hexPrefix(path: Uint8Array, isLeaf: boolean): Uint8Array {
  const isOdd = path.length % 2 === 1;
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  const out = new Uint8Array((path.length + 2) >> 1);
  out[0] = (flag << 4) | (isOdd ? path[0]! : 0);
  for (let at = isOdd ? 1 : 0, index = 1; at < path.length; at += 2, index++)
    out[index] = (path[at]! << 4) | path[at + 1]!;
  return out;
}

/** The nibbles of a key, one a byte. */
export function keyNibbles(key: Uint8Array): Uint8Array {
  const out = new Uint8Array(key.length * 2);
  for (let index = 0; index < key.length; index++) {
    out[index * 2] = key[index]! >> 4;
    out[index * 2 + 1] = key[index]! & 0x0f;
  }
  return out;
}

/** How many nibbles two paths share from their beginning. */
export function sharedNibbles(left: Uint8Array, right: Uint8Array): number {
  let count = 0;
  while (count < left.length && count < right.length && left[count] === right[count]) count++;
  return count;
}

/** A byte string as an RLP item. */
function stringItem(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && bytes[0]! < 0x80) return bytes;
  const out = new Uint8Array(rlpPrefixBytes(bytes.length) + bytes.length);
  out.set(bytes, writeRlpPrefix(0x80, bytes.length, out, 0));
  return out;
}

/** An RLP list of items that are encoded already. */
function joinItems(items: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const item of items) length += item.length;
  const out = new Uint8Array(rlpPrefixBytes(length) + length);
  let at = writeRlpPrefix(0xc0, length, out, 0);
  for (const item of items) {
    out.set(item, at);
    at += item.length;
  }
  return out;
}

/**
 * The root over a block's list, rlp(index) → value, written in one buffer. A block has thousands of transactions and receipts, and
 * their roots are computed while everybody waits: `trieRoot` over the same entries gives the same and takes three times as long.
 *
 * The keys need no sorting: rlp puts 1 to 127 first, then 0, then all others in their order. None of them begins another.
 */
import { sha3_256, type Sha3 } from './hash.ts';
import { rlpPrefixBytes, writeRlpPrefix } from './rlp.ts';
import { EMPTY_TRIE_ROOT } from './trie.ts';
import { HASHED_NODE_BYTES_MIN } from './trie-node.ts';

/** Nibbles of the longest key: a prefix and four bytes. */
const PATH_NIBBLES_MAX = 10;
/** A node is written behind this much, where its own prefix goes when its length is known. */
const PREFIX_BYTES_MAX = 5;
/** A child is written this far behind its parent's end, where its name goes: a hash with its prefix, or less. */
const NAME_BYTES_MAX = 33;
/** More than the path of a leaf, and a branch without its children. */
const NODE_BYTES_MAX = 1024;

/** How a block commits to its transactions, receipts and citizens. Empty lists have `EMPTY_TRIE_ROOT`. Refuses an empty value. */
export function indexTrieRoot(values: readonly Uint8Array[], sha3: Sha3 = sha3_256): Uint8Array {
  const count = values.length;
  if (count === 0) return EMPTY_TRIE_ROOT.slice();
  const paths = new Uint8Array(count * PATH_NIBBLES_MAX);
  const pathEnds = new Uint8Array(count);
  for (let place = 0; place < count; place++) pathEnds[place] = writePath(indexAt(place, count), paths, place);
  let buffer = new Uint8Array(NODE_BYTES_MAX * 16);
  /** Where the node that was written last lies. */
  let nodeStart = 0;
  let nodeEnd = 0;

  const nibble = (place: number, depth: number): number => paths[place * PATH_NIBBLES_MAX + depth]!;
  const reserve = (size: number): void => {
    if (size <= buffer.length) return;
    const larger = new Uint8Array(size * 2);
    larger.set(buffer);
    buffer = larger;
  };
  const finish = (base: number, end: number): void => {
    const length = end - base - PREFIX_BYTES_MAX;
    nodeStart = base + PREFIX_BYTES_MAX - rlpPrefixBytes(length);
    nodeEnd = end;
    writeRlpPrefix(0xc0, length, buffer, nodeStart);
  };
  /** The nibbles [from, to) in hex-prefix form, as an RLP string. */
  const writeNibbles = (place: number, from: number, to: number, isLeaf: boolean, at: number): number => {
    const isOdd = (to - from) % 2 === 1;
    const length = ((to - from) >> 1) + 1;
    let end = at;
    // A string of one byte stands for itself: the flag keeps it below 0x80.
    if (length > 1) buffer[end++] = 0x80 + length;
    buffer[end++] = (isLeaf ? 0x20 : 0) + (isOdd ? 0x10 + nibble(place, from) : 0);
    for (let depth = isOdd ? from + 1 : from; depth < to; depth += 2)
      buffer[end++] = (nibble(place, depth) << 4) | nibble(place, depth + 1);
    return end;
  };
  /** Writes the node over the places [from, to) behind `base`. All of them share the first `depth` nibbles. */
  const writeNode = (from: number, to: number, depth: number, base: number): void => {
    reserve(base + NODE_BYTES_MAX);
    const start = base + PREFIX_BYTES_MAX;
    if (to - from === 1) return finish(base, writeLeaf(from, depth, start));
    let shared = depth;
    while (nibble(from, shared) === nibble(to - 1, shared)) shared++;
    if (shared > depth)
      return finish(base, writeChild(from, to, shared, writeNibbles(from, depth, shared, false, start)));
    let end = start;
    let next = from;
    for (let value = 0; value < 16; value++) {
      const first = next;
      while (next < to && nibble(next, depth) === value) next++;
      if (first === next) buffer[end++] = EMPTY_STRING;
      else end = writeChild(first, next, depth + 1, end);
    }
    buffer[end++] = EMPTY_STRING;
    finish(base, end);
  };
  const writeLeaf = (place: number, depth: number, start: number): number => {
    const value = values[indexAt(place, count)]!;
    if (value.length === 0) throw new RangeError('Expected a trie entry with a value, got an empty one.');
    reserve(start + NODE_BYTES_MAX + value.length);
    let end = writeNibbles(place, depth, pathEnds[place]!, true, start);
    if (value.length > 1 || value[0]! >= EMPTY_STRING) end = writeRlpPrefix(0x80, value.length, buffer, end);
    buffer.set(value, end);
    return end + value.length;
  };
  /** Writes how a parent names the node over these places, and gives where that ends. */
  const writeChild = (from: number, to: number, depth: number, at: number): number => {
    writeNode(from, to, depth, at + NAME_BYTES_MAX);
    if (nodeEnd - nodeStart < HASHED_NODE_BYTES_MIN) {
      buffer.copyWithin(at, nodeStart, nodeEnd);
      return at + nodeEnd - nodeStart;
    }
    buffer[at] = 0xa0;
    buffer.set(sha3(buffer.subarray(nodeStart, nodeEnd)), at + 1);
    return at + NAME_BYTES_MAX;
  };

  writeNode(0, count, 0, 0);
  return sha3(buffer.subarray(nodeStart, nodeEnd));
}

/** The index whose key comes at a place in order. */
const indexAt = (place: number, count: number): number => {
  const zeroAt = Math.min(count, 128) - 1;
  return place < zeroAt ? place + 1 : place === zeroAt ? 0 : place;
};

/** Writes rlp(index), one nibble a byte, and gives its length. */
function writePath(index: number, paths: Uint8Array, place: number): number {
  let at = place * PATH_NIBBLES_MAX;
  const byte = (value: number): void => {
    paths[at++] = value >> 4;
    paths[at++] = value & 0x0f;
  };
  if (index > 0 && index < EMPTY_STRING) byte(index);
  else {
    let bytes = 0;
    while (bytes < 4 && index >= 256 ** bytes) bytes++;
    byte(EMPTY_STRING + bytes);
    for (let shift = bytes - 1; shift >= 0; shift--) byte(Math.floor(index / 256 ** shift) & 0xff);
  }
  return at - place * PATH_NIBBLES_MAX;
}

/** RLP of no bytes; what is below stands for itself. */
const EMPTY_STRING = 0x80;

/** Writes the nodes of a state trie as RLP, into one buffer that every node of a block is hashed from. */
import { rlpPrefixBytes, writeRlpPrefix } from '@jigeum/symverse';
import { nibbleAt, NO_NODE, PATH_NIBBLES, type TrieStore } from './trie-store.ts';

/** A view of the writer's buffer: hash or copy it before the next call. */
export type NodeView = Uint8Array;

export interface TrieWriter {
  /** A leaf that hangs in the trie from this depth. */
  leaf(leaf: number, depth: number, value: Uint8Array): NodeView;
  /** A branch whose children all have their references. */
  branch(branch: number): NodeView;
  /** The nibbles [from, to) of a leaf's path over a branch, which is named by its `reference`. */
  extension(leaf: number, from: number, to: number, reference: Uint8Array): NodeView;
}

/** Room for the list's own prefix before the items, so that they need not move when their length is known. */
const PREFIX_BYTES_MAX = 5;
/** A branch with sixteen hashes has 532 bytes; a leaf has its value, a path of 34, and prefixes. */
const BUFFER_BYTES_MIN = 1024;

/** A writer over the nodes of a store. */
export function createTrieWriter(store: TrieStore): TrieWriter {
  let buffer = new Uint8Array(BUFFER_BYTES_MIN);
  let end = PREFIX_BYTES_MAX;

  /** Writes the prefix before what has been written since `end` was reset. */
  const list = (): NodeView => {
    const length = end - PREFIX_BYTES_MAX;
    const start = PREFIX_BYTES_MAX - rlpPrefixBytes(length);
    writeRlpPrefix(0xc0, length, buffer, start);
    return buffer.subarray(start, end);
  };
  const bytes = (from: Uint8Array, at: number, length: number): void => {
    // Up to 32 bytes: a loop is quicker than a view and `set`.
    for (let index = 0; index < length; index++) buffer[end + index] = from[at + index]!;
    end += length;
  };
  const reference = (references: Uint8Array, at: number, length: number): void => {
    if (length === 32) buffer[end++] = 0xa0;
    bytes(references, at, length);
  };
  /** The nibbles [from, to) of a leaf's path in hex-prefix form, as an RLP string. */
  const path = (leaf: number, from: number, to: number, isLeaf: boolean): void => {
    const count = to - from;
    const isOdd = (count & 1) === 1;
    const length = (count >> 1) + 1;
    // A string of one byte stands for itself: the flag keeps it below 0x80.
    if (length > 1) buffer[end++] = 0x80 + length;
    const flag = (isLeaf ? 0x20 : 0) + (isOdd ? 0x10 : 0);
    buffer[end++] = isOdd ? flag + nibbleAt(store.leafPaths, leaf, from) : flag;
    const rest = isOdd ? from + 1 : from;
    if ((rest & 1) === 0) return bytes(store.leafPaths, leaf * 32 + (rest >> 1), (to - rest) >> 1);
    for (let depth = rest; depth < to; depth += 2) {
      const high = nibbleAt(store.leafPaths, leaf, depth);
      buffer[end++] = (high << 4) | nibbleAt(store.leafPaths, leaf, depth + 1);
    }
  };

  return {
    leaf(leaf, depth, value) {
      if (buffer.length < value.length + BUFFER_BYTES_MIN) buffer = new Uint8Array(value.length + BUFFER_BYTES_MIN);
      end = PREFIX_BYTES_MAX;
      path(leaf, depth, PATH_NIBBLES, true);
      if (value.length !== 1 || value[0]! >= 0x80) end = writeRlpPrefix(0x80, value.length, buffer, end);
      buffer.set(value, end);
      end += value.length;
      return list();
    },
    branch(branch) {
      end = PREFIX_BYTES_MAX;
      const { nodes, references, referenceBytes } = store;
      for (let slot = branch * 16; slot < branch * 16 + 16; slot++) {
        if (nodes[slot] === NO_NODE) buffer[end++] = 0x80;
        else reference(references, slot * 32, referenceBytes[slot]!);
      }
      // Paths have one length, so that no key ends at a branch.
      buffer[end++] = 0x80;
      return list();
    },
    extension(leaf, from, to, child) {
      end = PREFIX_BYTES_MAX;
      path(leaf, from, to, false);
      reference(child, 0, child.length);
      return list();
    },
  };
}

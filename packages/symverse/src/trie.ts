/** Merkle-Patricia tries with SHA3-256 nodes over a whole list of entries: roots and proofs in one pass; nothing is stored. */
import { equalBytes, fromHex0x } from '@jigeum/std';
import { sha3_256, type Sha3 } from './hash.ts';
import { encodeRlp, integerToBytes } from './rlp.ts';
import {
  EMPTY_ITEM,
  encodeBranch,
  encodeExtension,
  encodeLeaf,
  HASHED_NODE_BYTES_MIN,
  keyNibbles,
  nodeReference,
  sharedNibbles,
} from './trie-node.ts';

/** A key and its value; the value must not be empty. */
export interface TrieEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * The root of a trie without entries as the chain prints it: the constant of go-ethereum, keccak-256 of 0x80, kept by gsym
 * although everything else is hashed with SHA3-256.
 */
export const EMPTY_TRIE_ROOT: Uint8Array = fromHex0x(
  '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
);

/** The key of the item at an index of a block's list: rlp(index). */
export const indexKey = (index: number | bigint): Uint8Array => encodeRlp(integerToBytes(BigInt(index)));

/** The entries of a block's list: rlp(index) → value. */
export const indexEntries = (values: readonly Uint8Array[]): TrieEntry[] =>
  values.map((value, index) => ({ key: indexKey(index), value }));

/** The root over any entries. Refuses two entries of one key, and an empty value (which would mean "no entry"). */
export function trieRoot(entries: readonly TrieEntry[], sha3: Sha3 = sha3_256): Uint8Array {
  if (entries.length === 0) return EMPTY_TRIE_ROOT.slice();
  return sha3(encodeNode(sortedLeaves(entries), { from: 0, to: entries.length, depth: 0 }, sha3));
}

/**
 * The proof that a key has its value in the trie over these entries, or that it has none: the RLP of the nodes that the key's
 * path meets, from the root down. A node of fewer than 32 bytes is not listed, because its parent holds it; the root always is.
 * A trie without entries has the empty proof. Refuses the entries that `trieRoot` refuses. `verifyTrieProof` reads it.
 */
export function proveEntry(entries: readonly TrieEntry[], key: Uint8Array, sha3: Sha3 = sha3_256): Uint8Array[] {
  return createTrieProver(entries, sha3).prove(key);
}

/** Proofs of many keys of one trie. */
export interface TrieProver {
  readonly root: Uint8Array;
  /** As `proveEntry`, without hashing anything. */
  prove(key: Uint8Array): Uint8Array[];
}

/** Hashes a trie once and keeps its nodes, which are two or three times as long as its entries. */
export function createTrieProver(entries: readonly TrieEntry[], sha3: Sha3 = sha3_256): TrieProver {
  const leaves = sortedLeaves(entries);
  /** Branches and leaves by the range that they stand for; an extension beside the branch below it. */
  const nodes = new Map<string, Uint8Array>();
  const keep = (range: LeafRange, node: Uint8Array): void => void nodes.set(nameOf(range), node);
  const all = { from: 0, to: leaves.length, depth: 0 };
  const root = leaves.length === 0 ? EMPTY_TRIE_ROOT.slice() : sha3(encodeNode(leaves, all, sha3, keep));
  return {
    root,
    prove(key) {
      const path = keyNibbles(key);
      const proof: Uint8Array[] = [];
      for (let range: LeafRange | undefined = all; range !== undefined && range.from < range.to;) {
        const node = nodes.get(nameOf(range))!;
        if (proof.length === 0 || node.length >= HASHED_NODE_BYTES_MIN) proof.push(node);
        range = nextOnPath(leaves, range, path);
      }
      return proof;
    },
  };
}

/** A branch and the extension above it stand for the same leaves, at two depths. */
const nameOf = ({ from, to, depth }: LeafRange): string => `${from} ${to} ${depth}`;

interface Leaf {
  /** One nibble a byte. */
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** The leaves [from, to), all of which share the first `depth` nibbles: what one node stands for. */
interface LeafRange {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

function sortedLeaves(entries: readonly TrieEntry[]): Leaf[] {
  const leaves = entries.map(({ key, value }) => {
    if (value.length === 0) throw new RangeError('Expected a trie entry with a value, got an empty one.');
    return { path: keyNibbles(key), value };
  });
  leaves.sort((left, right) => comparePaths(left.path, right.path));
  for (let index = 1; index < leaves.length; index++) {
    if (equalBytes(leaves[index - 1]!.path, leaves[index]!.path))
      throw new RangeError('Expected one trie entry for a key, got two.');
  }
  return leaves;
}

/** The bytes of the node over a range that is not empty. `keep` is told of it and of all nodes below. */
function encodeNode(leaves: readonly Leaf[], range: LeafRange, sha3: Sha3, keep: KeepNode = keepNothing): Uint8Array {
  const node = joinNode(leaves, range, sha3, keep);
  keep(range, node);
  return node;
}

type KeepNode = (range: LeafRange, node: Uint8Array) => void;
const keepNothing: KeepNode = () => undefined;

function joinNode(leaves: readonly Leaf[], { from, to, depth }: LeafRange, sha3: Sha3, keep: KeepNode): Uint8Array {
  const first = leaves[from]!;
  if (to - from === 1) return encodeLeaf(first.path.subarray(depth), first.value);
  const shared = sharedDepth(leaves, from, to);
  if (shared > depth) {
    const branch = encodeNode(leaves, { from, to, depth: shared }, sha3, keep);
    return encodeExtension(first.path.subarray(depth, shared), nodeReference(branch, sha3));
  }
  // A key that ends at this branch sorts before all that go on.
  const hasValue = first.path.length === depth;
  const children: Uint8Array[] = [];
  let next = hasValue ? from + 1 : from;
  for (let nibble = 0; nibble < 16; nibble++) {
    const start = next;
    while (next < to && leaves[next]!.path[depth] === nibble) next++;
    children.push(
      start === next
        ? EMPTY_ITEM
        : nodeReference(encodeNode(leaves, { from: start, to: next, depth: depth + 1 }, sha3, keep), sha3),
    );
  }
  return encodeBranch(children, hasValue ? first.value : NO_VALUE);
}

/** The range below on a key's path; undefined where the path ends or leaves the trie. */
function nextOnPath(leaves: readonly Leaf[], { from, to, depth }: LeafRange, path: Uint8Array): LeafRange | undefined {
  if (to - from === 1) return undefined;
  const first = leaves[from]!.path;
  const shared = sharedDepth(leaves, from, to);
  if (shared > depth) return sharedNibbles(first, path) >= shared ? { from, to, depth: shared } : undefined;
  if (path.length === depth) return undefined;
  const isOnPath = (index: number): boolean => leaves[index]!.path[depth] === path[depth];
  let start = from;
  while (start < to && !isOnPath(start)) start++;
  let end = start;
  while (end < to && isOnPath(end)) end++;
  return start === end ? undefined : { from: start, to: end, depth: depth + 1 };
}

/** How many nibbles all leaves of a range share: they are sorted, so what the first and the last share, all share. */
const sharedDepth = (leaves: readonly Leaf[], from: number, to: number): number =>
  sharedNibbles(leaves[from]!.path, leaves[to - 1]!.path);

const NO_VALUE = new Uint8Array(0);

function comparePaths(left: Uint8Array, right: Uint8Array): number {
  const at = sharedNibbles(left, right);
  return (left[at] ?? -1) - (right[at] ?? -1);
}

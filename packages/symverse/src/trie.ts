/** Roots of Merkle-Patricia tries with SHA3-256 nodes. Computed in one pass over sorted keys; nothing is stored. */
import { equalBytes, fromHex0x } from '@jigeum/std';
import { sha3_256, type Sha3 } from './hash.ts';
import { encodeRlp, integerToBytes, type RlpItem } from './rlp.ts';

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

/** The root over rlp(index) → value: how a block commits to its transactions, receipts and citizens. Empty lists have `EMPTY_TRIE_ROOT`. */
export const indexTrieRoot = (values: readonly Uint8Array[], sha3: Sha3 = sha3_256): Uint8Array =>
  trieRoot(
    values.map((value, index) => ({ key: encodeRlp(integerToBytes(BigInt(index))), value })),
    sha3,
  );

/** The root over any entries. Refuses two entries of one key, and an empty value (which would mean "no entry"). */
export function trieRoot(entries: readonly TrieEntry[], sha3: Sha3 = sha3_256): Uint8Array {
  if (entries.length === 0) return EMPTY_TRIE_ROOT.slice();
  const leaves = entries.map(({ key, value }) => {
    if (value.length === 0) throw new RangeError('Expected a trie entry with a value, got an empty one.');
    return { path: nibbles(key), value };
  });
  leaves.sort((left, right) => comparePaths(left.path, right.path));
  for (let index = 1; index < leaves.length; index++) {
    if (equalBytes(leaves[index - 1]!.path, leaves[index]!.path))
      throw new RangeError('Expected one trie entry for a key, got two.');
  }
  return sha3(encodeRlp(node(leaves, 0, leaves.length, 0, sha3), NODE_DEPTH_MAX));
}

interface Leaf {
  /** One nibble a byte. */
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** Nodes shorter than 32 bytes stand inside their parent; so few bytes cannot nest deeper than this. */
const NODE_DEPTH_MAX = 64;

/** The node over leaves[from, to), all of which share the first `depth` nibbles. */
function node(leaves: readonly Leaf[], from: number, to: number, depth: number, sha3: Sha3): RlpItem {
  const first = leaves[from]!;
  if (to - from === 1) return [compactPath(first.path.subarray(depth), true), first.value];

  // The leaves are sorted: what the first and the last share, all share.
  const shared = sharedNibbles(first.path, leaves[to - 1]!.path);
  if (shared > depth) {
    return [
      compactPath(first.path.subarray(depth, shared), false),
      reference(node(leaves, from, to, shared, sha3), sha3),
    ];
  }
  const slots: RlpItem[] = [];
  let next = from;
  const hasValue = first.path.length === depth;
  if (hasValue) next++;
  for (let nibble = 0; nibble < 16; nibble++) {
    const start = next;
    while (next < to && leaves[next]!.path[depth] === nibble) next++;
    slots.push(start === next ? new Uint8Array(0) : reference(node(leaves, start, next, depth + 1, sha3), sha3));
  }
  slots.push(hasValue ? first.value : new Uint8Array(0));
  return slots;
}

function reference(item: RlpItem, sha3: Sha3): RlpItem {
  const encoded = encodeRlp(item, NODE_DEPTH_MAX);
  return encoded.length < 32 ? item : sha3(encoded);
}

/** Hex-prefix form: a flag nibble (1 odd, 2 leaf), a zero nibble when the count is even, the nibbles. */
function compactPath(path: Uint8Array, isLeaf: boolean): Uint8Array {
  const isOdd = path.length % 2 === 1;
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  const out = new Uint8Array((path.length + 2) >> 1);
  out[0] = (flag << 4) | (isOdd ? path[0]! : 0);
  for (let at = isOdd ? 1 : 0, index = 1; at < path.length; at += 2, index++)
    out[index] = (path[at]! << 4) | path[at + 1]!;
  return out;
}

function nibbles(key: Uint8Array): Uint8Array {
  const out = new Uint8Array(key.length * 2);
  key.forEach((byte, index) => {
    out[index * 2] = byte >> 4;
    out[index * 2 + 1] = byte & 0x0f;
  });
  return out;
}

function sharedNibbles(left: Uint8Array, right: Uint8Array): number {
  let count = 0;
  while (count < left.length && count < right.length && left[count] === right[count]) count++;
  return count;
}

function comparePaths(left: Uint8Array, right: Uint8Array): number {
  const at = sharedNibbles(left, right);
  return (left[at] ?? -1) - (right[at] ?? -1);
}

/** Checking trie proofs: what `proveEntry` and a work node make, and a visitor's browser does not have to believe. */
import { equalBytes, toHex0x } from '@jigeum/std';
import { sha3_256, type Sha3 } from './hash.ts';
import { decodeRlp, encodeRlp, isRlpList, RlpError, type RlpItem } from './rlp.ts';
import { HASHED_NODE_BYTES_MIN, keyNibbles } from './trie-node.ts';
import { EMPTY_TRIE_ROOT } from './trie.ts';

/**
 * The value that a trie with this root holds for a key, or null when the proof shows that it holds none.
 * `proof` is the RLP of the nodes on the key's path, from the root down, without those that stand inside their parent.
 * Refuses, with a `TrieProofError`, a proof that shows neither: a node with another hash, a missing or surplus node, and
 * every form of a node that the trie's rules would not have written.
 */
export function verifyTrieProof(
  root: Uint8Array,
  key: Uint8Array,
  proof: readonly Uint8Array[],
  sha3: Sha3 = sha3_256,
): Uint8Array | null {
  const nodes = nodeSource(proof, sha3);
  const path = keyNibbles(key);
  let at = 0;
  let node: Node | null = equalBytes(root, EMPTY_TRIE_ROOT) ? null : nodes.byHash(root);
  for (;;) {
    if (node === null) return nodes.end(null);
    if (node.kind === 'branch') {
      if (at === path.length) return nodes.end(node.value);
      node = nodes.child(node.children[path[at]!]!);
      at++;
      continue;
    }
    const isOnPath = startsWith(path, at, node.path);
    if (node.kind === 'leaf') return nodes.end(isOnPath && at + node.path.length === path.length ? node.value : null);
    if (!isOnPath) return nodes.end(null);
    at += node.path.length;
    node = nodes.child(node.child);
    if (node?.kind !== 'branch') throw malformed(nodes.index(), 'Expected a branch below an extension');
  }
}

/** Why a proof shows nothing. */
export type TrieProofErrorCode = 'wrong-hash' | 'missing-node' | 'surplus-node' | 'malformed-node';

/** A proof that does not hold. `index` is the place of the node at fault in the list. */
export class TrieProofError extends Error {
  override readonly name = 'TrieProofError';
  readonly code: TrieProofErrorCode;
  readonly index: number;
  constructor(code: TrieProofErrorCode, index: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.index = index;
  }
}

type Node =
  | { readonly kind: 'leaf'; readonly path: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'extension'; readonly path: Uint8Array; readonly child: RlpItem }
  | { readonly kind: 'branch'; readonly children: readonly RlpItem[]; readonly value: Uint8Array | null };

/** Nodes shorter than 32 bytes stand inside their parent; so few bytes cannot nest deeper than this. */
const NODE_DEPTH_MAX = 16;

/** Hands out the nodes of a proof in order, each checked against the hash by which its parent names it. */
function nodeSource(proof: readonly Uint8Array[], sha3: Sha3) {
  let count = 0;
  const byHash = (hash: Uint8Array): Node => {
    const index = count++;
    const bytes = proof[index];
    if (bytes === undefined) {
      throw new TrieProofError(
        'missing-node',
        index,
        `Expected a node with the hash ${toHex0x(hash)} as number ${index} of the proof, got no more nodes.`,
      );
    }
    const actual = sha3(bytes);
    if (!equalBytes(actual, hash)) {
      throw new TrieProofError(
        'wrong-hash',
        index,
        `Expected node ${index} of the proof to have the hash ${toHex0x(hash)}, got ${toHex0x(actual)}.`,
      );
    }
    if (index > 0 && bytes.length < HASHED_NODE_BYTES_MIN)
      throw malformed(index, `Expected a node of ${bytes.length} bytes to stand inside its parent`);
    return readNode(decodeNode(bytes, index), index);
  };
  return {
    byHash,
    /** The node that an item of a parent stands for; null for the empty string. */
    child(item: RlpItem): Node | null {
      if (!isRlpList(item)) return item.length === 0 ? null : byHash(item);
      if (encodeRlp(item, NODE_DEPTH_MAX).length >= HASHED_NODE_BYTES_MIN)
        throw malformed(count - 1, 'Expected a node of 32 bytes or more to stand in its parent as a hash');
      return readNode(item, count - 1);
    },
    index: () => count - 1,
    /** The answer, when every node has been used. */
    end(value: Uint8Array | null): Uint8Array | null {
      if (count === proof.length) return value;
      throw new TrieProofError(
        'surplus-node',
        count,
        `Expected ${count} nodes in the proof, got ${proof.length}. Send only the nodes on the path of the key.`,
      );
    },
  };
}

function decodeNode(bytes: Uint8Array, index: number): RlpItem {
  try {
    return decodeRlp(bytes, { depthMax: NODE_DEPTH_MAX });
  } catch (cause) {
    if (!(cause instanceof RlpError)) throw cause;
    throw malformed(index, cause.message.replace(/\.$/, ''), { cause });
  }
}

function readNode(item: RlpItem, index: number): Node {
  if (!isRlpList(item) || (item.length !== 17 && item.length !== 2)) {
    throw malformed(index, 'Expected a list of 2 or 17 items');
  }
  if (item.length === 2) return readShortNode(item as readonly [RlpItem, RlpItem], index);
  const children = item.slice(0, 16);
  const value = item[16]!;
  if (children.some((child) => !isReference(child)) || isRlpList(value)) {
    throw malformed(index, 'Expected sixteen children and a value in a branch');
  }
  const occupied = children.filter((child) => isRlpList(child) || child.length > 0).length + (value.length > 0 ? 1 : 0);
  if (occupied < 2) throw malformed(index, 'Expected a branch with two ways on at least');
  return { kind: 'branch', children, value: value.length === 0 ? null : value };
}

function readShortNode([prefix, second]: readonly [RlpItem, RlpItem], index: number): Node {
  if (isRlpList(prefix) || prefix.length === 0) throw malformed(index, 'Expected a path in hex-prefix form');
  const flag = prefix[0]! >> 4;
  const isOdd = (flag & 1) === 1;
  if (flag > 3 || (!isOdd && (prefix[0]! & 0x0f) !== 0)) throw malformed(index, 'Expected a path in hex-prefix form');
  const path = keyNibbles(prefix).subarray(isOdd ? 1 : 2);
  if (flag >= 2) {
    if (isRlpList(second) || second.length === 0) throw malformed(index, 'Expected a leaf with a value');
    return { kind: 'leaf', path, value: second };
  }
  if (path.length === 0) throw malformed(index, 'Expected an extension with one nibble at least');
  if (!isReference(second) || second.length === 0) throw malformed(index, 'Expected an extension with a child');
  return { kind: 'extension', path, child: second };
}

/** A node inside its parent, a hash, or the empty string. */
const isReference = (item: RlpItem): boolean => isRlpList(item) || item.length === 0 || item.length === 32;

const startsWith = (path: Uint8Array, at: number, part: Uint8Array): boolean =>
  at + part.length <= path.length && equalBytes(path.subarray(at, at + part.length), part);

const malformed = (index: number, what: string, options?: ErrorOptions): TrieProofError =>
  new TrieProofError(
    'malformed-node',
    Math.max(0, index),
    `Node ${Math.max(0, index)} of the proof: ${what}.`,
    options,
  );

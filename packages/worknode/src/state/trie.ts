/**
 * A Merkle-Patricia trie in memory that hashes only what has changed. Paths have 32 bytes; its root and proofs are those of
 * `trieRoot` and `proveEntry` in `@jigeum/symverse` over the same entries, whatever the order of the changes.
 *
 * A node without a reference is one that changed, or stands above one that did. `root` gives those a reference, from the
 * leaves up; a change takes it away from every node on its path.
 */
import { assert } from '@jigeum/std';
import { EMPTY_TRIE_ROOT, type Sha3 } from '@jigeum/symverse';
import { createTrieStore, nibbleAt, NO_NODE, PATH_NIBBLES } from './trie-store.ts';
import { createTrieWriter } from './trie-writer.ts';

export interface StateTrie {
  /** Adds a leaf at a path of 32 bytes where there is none, and gives its number. */
  insert(path: Uint8Array): number;
  /** Says that the value of a leaf has changed. */
  touch(leaf: number): void;
  /** Takes a leaf away; its number may be given out again. */
  remove(leaf: number): void;
  /** The path of a leaf. */
  pathOf(leaf: number): Uint8Array;
  root(): Uint8Array;
  /** The nodes on a path from the root down, as `verifyTrieProof` reads them. */
  prove(path: Uint8Array): Uint8Array[];
}

/** A trie without leaves. `valueOf` is asked for the bytes of a leaf whenever its node is written: when it or its depth has changed. */
export function createStateTrie(valueOf: (leaf: number) => Uint8Array, sha3: Sha3): StateTrie {
  const store = createTrieStore();
  const writer = createTrieWriter(store);
  let root = NO_NODE;

  /** Where a node hangs: in a slot of `children`, or at the root (−1). */
  const nodeIn = (slot: number): number => (slot === ROOT_SLOT ? root : store.children[slot]!);
  const hang = (slot: number, node: number): void => {
    if (slot === ROOT_SLOT) root = node;
    else store.children[slot] = node;
  };
  const forget = (node: number): void => {
    if (node > 0) store.leafReferenceBytes[node] = 0;
    else store.branchReferenceBytes[-node] = 0;
  };
  /** Any leaf below a branch: what all of them share can be read from it. */
  const someLeaf = (branch: number): number => {
    let node = -branch;
    while (node < 0) {
      let slot = -node * 16;
      while (store.children[slot] === NO_NODE) slot++;
      node = store.children[slot]!;
    }
    return node;
  };
  /** The first depth in [from, to) at which two leaves' paths differ; `to` when there is none. */
  const firstDifference = (left: number, right: number, from: number, to: number): number => {
    let depth = from;
    while (depth < to && nibbleAt(store.leafPaths, left, depth) === nibbleAt(store.leafPaths, right, depth)) depth++;
    return depth;
  };

  const insertLeaf = (leaf: number): void => {
    let slot = ROOT_SLOT;
    let depth = 0;
    for (;;) {
      const node = nodeIn(slot);
      if (node === NO_NODE) return hang(slot, leaf);
      const branch = -node;
      const other = node > 0 ? node : store.depths[branch]! > depth ? someLeaf(branch) : leaf;
      const forkMax = node > 0 ? PATH_NIBBLES : store.depths[branch]!;
      const fork = firstDifference(leaf, other, depth, forkMax);
      if (node < 0 && fork === forkMax) {
        forget(node);
        depth = fork + 1;
        slot = branch * 16 + nibbleAt(store.leafPaths, leaf, fork);
        continue;
      }
      assert(fork < PATH_NIBBLES, 'a path has one leaf');
      // What was here hangs from another depth now, so its node is another.
      forget(node);
      const above = store.takeBranch(fork);
      store.children[above * 16 + nibbleAt(store.leafPaths, leaf, fork)] = leaf;
      store.children[above * 16 + nibbleAt(store.leafPaths, other, fork)] = node;
      return hang(slot, -above);
    }
  };

  /** Forgets the references above a leaf and gives the slots in which the leaf and its parent hang. */
  const descend = (leaf: number): { slot: number; parentSlot: number } => {
    let slot = ROOT_SLOT;
    let parentSlot = ROOT_SLOT;
    for (let node = root; node !== leaf; node = nodeIn(slot)) {
      assert(node < 0, 'a leaf hangs where its path leads');
      forget(node);
      parentSlot = slot;
      slot = -node * 16 + nibbleAt(store.leafPaths, leaf, store.depths[-node]!);
    }
    return { slot, parentSlot };
  };

  const removeLeaf = (leaf: number): void => {
    const { slot, parentSlot } = descend(leaf);
    hang(slot, NO_NODE);
    store.freeLeaf(leaf);
    if (slot === ROOT_SLOT) return;
    const branch = slot >> 4;
    let only = NO_NODE;
    for (let at = branch * 16; at < branch * 16 + 16; at++) {
      const child = store.children[at]!;
      if (child === NO_NODE) continue;
      if (only !== NO_NODE) return;
      only = child;
    }
    // A branch with one way on is none: what is left hangs from the depth above.
    forget(only);
    hang(parentSlot, only);
    store.freeBranch(branch);
  };

  /** Gives a reference to a node that hangs from this depth, and to all below it that have none. */
  const refer = (node: number, depth: number): void => {
    if (node > 0) {
      if (store.leafReferenceBytes[node] !== 0) return;
      store.leafReferenceBytes[node] = keep(store.leafReferences, node, writer.leaf(node, depth, valueOf(node)));
      return;
    }
    const branch = -node;
    if (store.branchReferenceBytes[branch] !== 0) return;
    const own = store.depths[branch]!;
    referChildren(branch);
    const length = keep(store.branchReferences, branch, writer.branch(branch));
    store.branchReferenceBytes[branch] =
      own === depth ? length : keep(store.branchReferences, branch, writeExtension(branch, depth, own, length));
  };
  const referChildren = (branch: number): void => {
    const below = store.depths[branch]! + 1;
    for (let slot = branch * 16; slot < branch * 16 + 16; slot++) {
      const child = store.children[slot]!;
      if (child !== NO_NODE) refer(child, below);
    }
  };
  const writeExtension = (branch: number, from: number, to: number, length: number): Uint8Array => {
    const reference = store.branchReferences.slice(branch * 32, branch * 32 + length);
    return writer.extension(someLeaf(branch), from, to, reference);
  };
  /** Writes how a parent names the node into a column; gives the number of bytes. */
  const keep = (column: Uint8Array, index: number, node: Uint8Array): number => {
    const reference = node.length < 32 ? node : sha3(node);
    column.set(reference, index * 32);
    return reference.length;
  };

  const rootHash = (): Uint8Array => {
    if (root === NO_NODE) return EMPTY_TRIE_ROOT.slice();
    refer(root, 0);
    // A leaf's path alone has 32 bytes, and a branch has two hashes or more: no root is short.
    const column = root > 0 ? store.leafReferences : store.branchReferences;
    return column.slice(Math.abs(root) * 32, Math.abs(root) * 32 + 32);
  };

  return {
    insert(path) {
      const leaf = store.takeLeaf(path);
      insertLeaf(leaf);
      return leaf;
    },
    touch(leaf) {
      descend(leaf);
      forget(leaf);
    },
    remove: removeLeaf,
    pathOf: (leaf) => store.leafPaths.slice(leaf * 32, leaf * 32 + 32),
    root: rootHash,
    prove(path) {
      rootHash();
      const proof: Uint8Array[] = [];
      const add = (node: Uint8Array): void => {
        if (proof.length === 0 || node.length >= 32) proof.push(node.slice());
      };
      // A leaf beside the trie, so that its path can be compared with those in it.
      const asked = store.takeLeaf(path);
      let depth = 0;
      for (let node = root; node !== NO_NODE;) {
        if (node > 0) {
          add(writer.leaf(node, depth, valueOf(node)));
          break;
        }
        const branch = -node;
        const own = store.depths[branch]!;
        if (own > depth) {
          const bare = writer.branch(branch);
          const reference = bare.length < 32 ? bare.slice() : sha3(bare);
          const other = someLeaf(branch);
          add(writer.extension(other, depth, own, reference));
          if (firstDifference(asked, other, depth, own) < own) break;
        }
        add(writer.branch(branch));
        depth = own + 1;
        node = store.children[branch * 16 + nibbleAt(store.leafPaths, asked, own)]!;
      }
      store.freeLeaf(asked);
      return proof;
    },
  };
}

const ROOT_SLOT = -1;

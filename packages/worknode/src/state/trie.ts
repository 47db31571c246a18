/**
 * A Merkle-Patricia trie in memory that hashes only what has changed. Paths have 32 bytes; its root and proofs are those of
 * `trieRoot` and `proveEntry` in `@jigeum/symverse` over the same entries, whatever the order of the changes.
 *
 * A slot without a reference holds a node that changed, or that stands above one that did. `root` gives those a reference,
 * from the leaves up; a change takes it away from every slot on its path.
 */
import { assert } from '@jigeum/std';
import { EMPTY_TRIE_ROOT, type Sha3 } from '@jigeum/symverse';
import { createTrieStore, nibbleAt, NO_NODE, PATH_NIBBLES, ROOT_SLOT } from './trie-store.ts';
import { createTrieWriter } from './trie-writer.ts';

export interface StateTrie {
  /** Makes room for so many leaves in all, which saves copying while they come. */
  reserve(leafCount: number): void;
  /** Adds a leaf at a path of 32 bytes where there is none, and gives its number. */
  insert(path: Uint8Array): number;
  /** Says that the value of a leaf has changed. */
  touch(leaf: number): void;
  /** Takes a leaf away; its number may be given out again. */
  remove(leaf: number): void;
  root(): Uint8Array;
  /** The nodes on a path from the root down, as `verifyTrieProof` reads them. */
  prove(path: Uint8Array): Uint8Array[];
}

/** A trie without leaves. `valueOf` is asked for the bytes of a leaf whenever its node is written: when it or its depth has changed. */
export function createStateTrie(valueOf: (leaf: number) => Uint8Array, sha3: Sha3): StateTrie {
  const store = createTrieStore();
  const writer = createTrieWriter(store);

  const hang = (slot: number, node: number): void => {
    store.nodes[slot] = node;
    store.referenceBytes[slot] = 0;
  };
  /** Any leaf below a branch: what all of them share can be read from it. */
  const someLeaf = (branch: number): number => {
    let node = -branch;
    while (node < 0) {
      let slot = -node * 16;
      while (store.nodes[slot] === NO_NODE) slot++;
      node = store.nodes[slot]!;
    }
    return node;
  };
  /** The first depth in [from, to) at which two leaves' paths differ; `to` when there is none. */
  const firstDifference = (left: number, right: number, from: number, to: number): number => {
    let depth = from;
    while (depth < to && nibbleAt(store.leafPaths, left, depth) === nibbleAt(store.leafPaths, right, depth)) depth++;
    return depth;
  };
  /** The slot of a branch that a leaf's path leads to. */
  const slotBelow = (branch: number, leaf: number): number =>
    branch * 16 + nibbleAt(store.leafPaths, leaf, store.depths[branch]!);

  const insertLeaf = (leaf: number): void => {
    let slot = ROOT_SLOT;
    let depth = 0;
    for (;;) {
      const node = store.nodes[slot]!;
      store.referenceBytes[slot] = 0;
      if (node === NO_NODE) return hang(slot, leaf);
      const own = node > 0 ? PATH_NIBBLES : store.depths[-node]!;
      // A branch right below its parent shares nothing that would have to be compared.
      const other = node > 0 ? node : own > depth ? someLeaf(-node) : leaf;
      const fork = firstDifference(leaf, other, depth, own);
      if (node < 0 && fork === own) {
        slot = slotBelow(-node, leaf);
        depth = own + 1;
        continue;
      }
      assert(fork < PATH_NIBBLES, 'a path has one leaf');
      // What was here hangs from another depth now, so its node is another.
      const above = store.takeBranch(fork);
      hang(slotBelow(above, leaf), leaf);
      hang(slotBelow(above, other), node);
      return hang(slot, -above);
    }
  };

  /** Forgets the references on a leaf's path and gives the slots in which the leaf and its parent hang. */
  const descend = (leaf: number): { slot: number; parentSlot: number } => {
    let slot = ROOT_SLOT;
    let parentSlot = ROOT_SLOT;
    for (let node = store.nodes[slot]!; node !== leaf; node = store.nodes[slot]!) {
      assert(node < 0, 'a leaf hangs where its path leads');
      store.referenceBytes[slot] = 0;
      parentSlot = slot;
      slot = slotBelow(-node, leaf);
    }
    store.referenceBytes[slot] = 0;
    return { slot, parentSlot };
  };

  const removeLeaf = (leaf: number): void => {
    const { slot, parentSlot } = descend(leaf);
    hang(slot, NO_NODE);
    store.freeLeaf(leaf);
    if (slot === ROOT_SLOT) return;
    const branch = slot >> 4;
    const left = [...store.nodes.subarray(branch * 16, branch * 16 + 16)].filter((node) => node !== NO_NODE);
    if (left.length > 1) return;
    // A branch with one way on is none: what is left hangs from the depth above.
    hang(parentSlot, left[0]!);
    store.freeBranch(branch);
  };

  /** Gives the node in a slot, which hangs from this depth, its reference, and so to all below it that have none. */
  const refer = (slot: number, depth: number): void => {
    if (store.referenceBytes[slot] !== 0) return;
    const node = store.nodes[slot]!;
    if (node === NO_NODE) return;
    if (node > 0) return keep(slot, writer.leaf(node, depth, valueOf(node)));
    const own = store.depths[-node]!;
    for (let below = -node * 16; below < -node * 16 + 16; below++) refer(below, own + 1);
    keep(slot, writer.branch(-node));
    if (own > depth) keep(slot, writer.extension(someLeaf(-node), depth, own, referenceIn(slot)));
  };
  /** Writes how a parent names the node into its slot. */
  const keep = (slot: number, node: Uint8Array): void => {
    const reference = node.length < 32 ? node : sha3(node);
    store.references.set(reference, slot * 32);
    store.referenceBytes[slot] = reference.length;
  };
  const referenceIn = (slot: number): Uint8Array =>
    store.references.slice(slot * 32, slot * 32 + store.referenceBytes[slot]!);

  const root = (): Uint8Array => {
    if (store.nodes[ROOT_SLOT] === NO_NODE) return EMPTY_TRIE_ROOT.slice();
    refer(ROOT_SLOT, 0);
    // A leaf's path alone has 32 bytes, and a branch has two hashes or more: no root is short.
    return referenceIn(ROOT_SLOT);
  };

  return {
    reserve: store.reserve,
    insert(path) {
      const leaf = store.takeLeaf(path);
      insertLeaf(leaf);
      return leaf;
    },
    touch: (leaf) => void descend(leaf),
    remove: removeLeaf,
    root,
    prove(path) {
      root();
      const proof: Uint8Array[] = [];
      const add = (node: Uint8Array): void => {
        if (proof.length === 0 || node.length >= 32) proof.push(node.slice());
      };
      // A leaf beside the trie, so that its path can be compared with those in it.
      const asked = store.takeLeaf(path);
      let depth = 0;
      for (let node = store.nodes[ROOT_SLOT]!; node !== NO_NODE;) {
        if (node > 0) {
          add(writer.leaf(node, depth, valueOf(node)));
          break;
        }
        const own = store.depths[-node]!;
        if (own > depth) {
          const branch = writer.branch(-node);
          const other = someLeaf(-node);
          add(writer.extension(other, depth, own, branch.length < 32 ? branch.slice() : sha3(branch)));
          if (firstDifference(asked, other, depth, own) < own) break;
        }
        add(writer.branch(-node));
        depth = own + 1;
        node = store.nodes[slotBelow(-node, asked)]!;
      }
      store.freeLeaf(asked);
      return proof;
    },
  };
}

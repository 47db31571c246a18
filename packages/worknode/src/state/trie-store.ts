/**
 * The nodes of a state trie in columns of bytes and integers. A trie of 100,000 leaves has some 140,000 nodes: as objects they
 * would take ten times the memory, and the collector would visit each of them.
 *
 * A node is named by an integer: a leaf by its number (from 1), a branch by minus its number, none by 0. A branch at depth d
 * divides by nibble d of the path; an extension is not a node here, but follows from the depths of a branch and its parent.
 */

export const NO_NODE = 0;
/** Nibbles of a path: paths are hashes. */
export const PATH_NIBBLES = 64;
const REFERENCE_BYTES = 32;

export interface TrieStore {
  /** 32 bytes a leaf: its path. */
  leafPaths: Uint8Array;
  /** 32 bytes a leaf, of which `leafReferenceBytes` count: how its parent names it. */
  leafReferences: Uint8Array;
  /** 32: a hash. 1 to 31: the node itself. 0: to be computed. */
  leafReferenceBytes: Uint8Array;
  /** Sixteen names a branch. */
  children: Int32Array;
  depths: Uint8Array;
  /** As for leaves; with the extension above the branch, when there is one. */
  branchReferences: Uint8Array;
  branchReferenceBytes: Uint8Array;
  /** A new leaf's number. */
  takeLeaf(path: Uint8Array): number;
  freeLeaf(leaf: number): void;
  /** A new branch's number, without children. */
  takeBranch(depth: number): number;
  freeBranch(branch: number): void;
}

/** A store without nodes. */
export function createTrieStore(): TrieStore {
  const leaves = numbers();
  const branches = numbers();
  const store: TrieStore = {
    ...{ leafPaths: bytes(0), leafReferences: bytes(0), leafReferenceBytes: bytes(0) },
    ...{ children: new Int32Array(0), depths: bytes(0), branchReferences: bytes(0), branchReferenceBytes: bytes(0) },
    takeLeaf(path) {
      const leaf = leaves.take();
      if (leaf >= store.leafReferenceBytes.length) growLeaves();
      store.leafPaths.set(path, leaf * REFERENCE_BYTES);
      store.leafReferenceBytes[leaf] = 0;
      return leaf;
    },
    freeLeaf: leaves.free,
    takeBranch(depth) {
      const branch = branches.take();
      if (branch >= store.depths.length) growBranches();
      store.children.fill(NO_NODE, branch * 16, branch * 16 + 16);
      store.depths[branch] = depth;
      store.branchReferenceBytes[branch] = 0;
      return branch;
    },
    freeBranch: branches.free,
  };
  const growLeaves = (): void => {
    const count = grown(store.leafReferenceBytes.length);
    store.leafPaths = copied(bytes(count * REFERENCE_BYTES), store.leafPaths);
    store.leafReferences = copied(bytes(count * REFERENCE_BYTES), store.leafReferences);
    store.leafReferenceBytes = copied(bytes(count), store.leafReferenceBytes);
  };
  const growBranches = (): void => {
    const count = grown(store.depths.length);
    store.children = copied(new Int32Array(count * 16), store.children);
    store.depths = copied(bytes(count), store.depths);
    store.branchReferences = copied(bytes(count * REFERENCE_BYTES), store.branchReferences);
    store.branchReferenceBytes = copied(bytes(count), store.branchReferenceBytes);
  };
  return store;
}

/** The nibble of a path at a depth, in a column of paths. */
export const nibbleAt = (paths: Uint8Array, leaf: number, depth: number): number => {
  const byte = paths[leaf * REFERENCE_BYTES + (depth >> 1)]!;
  return (depth & 1) === 0 ? byte >> 4 : byte & 0x0f;
};

/** Numbers from 1; those that come back are given out again first. */
function numbers() {
  const free: number[] = [];
  let next = 1;
  return { take: (): number => free.pop() ?? next++, free: (number: number): void => void free.push(number) };
}

const COUNT_MIN = 64;
const grown = (count: number): number => Math.max(COUNT_MIN, Math.ceil(count * 1.5));
const bytes = (count: number): Uint8Array => new Uint8Array(count);

function copied<T extends Uint8Array | Int32Array>(into: T, from: T): T {
  into.set(from);
  return into;
}

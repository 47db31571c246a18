/**
 * The nodes of a state trie in columns of bytes and integers. A trie of 100,000 leaves has some 140,000 nodes: as objects they
 * would take several times the memory, and the collector would visit each of them.
 *
 * A node is named by an integer: a leaf by its number (from 1), a branch by minus its number (from 1), none by 0. It hangs in a
 * slot: slot s of branch b is number 16 b + s, and the root hangs in slot 0. A branch at depth d divides by nibble d of the
 * path; an extension is not a node here, but follows from the depths of a branch and of the branch above.
 *
 * A slot also keeps how the node in it is named by its parent, so that a branch is written from bytes that lie side by side.
 */

export const NO_NODE = 0;
/** Where the root hangs. */
export const ROOT_SLOT = 0;
/** Nibbles of a path: paths are hashes. */
export const PATH_NIBBLES = 64;

export interface TrieStore {
  /** 32 bytes a leaf. */
  leafPaths: Uint8Array;
  /** The node in each slot. */
  nodes: Int32Array;
  /** 32 bytes a slot, of which `referenceBytes` count. */
  references: Uint8Array;
  /** 32: a hash. 1 to 31: the node itself. 0: to be computed. */
  referenceBytes: Uint8Array;
  /** One byte a branch. */
  depths: Uint8Array;
  /** A new leaf's number. */
  takeLeaf(path: Uint8Array): number;
  freeLeaf(leaf: number): void;
  /** A new branch's number, its slots empty. */
  takeBranch(depth: number): number;
  freeBranch(branch: number): void;
  /** Makes room for so many leaves in all, and for the branches above them where paths are hashes. More find room as they come. */
  reserve(leafCount: number): void;
}

/** A store whose slot 0 is empty. */
export function createTrieStore(): TrieStore {
  const leaves = numbers();
  const branches = numbers();
  const store: TrieStore = {
    leafPaths: bytes(0),
    nodes: new Int32Array(16),
    references: bytes(16 * 32),
    referenceBytes: bytes(16),
    depths: bytes(1),
    takeLeaf(path) {
      const leaf = leaves.take();
      if (store.leafPaths.length < (leaf + 1) * 32) growLeaves(grown(leaf));
      store.leafPaths.set(path, leaf * 32);
      return leaf;
    },
    freeLeaf: leaves.free,
    takeBranch(depth) {
      const branch = branches.take();
      if (branch >= store.depths.length) growBranches(grown(branch));
      store.nodes.fill(NO_NODE, branch * 16, branch * 16 + 16);
      store.depths[branch] = depth;
      return branch;
    },
    freeBranch: branches.free,
    reserve(leafCount) {
      const [leafRoom, branchRoom] = [leafCount + 1, Math.ceil(leafCount * BRANCHES_PER_LEAF) + 1];
      if (store.leafPaths.length < leafRoom * 32) growLeaves(leafRoom);
      if (store.depths.length < branchRoom) growBranches(branchRoom);
    },
  };
  const growLeaves = (count: number): void => {
    store.leafPaths = copied(bytes(count * 32), store.leafPaths);
  };
  const growBranches = (count: number): void => {
    store.nodes = copied(new Int32Array(count * 16), store.nodes);
    store.references = copied(bytes(count * 16 * 32), store.references);
    store.referenceBytes = copied(bytes(count * 16), store.referenceBytes);
    store.depths = copied(bytes(count), store.depths);
  };
  return store;
}

/** The nibble of a path at a depth, in a column of paths. */
export const nibbleAt = (paths: Uint8Array, leaf: number, depth: number): number => {
  const byte = paths[leaf * 32 + (depth >> 1)]!;
  return (depth & 1) === 0 ? byte >> 4 : byte & 0x0f;
};

/** Numbers from 1; those that come back are given out again first. */
function numbers() {
  const free: number[] = [];
  let next = 1;
  return { take: (): number => free.pop() ?? next++, free: (number: number): void => void free.push(number) };
}

const COUNT_MIN = 64;
/** Over hashes there are 0.32 to 0.38 branches for a leaf, depending on how full the lowest level is. */
const BRANCHES_PER_LEAF = 0.4;
const grown = (count: number): number => Math.max(COUNT_MIN, Math.ceil((count + 1) * 1.25));
const bytes = (count: number): Uint8Array => new Uint8Array(count);

function copied<T extends Uint8Array | Int32Array>(into: T, from: T): T {
  into.set(from);
  return into;
}

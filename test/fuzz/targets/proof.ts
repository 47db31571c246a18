/** Proofs of trie entries. Whatever is done to a proof, it never shows another value than the trie holds. */
import {
  decodeRlp,
  encodeRlp,
  isRlpList,
  proveEntry,
  RlpError,
  TrieProofError,
  trieRoot,
  verifyTrieProof,
  type RlpItem,
  type TrieEntry,
} from '@jigeum/symverse';
import { nativeSha3 } from '@jigeum/symverse/native';
import { bytesToHex, equalBytes } from '@jigeum/std';
import { mutateBytes } from '../mutate-bytes.ts';
import { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget } from '../target.ts';

interface Trie {
  readonly root: Uint8Array;
  readonly entries: readonly TrieEntry[];
  readonly byKey: ReadonlyMap<string, Uint8Array>;
  /** The proofs that were made, by key: making one takes longer than checking it. */
  readonly proofs: Map<string, readonly Uint8Array[]>;
}

/** Tries of 0 to 60 entries: short keys that are prefixes of each other, and hashes; small values and large ones. */
const TRIES: readonly Trie[] = [0, 1, 2, 3, 5, 9, 17, 20, 33, 60].flatMap((count) => [
  createTrie(count, false),
  createTrie(count, true),
]);
const byRoot = new Map(TRIES.map((each) => [bytesToHex(each.root), each]));

function createTrie(count: number, isHashed: boolean): Trie {
  const random = new Random('tries', count * 2 + (isHashed ? 1 : 0));
  const byKey = new Map<string, TrieEntry>();
  while (byKey.size < count) {
    const key = isHashed ? random.bytes(32) : random.bytes(random.between(1, 3)).map((byte) => byte & 0x31);
    const value = random.bytes(random.oneIn(3) ? random.between(1, 4) : random.between(30, 90));
    byKey.set(bytesToHex(key), { key, value });
  }
  const entries = [...byKey.values()];
  return {
    root: trieRoot(entries, nativeSha3),
    entries,
    byKey: new Map(entries.map(({ key, value }) => [bytesToHex(key), value])),
    proofs: new Map(),
  };
}

function proofOf({ entries, byKey, proofs }: Trie, key: Uint8Array): readonly Uint8Array[] {
  const keyHex = bytesToHex(key);
  const proof = proofs.get(keyHex) ?? proveEntry(entries, key, nativeSha3);
  // Keys that are not there are many; those that are, few.
  if (byKey.has(keyHex)) proofs.set(keyHex, proof);
  return proof;
}

function readInput(input: Uint8Array): { root: Uint8Array; key: Uint8Array; proof: Uint8Array[] } | undefined {
  let item: RlpItem;
  try {
    item = decodeRlp(input);
  } catch (error) {
    if (error instanceof RlpError) return undefined;
    throw error;
  }
  if (!isRlpList(item) || item.length !== 3) return undefined;
  const [root, key, proof] = item as readonly [RlpItem, RlpItem, RlpItem];
  if (isRlpList(root) || isRlpList(key) || !isRlpList(proof)) return undefined;
  return { root, key, proof: proof.filter((node): node is Uint8Array => !isRlpList(node)) };
}

export const PROOF_TARGET: FuzzTarget = {
  name: 'proof',
  explains: 'proofs that a trie holds an entry, or does not',
  generate(random) {
    const trie = random.pick(TRIES);
    const { root, entries } = trie;
    const isThere = entries.length > 0 && !random.oneIn(3);
    const key = isThere
      ? random.pick(entries).key
      : random.bytes(random.pick([1, 2, 3, 32])).map((byte) => byte & 0x31);
    return encodeRlp([root, key, proofOf(trie, key)]);
  },
  mutate: mutateBytes,
  check(input) {
    const given = readInput(input);
    if (given === undefined) return 'refused';
    const { root, key, proof } = given;
    let value: Uint8Array | null;
    try {
      value = verifyTrieProof(root, key, proof, nativeSha3);
    } catch (error) {
      if (error instanceof TrieProofError) return 'refused';
      throw error;
    }
    const known = byRoot.get(bytesToHex(root));
    if (known === undefined) return rootOf(proof, root);
    const held = known.byKey.get(bytesToHex(key)) ?? null;
    const isSame = value === null || held === null ? value === held : equalBytes(value, held);
    if (!isSame) throw new FuzzFinding('The proof shows something that the trie does not hold.');
    if (!equalBytes(encodeRlp(proof), encodeRlp(proofOf(known, key))))
      throw new FuzzFinding('Two different proofs of the same thing are accepted.');
    return 'accepted';
  },
};

/** A root that no trie of ours has can only be that of a node which the input itself holds. */
function rootOf(proof: readonly Uint8Array[], root: Uint8Array): 'accepted' {
  if (proof[0] === undefined || !equalBytes(nativeSha3(proof[0]), root))
    throw new FuzzFinding('A proof was accepted for a root that it does not hash to.');
  return 'accepted';
}

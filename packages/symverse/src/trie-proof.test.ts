import { bytesToHex, concatBytes } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha3_256 } from './hash.ts';
import { encodeRlp } from './rlp.ts';
import { encodeBranch, EMPTY_ITEM, encodeExtension, encodeLeaf, nodeReference } from './trie-node.ts';
import {
  createTrieProver,
  EMPTY_TRIE_ROOT,
  indexEntries,
  indexKey,
  proveEntry,
  trieRoot,
  type TrieEntry,
} from './trie.ts';
import { TrieProofError, verifyTrieProof, type TrieProofErrorCode } from './trie-proof.ts';

/** Distinct keys of one to four bytes, so that keys end inside others; values short and long, so that nodes stand in their parent and do not. */
const entrySets = fc.uniqueArray(
  fc.record({
    key: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    value: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  { minLength: 1, maxLength: 30, selector: ({ key }) => bytesToHex(key) },
);

/** The 300 receipts of a block, as far as a trie sees them. */
const listed = indexEntries(Array.from({ length: 300 }, (_unused, index) => sha3_256(indexKey(index))));
const listedRoot = trieRoot(listed);

const refusalOf = (check: () => unknown): TrieProofErrorCode => {
  try {
    check();
  } catch (error) {
    if (error instanceof TrieProofError) return error.code;
    throw error;
  }
  throw new Error('Expected the proof to be refused.');
};

describe('a trie proof', () => {
  test('shows the value of every key', () => {
    fc.assert(
      fc.property(entrySets, (entries) => {
        const root = trieRoot(entries);
        for (const { key, value } of entries)
          expect(verifyTrieProof(root, key, proveEntry(entries, key))).toEqual(value);
      }),
      { numRuns: 100 },
    );
  });

  test('shows that a key has no value', () => {
    fc.assert(
      fc.property(entrySets, fc.uint8Array({ minLength: 0, maxLength: 5 }), (entries, key) => {
        fc.pre(!entries.some((entry) => bytesToHex(entry.key) === bytesToHex(key)));
        expect(verifyTrieProof(trieRoot(entries), key, proveEntry(entries, key))).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test('is the same for every key of a trie that was hashed once, and costs no further hash', () => {
    let hashed = 0;
    const prover = createTrieProver(listed, (bytes) => {
      hashed++;
      return sha3_256(bytes);
    });
    expect(prover.root).toEqual(listedRoot);
    const before = hashed;
    for (const { key, value } of listed) {
      expect(verifyTrieProof(listedRoot, key, prover.prove(key))).toEqual(value);
      expect(prover.prove(key)).toEqual(proveEntry(listed, key));
    }
    expect(verifyTrieProof(listedRoot, indexKey(300), prover.prove(indexKey(300)))).toBeNull();
    expect(hashed).toBe(before);
  });

  test('of a trie without entries is empty', () => {
    expect(proveEntry([], indexKey(0))).toEqual([]);
    expect(verifyTrieProof(EMPTY_TRIE_ROOT, indexKey(0), [])).toBeNull();
  });

  test('leaves out the nodes that stand in their parent, and always has the root', () => {
    const entries: TrieEntry[] = [1, 2].map((byte) => ({ key: Uint8Array.of(byte), value: Uint8Array.of(byte) }));
    const proof = proveEntry(entries, Uint8Array.of(1));
    expect(proof).toHaveLength(1);
    expect(proof[0]!.length).toBeLessThan(32);
    expect(verifyTrieProof(trieRoot(entries), Uint8Array.of(1), proof)).toEqual(Uint8Array.of(1));
  });

  test('with any byte of any node changed is refused', () => {
    for (const index of [0, 1, 127, 128, 299]) {
      const key = indexKey(index);
      const proof = proveEntry(listed, key);
      proof.forEach((node, at) => {
        for (let byte = 0; byte < node.length; byte++) {
          const changed = node.slice();
          changed[byte]! ^= 1 << (byte & 7);
          const flipped = proof.with(at, changed);
          expect(refusalOf(() => verifyTrieProof(listedRoot, key, flipped))).toBe('wrong-hash');
        }
      });
    }
  });

  test('of one key is none of another', () => {
    const proof = proveEntry(listed, indexKey(7));
    expect(() => verifyTrieProof(listedRoot, indexKey(200), proof)).toThrow(TrieProofError);
    expect(() => verifyTrieProof(listedRoot, indexKey(8), proof)).toThrow(TrieProofError);
  });

  test('with a node missing, doubled or surplus is refused', () => {
    const key = indexKey(200);
    const proof = proveEntry(listed, key);
    expect(proof.length).toBeGreaterThan(2);
    const refuses = (nodes: Uint8Array[]) => refusalOf(() => verifyTrieProof(listedRoot, key, nodes));
    expect(refuses(proof.slice(0, -1))).toBe('missing-node');
    expect(refuses([])).toBe('missing-node');
    expect(refuses([...proof, proof[0]!])).toBe('surplus-node');
    expect(refuses([proof[0]!, ...proof])).toBe('wrong-hash');
    expect(refusalOf(() => verifyTrieProof(EMPTY_TRIE_ROOT, key, proof))).toBe('surplus-node');
  });

  test('names the node at fault', () => {
    const key = indexKey(200);
    const proof = proveEntry(listed, key);
    const changed = proof.with(1, concatBytes(proof[1]!, Uint8Array.of(0)));
    expect(() => verifyTrieProof(listedRoot, key, changed)).toThrow(
      /^Expected node 1 of the proof to have the hash 0x/,
    );
  });
});

describe('a node that the rules would not have written is refused, though its hash is right:', () => {
  const path = (...nibbles: number[]) => Uint8Array.from(nibbles);
  const value = new Uint8Array(40).fill(9);
  const leaf = encodeLeaf(path(1), value);
  const key = Uint8Array.of(0x11);
  const none = Array.from({ length: 16 }, () => EMPTY_ITEM);
  const hashed = (node: Uint8Array) => nodeReference(node, sha3_256);
  const cases: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['bytes that are no RLP', [Uint8Array.of(0xc2, 0x81, 0x01)]],
    ['a byte string', [encodeRlp(value)]],
    ['a list of three', [encodeRlp([value, value, value])]],
    ['a branch with one way on', [encodeBranch(none.with(1, hashed(leaf)), new Uint8Array(0)), leaf]],
    [
      'a branch with a child of 31 bytes',
      [encodeRlp([...Array.from({ length: 16 }, () => value.subarray(0, 31)), value])],
    ],
    ['a leaf without a value', [encodeLeaf(path(1, 1), new Uint8Array(0))]],
    ['a path with an unknown flag', [encodeRlp([Uint8Array.of(0x40, 0x11), value])]],
    ['an even path whose second nibble is not zero', [encodeRlp([Uint8Array.of(0x21, 0x11), value])]],
    ['an extension over nothing', [encodeExtension(path(), hashed(leaf)), leaf]],
    ['an extension without a child', [encodeExtension(path(1), EMPTY_ITEM)]],
    ['an extension to a leaf', [encodeExtension(path(1), hashed(leaf)), leaf]],
    ['a long node inside its parent', [encodeRlp([Uint8Array.of(0x11), [Uint8Array.of(0x31), value]])]],
  ];

  test.each(cases)('%s', (_what, proof) => {
    expect(refusalOf(() => verifyTrieProof(sha3_256(proof[0]!), key, proof))).toBe('malformed-node');
  });

  test('a short node on its own', () => {
    const short = encodeLeaf(path(1), Uint8Array.of(9));
    const other = encodeLeaf(path(1), value);
    const named = encodeRlp([
      ...none
        .with(1, sha3_256(short))
        .with(2, sha3_256(other))
        .map((item) => (item === EMPTY_ITEM ? new Uint8Array(0) : item)),
      new Uint8Array(0),
    ]);
    expect(refusalOf(() => verifyTrieProof(sha3_256(named), key, [named, short]))).toBe('malformed-node');
  });
});

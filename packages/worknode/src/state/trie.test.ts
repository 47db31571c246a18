import { bytesToHex, toHex0x } from '@jigeum/std';
import { EMPTY_TRIE_ROOT, integerToBytes, proveEntry, sha3_256, trieRoot, verifyTrieProof } from '@jigeum/symverse';
import { nativeSha3 } from '@jigeum/symverse/native';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStateTrie } from './trie.ts';

/** A trie beside the plain list of what should be in it. */
function createModel() {
  const values = new Map<number, Uint8Array>();
  const trie = createStateTrie((leaf) => values.get(leaf)!, nativeSha3);
  const leaves = new Map<string, { leaf: number; path: Uint8Array }>();
  return {
    trie,
    put(path: Uint8Array, value: Uint8Array | undefined): void {
      const key = bytesToHex(path);
      const found = leaves.get(key);
      if (value === undefined) {
        if (found === undefined) return;
        trie.remove(found.leaf);
        leaves.delete(key);
        return;
      }
      const leaf = found?.leaf ?? trie.insert(path);
      if (found !== undefined) trie.touch(leaf);
      leaves.set(key, { leaf, path });
      values.set(leaf, value);
    },
    entries: () => [...leaves.values()].map(({ leaf, path }) => ({ key: path, value: values.get(leaf)! })),
  };
}

/** Paths that share up to 31 bytes, so that branches, extensions and nodes inside their parent stand at every depth. */
const path = fc.tuple(fc.nat({ max: 31 }), fc.uint8Array({ minLength: 1, maxLength: 2 })).map(([shared, tail]) => {
  const bytes = new Uint8Array(32).fill(0x11);
  bytes.set(
    tail.map((byte) => byte & 0x33),
    Math.min(shared, 32 - tail.length),
  );
  return bytes;
});
const value = fc.option(fc.uint8Array({ minLength: 1, maxLength: 3 }), { nil: undefined, freq: 3 });
const room = fc.option(fc.nat({ max: 200 }), { nil: undefined, freq: 5 });
const change = fc.record({ path, value, room, isLookedAt: fc.boolean() });

describe('a state trie', () => {
  test('has the root of its content, whatever changes led to it', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const { trie, put, entries } = createModel();
        for (const { path: at, value: next, room: leaves, isLookedAt } of changes) {
          if (leaves !== undefined) trie.reserve(leaves);
          put(at, next);
          // A root between two changes leaves references behind, which the next one has to forget.
          if (isLookedAt) expect(toHex0x(trie.root())).toBe(toHex0x(trieRoot(entries())));
        }
        expect(toHex0x(trie.root())).toBe(toHex0x(trieRoot(entries())));
      }),
      { numRuns: 500 },
    );
  });

  test('proves what is in it and what is not, with the same nodes as the trie in one pass', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.array(path, { maxLength: 10 }), (changes, asked) => {
        const { trie, put, entries } = createModel();
        for (const { path: at, value: next } of changes) put(at, next);
        const all = entries();
        for (const key of [...asked, ...all.map((entry) => entry.key)]) {
          const proof = trie.prove(key);
          expect(proof).toEqual(proveEntry(all, key));
          const held = all.find((entry) => bytesToHex(entry.key) === bytesToHex(key))?.value ?? null;
          expect(verifyTrieProof(trie.root(), key, proof)).toEqual(held);
        }
        expect(toHex0x(trie.root())).toBe(toHex0x(trieRoot(all)));
      }),
      { numRuns: 200 },
    );
  });

  test('of many rows has the root of its content after inserts, changes and removals', () => {
    const { trie, put, entries } = createModel();
    const at = (index: number): Uint8Array => sha3_256(integerToBytes(BigInt(index)));
    for (let index = 0; index < 3000; index++) put(at(index), Uint8Array.of(1 + (index % 200)));
    expect(toHex0x(trie.root())).toBe(toHex0x(trieRoot(entries())));
    for (let index = 0; index < 3000; index += 3) put(at(index), undefined);
    for (let index = 1; index < 3000; index += 5) put(at(index), new Uint8Array(200).fill(index));
    expect(toHex0x(trie.root())).toBe(toHex0x(trieRoot(entries())));
    for (let index = 0; index < 3000; index++) put(at(index), undefined);
    expect(trie.root()).toEqual(EMPTY_TRIE_ROOT);
  });

  test('takes a value of any length that a node may have', () => {
    for (const length of [1, 55, 56, 255, 256, 65_535, 65_536]) {
      const { trie, put, entries } = createModel();
      put(sha3_256(Uint8Array.of(1)), new Uint8Array(length).fill(0x7f));
      expect(toHex0x(trie.root())).toBe(toHex0x(trieRoot(entries())));
    }
  });

  test('refuses a second leaf on one path', () => {
    const { trie } = createModel();
    trie.insert(new Uint8Array(32));
    expect(() => trie.insert(new Uint8Array(32))).toThrow('a path has one leaf');
  });
});

import { bytesToHex, concatBytes, fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha3_256 } from './hash.ts';
import { nativeSha3 } from './native.ts';
import { encodeRlp, integerToBytes, type RlpItem } from './rlp.ts';
import { indexTrieRoot } from './index-trie.ts';
import { EMPTY_TRIE_ROOT, indexEntries, trieRoot } from './trie.ts';
import { symverseVectors } from './testing/vectors.ts';

/**
 * A second implementation, by the definition in the Ethereum yellow paper (appendix D): the structural function over a set
 * of nibble strings, without sorting. Slow and short.
 */
function definedRoot(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const hexPrefix = (nibbles: string, isLeaf: boolean): Uint8Array => {
    const flag = (isLeaf ? 2 : 0) + (nibbles.length % 2);
    const digits = nibbles.length % 2 === 1 ? `${flag}${nibbles}` : `${flag}0${nibbles}`;
    return Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  };
  const capped = (set: ReadonlyMap<string, Uint8Array>, depth: number): RlpItem => {
    if (set.size === 0) return new Uint8Array(0);
    const item = structure(set, depth);
    const bytes = encodeRlp(item, 100);
    return bytes.length < 32 ? item : sha3_256(bytes);
  };
  const structure = (set: ReadonlyMap<string, Uint8Array>, depth: number): RlpItem => {
    const keys = [...set.keys()];
    if (set.size === 1) return [hexPrefix(keys[0]!.slice(depth), true), set.get(keys[0]!)!];
    let common = depth;
    while (keys.every((key) => key.length > common && key[common] === keys[0]![common])) common++;
    if (common > depth) return [hexPrefix(keys[0]!.slice(depth, common), false), capped(set, common)];
    const slots = Array.from('0123456789abcdef', (digit) =>
      capped(new Map([...set].filter(([key]) => key[depth] === digit)), depth + 1),
    );
    return [...slots, keys.filter((key) => key.length === depth).map((key) => set.get(key)!)[0] ?? new Uint8Array(0)];
  };
  return sha3_256(encodeRlp(structure(entries, 0), 100));
}

describe('a trie root', () => {
  test('of nothing is the constant of go-ethereum that the chain prints', () => {
    const published = symverseVectors().hash.find(({ value }) => value !== undefined)!;
    expect(toHex0x(indexTrieRoot([]))).toBe(published.value);
    expect(toHex0x(EMPTY_TRIE_ROOT)).toBe(published.value);
  });

  test('of one item is SHA3-256(RLP([0x2080, item]))', () => {
    const value = fromHex0x('0x112233');
    expect(indexTrieRoot([value])).toEqual(sha3_256(encodeRlp([Uint8Array.of(0x20, 0x80), value])));
  });

  test.each([1, 2, 3, 17, 127, 128, 129, 300])('over %d indexed items follows the definition', (count) => {
    const values = Array.from({ length: count }, (_unused, index) =>
      sha3_256(integerToBytes(BigInt(index))).subarray(0, 1 + (index % 32)),
    );
    const entries = new Map(
      values.map((value, index) => [bytesToHex(encodeRlp(integerToBytes(BigInt(index)))), value]),
    );
    expect(toHex0x(indexTrieRoot(values))).toBe(toHex0x(definedRoot(entries)));
  });

  test('over indexed items of any size is that of their entries', () => {
    const sizes = fc.constantFrom(1, 2, 20, 28, 29, 30, 31, 32, 33, 54, 55, 56, 57, 255, 256, 5000, 70_000);
    const lists = fc.array(sizes, { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(lists, (list) => {
        const values = list.map((size, index) => new Uint8Array(size).fill(index % 256));
        expect(toHex0x(indexTrieRoot(values))).toBe(toHex0x(trieRoot(indexEntries(values))));
      }),
      { numRuns: 30 },
    );
  });

  test('over more indexed items than two bytes count is that of their entries', () => {
    const values = Array.from({ length: 65_540 }, (_unused, index) => Uint8Array.of(index % 256, index >> 8));
    expect(toHex0x(indexTrieRoot(values, nativeSha3))).toBe(toHex0x(trieRoot(indexEntries(values), nativeSha3)));
  });

  test('over any keys follows the definition, in whatever order they come', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 4 });
    const sets = fc.uniqueArray(fc.record({ key: bytes, value: fc.uint8Array({ minLength: 1, maxLength: 40 }) }), {
      minLength: 1,
      maxLength: 30,
      selector: ({ key }) => bytesToHex(key),
    });
    fc.assert(
      fc.property(sets, (entries) => {
        const expected = toHex0x(definedRoot(new Map(entries.map(({ key, value }) => [bytesToHex(key), value]))));
        expect(toHex0x(trieRoot(entries))).toBe(expected);
        expect(toHex0x(trieRoot(entries.toReversed()))).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('changes with every value and with their order', () => {
    const values = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
    const roots = [values, values.toReversed(), values.slice(1), [...values, Uint8Array.of(4)]].map((list) =>
      toHex0x(indexTrieRoot(list)),
    );
    expect(new Set(roots).size).toBe(4);
  });

  test('refuses two entries of one key, and an empty value', () => {
    const entry = { key: Uint8Array.of(1), value: Uint8Array.of(1) };
    expect(() => trieRoot([entry, { ...entry }])).toThrow('one trie entry for a key, got two');
    expect(() => trieRoot([{ key: entry.key, value: concatBytes() }])).toThrow('got an empty one');
    expect(() => indexTrieRoot([entry.value, concatBytes()])).toThrow('got an empty one');
  });
});

/** The rules of every storage, as a suite that the tests of each one run. */
import { describe, expect, it } from 'vitest';
import type { StateRow } from '../state/state.ts';
import type { NodeStorage, StoredBlock, StoredCitizenBlock } from './storage.ts';

const bytes = (seed: number, length = 32): Uint8Array => new Uint8Array(length).fill(seed);

/** A block of so many transactions; all its bytes follow from its number. */
export function sampleBlock(number: number, transactionCount = 2): StoredBlock {
  return {
    number,
    hash: bytes(number + 1),
    header: bytes(number + 2, 40),
    sign: bytes(number + 3, 64),
    transactions: Array.from({ length: transactionCount }, (_, index) => ({
      hash: Uint8Array.of(...bytes(100 + index, 31), number),
      raw: bytes(number + index, 120),
      receipt: bytes(index, 20),
    })),
  };
}

/** A citizen block of one record. */
export const sampleCitizenBlock = (number: number): StoredCitizenBlock => ({
  number,
  hash: bytes(number + 50),
  header: bytes(number + 51, 40),
  citizens: [{ hash: bytes(number + 70), raw: bytes(number + 71, 90) }],
});

const row = (key: string, value: Uint8Array | undefined): StateRow => ({ table: 'account', key, value });

/** Runs the suite. `open` gives an empty storage. */
export function storageConformance(name: string, open: () => NodeStorage): void {
  describe(`${name} storage`, () => {
    it('is empty at first', () => {
      const storage = open();
      expect(storage.genesis()).toBeUndefined();
      expect(storage.head()).toBeUndefined();
      expect(storage.citizenHead()).toBeUndefined();
      expect([...storage.state()]).toEqual([]);
      expect(storage.journal()).toEqual([]);
      expect(storage.block(0)).toBeUndefined();
      expect(storage.block(-1)).toBeUndefined();
      storage.verify();
      storage.close();
    });

    it('gives back blocks, transactions and records as they were written', () => {
      const storage = open();
      const [first, second] = [sampleBlock(0, 0), sampleBlock(1)];
      storage.commit({ block: first, citizenBlock: sampleCitizenBlock(0), state: [], genesis: '{"chainId":1}' });
      storage.commit({ block: second, state: [] });
      expect(storage.genesis()).toBe('{"chainId":1}');
      expect(storage.block(0)).toEqual(first);
      expect(storage.block(1)).toEqual(second);
      expect(storage.head()).toEqual(second);
      expect(storage.blockNumber(second.hash)).toBe(1);
      expect(storage.blockNumber(bytes(99))).toBeUndefined();
      expect(storage.blockHead(1)).toMatchObject({ number: 1, hash: second.hash, header: second.header });
      expect(storage.transaction(second.transactions[1]!.hash)).toEqual({
        block: 1,
        index: 1,
        row: second.transactions[1],
      });
      expect(storage.transaction(bytes(99))).toBeUndefined();
      expect(storage.citizenHead()).toEqual(sampleCitizenBlock(0));
      expect(storage.citizenBlock(0)).toEqual(sampleCitizenBlock(0));
      expect(storage.citizenBlockNumber(bytes(50))).toBe(0);
      expect(storage.citizen(bytes(70))).toEqual({ block: 0, index: 0, row: sampleCitizenBlock(0).citizens[0] });
      storage.verify();
      storage.close();
    });

    it('keeps the newest value of a state row, and none that was removed', () => {
      const storage = open();
      storage.commit({ block: sampleBlock(0), state: [row('a', bytes(1)), row('b', bytes(2)), row('c', bytes(3))] });
      storage.commit({ block: sampleBlock(1), state: [row('a', bytes(4)), row('b', undefined)] });
      const rows = [...storage.state()].sort((left, right) => (left.key < right.key ? -1 : 1));
      expect(rows).toEqual([row('a', bytes(4)), row('c', bytes(3))]);
      storage.close();
    });

    it('keeps the journal in the order of arrival, each row once, until its block is written', () => {
      const storage = open();
      storage.journalAdd([
        { hash: bytes(9), raw: bytes(1, 10) },
        { hash: bytes(8), raw: bytes(2, 10) },
      ]);
      storage.journalAdd([
        { hash: bytes(9), raw: bytes(1, 10) },
        { hash: bytes(7), raw: bytes(3, 10) },
      ]);
      expect(storage.journal().map(({ hash }) => hash[0])).toEqual([9, 8, 7]);
      storage.commit({ block: sampleBlock(0), state: [], journalDone: [bytes(8)] });
      storage.journalRemove([bytes(7), bytes(6)]);
      expect(storage.journal()).toEqual([{ hash: bytes(9), raw: bytes(1, 10) }]);
      storage.close();
    });

    it('refuses a block out of order, and nothing of that commit is written', () => {
      const storage = open();
      storage.commit({ block: sampleBlock(0), state: [] });
      expect(() => storage.commit({ block: sampleBlock(2), state: [row('a', bytes(1))] })).toThrow(
        /block 1 to be written next, got 2/,
      );
      expect(() => storage.commit({ block: sampleBlock(0), state: [] })).toThrow(RangeError);
      expect(() => storage.commit({ citizenBlock: sampleCitizenBlock(3), state: [] })).toThrow(RangeError);
      expect([...storage.state()]).toEqual([]);
      expect(storage.head()?.number).toBe(0);
      storage.close();
    });
  });
}

/** The rules of every storage, as a suite that the tests of each one run. */
import { describe, expect, it } from 'vitest';
import type { StateRow } from '../state/state.ts';
import {
  PrunedHistoryError,
  type NodeStorage,
  type StateChange,
  type StoredBlock,
  type StoredCitizenBlock,
} from './storage.ts';

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

/** A citizen block of one record, or of more. */
export const sampleCitizenBlock = (number: number, recordCount = 1): StoredCitizenBlock => ({
  number,
  hash: bytes(number + 50),
  header: bytes(number + 51, 40),
  citizens: Array.from({ length: recordCount }, (_, index) => ({
    hash: Uint8Array.of(...bytes(number + 70, 30), index >> 8, index),
    raw: bytes(number + 71 + index, 90),
  })),
});

const row = (key: string, value: Uint8Array | undefined): StateRow => ({ table: 'account', key, value });
const change = (key: string, value: Uint8Array | undefined, before?: Uint8Array): StateChange => ({
  ...row(key, value),
  before,
});

/** Runs the suite. `open` gives an empty storage. */
export function storageConformance(
  name: string,
  open: (options?: { readonly keepHistory?: number }) => NodeStorage,
): void {
  describe(`${name} storage`, () => {
    it('is empty at first', () => {
      const storage = open();
      expect([storage.genesis(), storage.rules()]).toEqual([undefined, undefined]);
      expect(storage.head()).toBeUndefined();
      expect(storage.citizenHead()).toBeUndefined();
      expect([...storage.state()]).toEqual([]);
      expect(storage.journal()).toEqual([]);
      expect(storage.block(0)).toBeUndefined();
      expect(storage.block(-1)).toBeUndefined();
      storage.close();
    });

    it('gives back blocks, transactions and records as they were written', () => {
      const storage = open();
      const [first, second] = [sampleBlock(0, 0), sampleBlock(1)];
      const genesis = { text: '{"chainId":1,"citizens":[]}', rules: '{"chainId":1}' };
      storage.commit({ block: first, citizenBlock: sampleCitizenBlock(0), state: [], genesis });
      storage.commit({ block: second, state: [] });
      expect([storage.genesis(), storage.rules()]).toEqual([genesis.text, genesis.rules]);
      expect(storage.block(0)).toEqual(first);
      expect(storage.block(1)).toEqual(second);
      expect(storage.head()).toMatchObject({ number: 1, hash: second.hash, sign: second.sign });
      expect(storage.blockNumber(second.hash)).toBe(1);
      expect(storage.blockNumber(bytes(99))).toBeUndefined();
      expect(storage.blockHead(1)).toMatchObject({ number: 1, hash: second.hash, header: second.header });
      expect(Array.from(storage.heads(), ({ number }) => number)).toEqual([0, 1]);
      expect(storage.transaction(second.transactions[1]!.hash)).toEqual({
        block: 1,
        index: 1,
        row: second.transactions[1],
      });
      expect(storage.transaction(bytes(99))).toBeUndefined();
      expect(storage.citizenHead()).toEqual(sampleCitizenBlock(0));
      expect(storage.citizenBlock(0)).toEqual(sampleCitizenBlock(0));
      expect(storage.citizenBlockNumber(bytes(50))).toBe(0);
      expect(storage.citizen(sampleCitizenBlock(0).citizens[0]!.hash)).toEqual({
        block: 0,
        index: 0,
        row: sampleCitizenBlock(0).citizens[0],
      });
      storage.close();
    });

    it('tells heads and counts without what is in the blocks', () => {
      const storage = open();
      const citizenBlock = sampleCitizenBlock(0, 200);
      storage.commit({ block: sampleBlock(0, 0), citizenBlock, state: [] });
      storage.commit({ block: sampleBlock(1, 130), citizenBlock: sampleCitizenBlock(1), state: [] });
      const { number, hash, header } = citizenBlock;
      expect(storage.citizenBlockHead(0)).toEqual({ number, hash, header });
      expect([-1, 0, 1, 2].map((at) => storage.citizenBlockHead(at)?.number)).toEqual([undefined, 0, 1, undefined]);
      expect([-1, 0, 1, 2].map((at) => storage.recordCount(at))).toEqual([undefined, 200, 1, undefined]);
      expect([-1, 0, 1, 2].map((at) => storage.transactionCount(at))).toEqual([undefined, 0, 130, undefined]);
      expect([-1, 0, 2].map((at) => storage.transactionAt(at, 0))).toEqual([undefined, undefined, undefined]);
      storage.close();
    });

    it('keeps the newest value of a state row, and none that was removed', () => {
      const storage = open();
      storage.commit({
        block: sampleBlock(0),
        state: [change('a', bytes(1)), change('b', bytes(2)), change('c', bytes(3))],
      });
      storage.commit({
        block: sampleBlock(1),
        state: [change('a', bytes(4), bytes(1)), change('b', undefined, bytes(2))],
      });
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

    it('removes from the journal across what was written together, and takes again what was removed', () => {
      const storage = open();
      const row = (id: number) => ({ hash: bytes(id), raw: bytes(id, 10) });
      storage.journalAdd([row(1), row(2)]);
      storage.journalAdd([row(3)]);
      storage.journalAdd([row(4), row(5), row(6)]);
      storage.journalRemove([1, 3, 5].map((id) => bytes(id)));
      expect(storage.journal()).toEqual([2, 4, 6].map(row));
      storage.journalAdd([row(3), row(1)]);
      expect(storage.journal()).toEqual([2, 4, 6, 3, 1].map(row));
      storage.close();
    });

    it('refuses a block out of order, and nothing of that commit is written', () => {
      const storage = open();
      storage.commit({ block: sampleBlock(0), state: [] });
      expect(() => storage.commit({ block: sampleBlock(2), state: [change('a', bytes(1))] })).toThrow(
        /block 1 to be written next, got 2/,
      );
      expect(() => storage.commit({ block: sampleBlock(0), state: [] })).toThrow(RangeError);
      expect(() => storage.commit({ citizenBlock: sampleCitizenBlock(3), state: [] })).toThrow(RangeError);
      expect([...storage.state()]).toEqual([]);
      expect(storage.head()?.number).toBe(0);
      storage.close();
    });

    it('gives back a block of many transactions, and each of them alone', () => {
      const storage = open();
      const block = sampleBlock(0, 200);
      storage.commit({ block, state: [] });
      expect(storage.block(0)).toEqual(block);
      for (const index of [0, 63, 64, 127, 199]) {
        expect(storage.transaction(block.transactions[index]!.hash)).toEqual({
          block: 0,
          index,
          row: block.transactions[index],
        });
        expect(storage.transactionAt(0, index)).toEqual(block.transactions[index]);
      }
      expect([-1, 200, 256, 2 ** 31].map((index) => storage.transactionAt(0, index))).toEqual(Array(4).fill(undefined));
      storage.close();
    });

    it('gives back a citizen block of many records, and each of them alone', () => {
      const storage = open();
      const block = sampleCitizenBlock(0, 200);
      storage.commit({ citizenBlock: block, state: [] });
      storage.commit({ citizenBlock: sampleCitizenBlock(1), state: [] });
      expect(storage.citizenBlock(0)).toEqual(block);
      for (const index of [0, 63, 64, 127, 199]) {
        const row = block.citizens[index]!;
        expect(storage.citizen(row.hash)).toEqual({ block: 0, index, row });
      }
      storage.close();
    });

    it('tells hashes apart that begin alike', () => {
      const storage = open();
      const alike = Array.from({ length: 5 }, (_, index) => Uint8Array.of(...bytes(7, 31), index));
      const block = { ...sampleBlock(0, 0), transactions: alike.map((hash) => ({ hash, raw: hash, receipt: hash })) };
      storage.commit({ block, state: [] });
      for (const [index, hash] of alike.entries()) expect(storage.transaction(hash)?.index).toBe(index);
      expect(storage.transaction(Uint8Array.of(...bytes(7, 31), 9))).toBeUndefined();
      storage.close();
    });

    it('tells what a row was at every older block', () => {
      const storage = open();
      storage.commit({ block: sampleBlock(0), state: [change('a', bytes(1))] });
      storage.commit({ block: sampleBlock(1), state: [change('b', bytes(2))] });
      storage.commit({
        block: sampleBlock(2),
        state: [change('a', bytes(3), bytes(1)), change('b', undefined, bytes(2))],
      });
      storage.commit({ block: sampleBlock(3), state: [] });
      storage.commit({ block: sampleBlock(4), state: [change('a', bytes(5), bytes(3)), change('b', bytes(6))] });
      const at = (key: string) =>
        [0, 1, 2, 3, 4].map((block) => {
          const found = storage.rowAt({ chain: 'main', block: block }, 'account', key);
          return found.kind === 'unchanged' ? 'now' : (found.before?.[0] ?? 'none');
        });
      expect([0, 1, 2, 3, 4].map((block) => storage.changesUntil({ chain: 'main', block }))).toEqual([1, 2, 3, 3, 4]);
      expect(at('a')).toEqual([1, 1, 3, 3, 'now']);
      expect(at('b')).toEqual(['none', 2, 'none', 'none', 'now']);
      expect(at('c')).toEqual(['now', 'now', 'now', 'now', 'now']);
      expect(storage.historyFrom()).toBe(0);
      expect(() => storage.rowAt({ chain: 'main', block: 5 }, 'account', 'a')).toThrow(RangeError);
      storage.close();
    });

    it('counts a record between two blocks to the later one', () => {
      const storage = open();
      storage.commit({ block: sampleBlock(0), citizenBlock: sampleCitizenBlock(0), state: [change('a', bytes(1))] });
      storage.commit({ citizenBlock: sampleCitizenBlock(1), state: [change('a', bytes(2), bytes(1))] });
      expect(storage.rowAt({ chain: 'main', block: 0 }, 'account', 'a')).toEqual({ kind: 'changed', before: bytes(1) });
      storage.commit({ block: sampleBlock(1), state: [] });
      expect(storage.rowAt({ chain: 'main', block: 1 }, 'account', 'a')).toEqual({ kind: 'unchanged' });
      expect(storage.rowAt({ chain: 'citizen', block: 0 }, 'account', 'a')).toEqual({
        kind: 'changed',
        before: bytes(1),
      });
      expect(storage.rowAt({ chain: 'citizen', block: 1 }, 'account', 'a')).toEqual({ kind: 'unchanged' });
      expect(() => storage.rowAt({ chain: 'citizen', block: 2 }, 'account', 'a')).toThrow(RangeError);
      storage.close();
    });

    it('removes the history below its horizon, and says so when asked for it', () => {
      const storage = open({ keepHistory: 3 });
      for (let number = 0; number < 20; number++) {
        const before = number === 0 ? undefined : bytes(number - 1);
        storage.commit({ block: sampleBlock(number), state: [change('a', bytes(number), before)] });
      }
      expect(storage.historyFrom()).toBe(16);
      for (const number of [16, 17, 18])
        expect(storage.rowAt({ chain: 'main', block: number }, 'account', 'a')).toEqual({
          kind: 'changed',
          before: bytes(number),
        });
      expect(storage.rowAt({ chain: 'main', block: 19 }, 'account', 'a')).toEqual({ kind: 'unchanged' });
      expect(() => storage.rowAt({ chain: 'main', block: 15 }, 'account', 'a')).toThrow(PrunedHistoryError);
      expect(() => storage.rowAt({ chain: 'main', block: 15 }, 'account', 'a')).toThrow(
        /expected block 16 or a later one, got block 15/,
      );
      expect([...storage.state()]).toEqual([row('a', bytes(19))]);
      storage.close();
    });
  });
}

import { indexKey, verifyTrieProof } from '@jigeum/symverse';
import { expect, test } from 'vitest';
import type { StoredBlock } from '../storage/storage.ts';
import { createBlockProvers } from './block-provers.ts';

const hashOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);

/** A block of 40 transactions that no chain has checked. */
function blockOf(number: number): StoredBlock {
  const transactions = Array.from({ length: 40 }, (_unused, index) => ({
    hash: new Uint8Array(32).fill(index),
    raw: new Uint8Array(100).fill(index + 1),
    receipt: new Uint8Array(13).fill(index + 1),
  }));
  return { number, hash: hashOf(number), header: new Uint8Array(0), sign: new Uint8Array(0), transactions };
}

test('a block is read once for the proofs of all its transactions', () => {
  const read: number[] = [];
  const provenBlock = createBlockProvers((number) => {
    read.push(number);
    return blockOf(number);
  });
  for (let index = 0; index < 40; index++) {
    const { block, transactions, receipts } = provenBlock(7, hashOf(7))!;
    const { raw, receipt } = block.transactions[index]!;
    const key = indexKey(index);
    expect(verifyTrieProof(transactions.root, key, transactions.prove(key))).toEqual(raw);
    expect(verifyTrieProof(receipts.root, key, receipts.prove(key))).toEqual(receipt);
  }
  expect(read).toEqual([7]);
});

test('only the two blocks that were asked for last are kept, and a block of another hash is not taken for the same', () => {
  const read: number[] = [];
  const provenBlock = createBlockProvers((number) => {
    read.push(number);
    return blockOf(number);
  });
  for (const number of [1, 2, 1, 3, 1, 2]) provenBlock(number, hashOf(number));
  expect(read).toEqual([1, 2, 3, 2]);
  provenBlock(2, hashOf(9));
  expect(read).toEqual([1, 2, 3, 2, 2]);
});

test('a block that there is not is not remembered', () => {
  const answers = [undefined, blockOf(5)];
  const provenBlock = createBlockProvers(() => answers.shift());
  expect(provenBlock(5, hashOf(5))).toBeUndefined();
  expect(provenBlock(5, hashOf(5))?.block.number).toBe(5);
});

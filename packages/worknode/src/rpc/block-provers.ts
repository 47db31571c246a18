/** Proofs of many transactions of one block for the hashing of one: receipts of a full block are asked for one after the other. */
import { bytesToHex } from '@jigeum/std';
import { createTrieProver, indexEntries, type TrieProver } from '@jigeum/symverse';
import { nativeSha3 } from '@jigeum/symverse/native';
import type { StoredBlock } from '../storage/storage.ts';

/** A block whose two lists have been hashed. */
export interface ProvenBlock {
  readonly block: StoredBlock;
  readonly transactions: TrieProver;
  readonly receipts: TrieProver;
}

/** Blocks whose nodes are kept: the tries of one with 6,000 transactions take some 5 MB. */
const BLOCKS_MAX = 2;

/** Remembers the blocks that were proven last, by their hash. `read` is asked for a block that is not among them. */
export function createBlockProvers(read: (number: number) => StoredBlock | undefined) {
  const kept = new Map<string, ProvenBlock>();
  return (number: number, blockHash: Uint8Array): ProvenBlock | undefined => {
    const name = bytesToHex(blockHash);
    const found = kept.get(name) ?? hash(read(number));
    if (found === undefined) return undefined;
    // Moved to the end: the first of the map is the one that was asked for longest ago.
    kept.delete(name);
    kept.set(name, found);
    if (kept.size > BLOCKS_MAX) kept.delete(kept.keys().next().value!);
    return found;
  };
}

const hash = (block: StoredBlock | undefined): ProvenBlock | undefined =>
  block && {
    block,
    transactions: proverOf(block.transactions.map(({ raw }) => raw)),
    receipts: proverOf(block.transactions.map(({ receipt }) => receipt)),
  };

const proverOf = (values: readonly Uint8Array[]): TrieProver => createTrieProver(indexEntries(values), nativeSha3);

/** Storage that ends with the process: for tests and throw-away nodes. Keeps to the same rules as the durable one. */
import { bytesToHex } from '@jigeum/std';
import type { StateRow } from '../state/state.ts';
import type {
  JournalRow,
  NodeStorage,
  Place,
  StoredBlock,
  StoredCitizen,
  StoredCitizenBlock,
  StoredTransaction,
} from './storage.ts';

/** An empty storage in memory. */
export function createMemoryStorage(): NodeStorage {
  let genesis: string | undefined;
  const blocks: StoredBlock[] = [];
  const blockNumbers = new Map<string, number>();
  const citizenBlocks: StoredCitizenBlock[] = [];
  const citizenBlockNumbers = new Map<string, number>();
  const transactions = new Map<string, Place<StoredTransaction>>();
  const citizens = new Map<string, Place<StoredCitizen>>();
  const state = new Map<string, StateRow>();
  const journal = new Map<string, JournalRow>();

  return {
    genesis: () => genesis,
    head: () => blocks.at(-1),
    citizenHead: () => citizenBlocks.at(-1),
    state: () => state.values(),
    commit(commit) {
      const { block, citizenBlock } = commit;
      if (block !== undefined) requireNext('block', block.number, blocks.length);
      if (citizenBlock !== undefined) requireNext('citizen block', citizenBlock.number, citizenBlocks.length);
      if (block !== undefined) {
        blocks.push(block);
        blockNumbers.set(bytesToHex(block.hash), block.number);
        block.transactions.forEach((row, index) =>
          transactions.set(bytesToHex(row.hash), { block: block.number, index, row }),
        );
      }
      if (citizenBlock !== undefined) {
        citizenBlocks.push(citizenBlock);
        citizenBlockNumbers.set(bytesToHex(citizenBlock.hash), citizenBlock.number);
        citizenBlock.citizens.forEach((row, index) =>
          citizens.set(bytesToHex(row.hash), { block: citizenBlock.number, index, row }),
        );
      }
      for (const row of commit.state) {
        const key = `${row.table}:${row.key}`;
        if (row.value === undefined) state.delete(key);
        else state.set(key, row);
      }
      for (const hash of commit.journalDone ?? []) journal.delete(bytesToHex(hash));
      if (commit.genesis !== undefined) genesis = commit.genesis;
    },
    journalAdd(rows) {
      for (const row of rows) if (!journal.has(bytesToHex(row.hash))) journal.set(bytesToHex(row.hash), row);
    },
    journalRemove(hashes) {
      for (const hash of hashes) journal.delete(bytesToHex(hash));
    },
    journal: () => [...journal.values()],
    block: (number) => blocks[number],
    blockHead: (number) => blocks[number],
    blockNumber: (hash) => blockNumbers.get(bytesToHex(hash)),
    transaction: (hash) => transactions.get(bytesToHex(hash)),
    citizenBlock: (number) => citizenBlocks[number],
    citizenBlockNumber: (hash) => citizenBlockNumbers.get(bytesToHex(hash)),
    citizen: (hash) => citizens.get(bytesToHex(hash)),
    verify: () => undefined,
    close: () => undefined,
  };
}

function requireNext(what: string, number: number, expected: number): void {
  if (number !== expected) throw new RangeError(`Expected the ${what} ${expected} to be written next, got ${number}.`);
}

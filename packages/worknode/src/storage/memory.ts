/** Storage that ends with the process: for tests and throw-away nodes. Keeps to the same rules as the durable one. */
import { bytesToHex } from '@jigeum/std';
import type { StateRow } from '../state/state.ts';
import {
  PrunedHistoryError,
  type JournalRow,
  type NodeStorage,
  type Place,
  type StatePoint,
  type StoredBlock,
  type StoredCitizen,
  type StoredCitizenBlock,
  type StoredGenesis,
  type StoredTransaction,
} from './storage.ts';

interface Undo {
  /** The change of the state that found this value. */
  readonly change: number;
  readonly before: Uint8Array | undefined;
}

/** An empty storage in memory. */
export function createMemoryStorage(options: { readonly keepHistory?: number } = {}): NodeStorage {
  let genesis: StoredGenesis | undefined;
  const blocks: StoredBlock[] = [];
  const blockNumbers = new Map<string, number>();
  const citizenBlocks: StoredCitizenBlock[] = [];
  const citizenBlockNumbers = new Map<string, number>();
  const transactions = new Map<string, Place<StoredTransaction>>();
  const citizens = new Map<string, Place<StoredCitizen>>();
  const state = new Map<string, StateRow>();
  const journal = new Map<string, JournalRow>();
  /** The newest change of the state that belongs to each block. */
  const changeOfBlock = { main: new Array<number>(), citizen: new Array<number>() };
  const undo = new Map<string, Undo[]>();
  let change = 0;

  const historyFrom = (): number =>
    options.keepHistory === undefined ? 0 : Math.max(0, blocks.length - 1 - options.keepHistory);

  const changesUntil = ({ chain, block }: StatePoint): number => {
    const then = changeOfBlock[chain][block];
    if (then === undefined) throw new RangeError(`Expected a block that exists, got ${block}.`);
    return then;
  };

  return {
    genesis: () => genesis?.text,
    rules: () => genesis?.rules,
    head: () => blocks.at(-1),
    citizenHead: () => citizenBlocks.at(-1),
    state: () => state.values(),
    commit(commit) {
      const { block, citizenBlock } = commit;
      if (block !== undefined) requireNext('block', block.number, blocks.length);
      if (citizenBlock !== undefined) requireNext('citizen block', citizenBlock.number, citizenBlocks.length);
      if (commit.state.length > 0) change++;
      for (const { table, key, value, before } of commit.state) {
        const name = `${table}:${key}`;
        const undone = undo.get(name) ?? [];
        undo.set(name, undone);
        undone.push({ change, before });
        if (value === undefined) state.delete(name);
        else state.set(name, { table, key, value });
      }
      if (block !== undefined) {
        blocks.push(block);
        changeOfBlock.main.push(change);
        blockNumbers.set(bytesToHex(block.hash), block.number);
        block.transactions.forEach((row, index) =>
          transactions.set(bytesToHex(row.hash), { block: block.number, index, row }),
        );
      }
      if (citizenBlock !== undefined) {
        citizenBlocks.push(citizenBlock);
        changeOfBlock.citizen.push(change);
        citizenBlockNumbers.set(bytesToHex(citizenBlock.hash), citizenBlock.number);
        citizenBlock.citizens.forEach((row, index) =>
          citizens.set(bytesToHex(row.hash), { block: citizenBlock.number, index, row }),
        );
      }
      for (const hash of commit.journalDone ?? []) journal.delete(bytesToHex(hash));
      if (commit.genesis !== undefined) genesis = commit.genesis;
    },
    journalAdd(rows) {
      for (const row of rows) if (!journal.has(bytesToHex(row.hash))) journal.set(bytesToHex(row.hash), row);
    },
    synced: () => Promise.resolve(),
    journalRemove(hashes) {
      for (const hash of hashes) journal.delete(bytesToHex(hash));
    },
    journal: () => [...journal.values()],
    block: (number) => blocks[number],
    blockHead: (number) => blocks[number],
    transactionCount: (number) => blocks[number]?.transactions.length,
    heads: () => blocks.values(),
    blockNumber: (hash) => blockNumbers.get(bytesToHex(hash)),
    transaction: (hash) => transactions.get(bytesToHex(hash)),
    transactionAt: (number, index) => blocks[number]?.transactions[index],
    citizenBlock: (number) => citizenBlocks[number],
    citizenBlockHead(index) {
      const block = citizenBlocks[index];
      return block && { number: block.number, hash: block.hash, header: block.header };
    },
    recordCount: (number) => citizenBlocks[number]?.citizens.length,
    citizenBlockNumber: (hash) => citizenBlockNumbers.get(bytesToHex(hash)),
    citizen: (hash) => citizens.get(bytesToHex(hash)),
    rowAt(point, table, key) {
      const then = changesUntil(point);
      if (then < (changeOfBlock.main[historyFrom()] ?? 0)) throw new PrunedHistoryError(point, historyFrom());
      const first = undo.get(`${table}:${key}`)?.find((each) => each.change > then);
      return first === undefined ? { kind: 'unchanged' } : { kind: 'changed', before: first.before };
    },
    changesUntil,
    historyFrom,
    close: () => undefined,
  };
}

function requireNext(what: string, number: number, expected: number): void {
  if (number !== expected) throw new RangeError(`Expected the ${what} ${expected} to be written next, got ${number}.`);
}

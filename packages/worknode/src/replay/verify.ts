/** Everything that a storage tells, against the same chain made again from its genesis. */
import { equalBytes, toHex0x } from '@jigeum/std';
import { transactionHash, type ProtocolCrypto } from '@jigeum/symverse';
import { storedGenesis, type Genesis } from '../genesis.ts';
import type { State } from '../state/state.ts';
import { encodeValue, TABLE_NAMES } from '../state/tables.ts';
import {
  PrunedHistoryError,
  type NodeStorage,
  type StateChange,
  type StatePoint,
  type StoredBlock,
  type StoredCitizenBlock,
} from '../storage/storage.ts';
import { DifferentChainError } from './replay.ts';
import { replayStored } from './stored-blocks.ts';

/** What has been verified. */
export interface VerifiedCounts {
  readonly blocks: number;
  readonly transactions: number;
  readonly citizenBlocks: number;
}

export interface VerifyDeps {
  readonly genesis: Genesis;
  readonly crypto: ProtocolCrypto;
  readonly storage: NodeStorage;
  /** Called after each main block. */
  readonly report?: (counts: VerifiedCounts) => void;
}

/**
 * Replays a stored chain: blocks, receipts, records, both indexes by hash, the kept history, the newest state and the journal.
 * Throws `DifferentChainError` naming the first block that differs, or `DifferentStateError` for what follows from no block.
 */
export function verifyChain(deps: VerifyDeps): VerifiedCounts {
  const { storage, crypto } = deps;
  let counts: VerifiedCounts = { blocks: 0, transactions: 0, citizenBlocks: 0 };
  let changeCount = 0;
  const requireHistory = (point: StatePoint, changes: readonly StateChange[]): void => {
    // Both blocks 0 were written at once.
    if (changes.length > 0) changeCount++;
    requireAge(storage, point, point.block === 0 ? 1 : changeCount);
    if (point.block > 0) requireBefore(storage, { ...point, block: point.block - 1 }, changes);
  };
  const replay = replayStored(deps, {
    afterBlock(block, changes) {
      requireIndexed(storage, block);
      requireHistory({ chain: 'main', block: block.number }, changes);
      const { blocks, transactions, citizenBlocks } = counts;
      counts = { blocks: blocks + 1, transactions: transactions + block.transactions.length, citizenBlocks };
      deps.report?.(counts);
    },
    afterCitizenBlock(block, changes) {
      requireCitizensIndexed(storage, block);
      requireHistory({ chain: 'citizen', block: block.number }, changes);
      counts = { ...counts, citizenBlocks: counts.citizenBlocks + 1 };
    },
  });
  if (storage.rules() !== storedGenesis(deps.genesis).rules)
    throw new DifferentStateError('The rules of the chain differ from those in its genesis.');
  requireState(storage, replay.state);
  requireJournal(storage, crypto);
  return counts;
}

/** Stored bytes beside the blocks that do not follow from them. */
export class DifferentStateError extends Error {
  override readonly name = 'DifferentStateError';
}

function requireIndexed(storage: NodeStorage, { number, hash, transactions }: StoredBlock): void {
  if (storage.blockNumber(hash) !== number)
    throw new DifferentChainError('main', number, 'it is not found by its hash');
  transactions.forEach((row, index) => {
    const place = storage.transaction(row.hash);
    if (place?.block === number && place.index === index) return;
    const where = place === undefined ? 'nowhere' : `at ${place.index} of block ${place.block}`;
    throw new DifferentChainError(
      'main',
      number,
      `the index finds transaction ${index} (${toHex0x(row.hash)}) ${where}`,
    );
  });
}

function requireCitizensIndexed(storage: NodeStorage, { number, hash, citizens }: StoredCitizenBlock): void {
  if (storage.citizenBlockNumber(hash) !== number)
    throw new DifferentChainError('citizen', number, 'it is not found by its hash');
  citizens.forEach((row, index) => {
    const place = storage.citizen(row.hash);
    if (place?.block === number && place.index === index) return;
    throw new DifferentChainError('citizen', number, `the index does not find record ${index} (${toHex0x(row.hash)})`);
  });
}

function requireAge(storage: NodeStorage, point: StatePoint, expected: number): void {
  const got = storage.changesUntil(point);
  if (got === expected) return;
  throw new DifferentChainError(
    point.chain,
    point.block,
    `it is kept with ${got} changes of the state before it, but there are ${expected}`,
  );
}

/** The rows that a block changes must be told as they were before it. */
function requireBefore(storage: NodeStorage, point: StatePoint, changes: readonly StateChange[]): void {
  for (const { table, key, before } of changes) {
    try {
      const row = storage.rowAt(point, table, key);
      if (row.kind === 'changed' && isSame(row.before, before)) continue;
    } catch (error) {
      // It was removed on purpose, and so were those of the older blocks.
      if (error instanceof PrunedHistoryError) return;
      throw error;
    }
    throw new DifferentChainError(
      point.chain,
      point.block,
      `the history tells another value of the ${table} ${key} at this block`,
    );
  }
}

function requireState(storage: NodeStorage, state: State): void {
  const seen = new Map<string, number>();
  for (const { table, key, value } of storage.state()) {
    const expected = state.get(table, key);
    if (expected === undefined || !isSame(value, encodeValue(table, expected)))
      throw new DifferentStateError(`The stored state differs: the ${table} ${key} is not what the blocks make it.`);
    seen.set(table, (seen.get(table) ?? 0) + 1);
  }
  for (const table of TABLE_NAMES) {
    const [got, expected] = [seen.get(table) ?? 0, state.count(table)];
    if (got !== expected)
      throw new DifferentStateError(
        `The stored state differs: ${got} rows of ${table}, but the blocks make ${expected}.`,
      );
  }
}

function requireJournal(storage: NodeStorage, { sha3 }: ProtocolCrypto): void {
  for (const { hash, raw } of storage.journal()) {
    if (equalBytes(transactionHash(raw, sha3), hash)) continue;
    throw new DifferentStateError(`The journal differs: ${toHex0x(hash)} is not the hash of the bytes beside it.`);
  }
}

const isSame = (left: Uint8Array | undefined, right: Uint8Array | undefined): boolean =>
  left === undefined || right === undefined ? left === right : equalBytes(left, right);

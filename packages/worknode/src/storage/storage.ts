/** Where the chain lives. One commit is one block with everything that follows from it, written whole or not at all. */
import type { StateRow } from '../state/state.ts';
import type { TableName } from '../state/tables.ts';

/** A transaction in a block. */
export interface StoredTransaction {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** The signed bytes. */
  readonly raw: Uint8Array;
  /** RLP of the receipt. */
  readonly receipt: Uint8Array;
}

/** A main block without its transactions. */
export interface StoredHead {
  readonly number: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** RLP of the header. */
  readonly header: Uint8Array;
  /** 64 bytes of the sealer, or none in the genesis block. */
  readonly sign: Uint8Array;
}

/** A main block. */
export interface StoredBlock extends StoredHead {
  readonly transactions: readonly StoredTransaction[];
}

/** A citizen record in a citizen block. */
export interface StoredCitizen {
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
}

/** A block of the citizen chain without its records. */
export interface StoredCitizenHead {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly header: Uint8Array;
}

/** A block of the citizen chain. */
export interface StoredCitizenBlock extends StoredCitizenHead {
  readonly citizens: readonly StoredCitizen[];
}

/** A transaction that was answered with its hash and is in no block yet. */
export interface JournalRow {
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
}

/** Where a transaction or citizen record stands. */
export interface Place<T> {
  readonly block: number;
  readonly index: number;
  readonly row: T;
}

/** A row of the state as it becomes and as it was. Either may be undefined: there was no such row, or there is none any more. */
export interface StateChange extends StateRow {
  readonly before: Uint8Array | undefined;
}

/** What is written at once. Every part may be missing, but not all of them. */
export interface Commit {
  readonly block?: StoredBlock;
  readonly citizenBlock?: StoredCitizenBlock;
  /** Each row at most once. */
  readonly state: readonly StateChange[];
  /** Hashes that leave the journal. */
  readonly journalDone?: readonly Uint8Array[];
  /** In the first commit only. */
  readonly genesis?: StoredGenesis;
}

/** A genesis as text. */
export interface StoredGenesis {
  /** All of it, as canonical JSON. */
  readonly text: string;
  /** What a running chain goes by: the same without its lists, which may have megabytes. */
  readonly rules: string;
}

/** The newest block of one of the two chains at the moment that is asked for. */
export interface StatePoint {
  readonly chain: 'main' | 'citizen';
  readonly block: number;
}

/** What a row was at an older block: `before` when it has changed since, else the newest state has it. */
export type RowAt =
  { readonly kind: 'unchanged' } | { readonly kind: 'changed'; readonly before: Uint8Array | undefined };

/**
 * The storage of one node. All calls but `synced` are synchronous. When `commit` or `journalRemove` returns, what was written
 * so far survives the end of the process and of the machine; when `journalAdd` returns, that of the process alone. Reads check
 * the checksum of what they return.
 */
export interface NodeStorage {
  /** The genesis that the chain began with, or undefined for an empty storage. */
  genesis(): string | undefined;
  /** The rules in that genesis, or undefined for an empty storage. */
  rules(): string | undefined;
  head(): StoredHead | undefined;
  citizenHead(): StoredCitizenBlock | undefined;
  /** The rows of the newest state. Bytes may be views into larger ones: copy what is kept for long. */
  state(): Iterable<StateRow>;
  commit(commit: Commit): void;
  journalAdd(rows: readonly JournalRow[]): void;
  /**
   * Resolves when all that was written before survives the end of the machine too. The disk is waited for on another thread, so
   * that the node goes on meanwhile. Rejects when the disk fails; then nothing is taken any more.
   */
  synced(): Promise<void>;
  journalRemove(hashes: readonly Uint8Array[]): void;
  /** In the order in which they were added. */
  journal(): readonly JournalRow[];
  block(number: number): StoredBlock | undefined;
  blockHead(number: number): StoredHead | undefined;
  /** How many transactions a block has, without reading them. */
  transactionCount(number: number): number | undefined;
  /** The heads of all blocks, in order. */
  heads(): Iterable<StoredHead>;
  blockNumber(hash: Uint8Array): number | undefined;
  transaction(hash: Uint8Array): Place<StoredTransaction> | undefined;
  /** The transaction at this place of a block, without the block's others; undefined where the block or the place is not there. */
  transactionAt(number: number, index: number): StoredTransaction | undefined;
  citizenBlock(number: number): StoredCitizenBlock | undefined;
  /** Reads 64 of the block's records at most, which share a row with the head. */
  citizenBlockHead(number: number): StoredCitizenHead | undefined;
  /** How many records a citizen block has, without reading all of them. */
  recordCount(number: number): number | undefined;
  citizenBlockNumber(hash: Uint8Array): number | undefined;
  citizen(hash: Uint8Array): Place<StoredCitizen> | undefined;
  /**
   * What a row was when this block was the newest of its chain. A citizen record that was written between two blocks belongs to the later
   * one. Throws `PrunedHistoryError` below `historyFrom`.
   */
  rowAt(point: StatePoint, table: TableName, key: string): RowAt;
  /** How many commits had changed rows when this block was the newest of its chain: the age by which `rowAt` finds a value. */
  changesUntil(point: StatePoint): number;
  /** The oldest main block whose state can be asked for. */
  historyFrom(): number;
  close(): void;
}

/** Stored bytes that are not what was written. The message names the block or file and says what to do. */
export class DamagedStorageError extends Error {
  override readonly name = 'DamagedStorageError';
}

/** A storage that another process has open. */
export class StorageInUseError extends Error {
  override readonly name = 'StorageInUseError';
}

/** A state that was asked for is older than the storage keeps. */
export class PrunedHistoryError extends Error {
  override readonly name = 'PrunedHistoryError';
  constructor({ chain, block }: StatePoint, from: number) {
    super(
      `state is not available: expected block ${from} or a later one, got ${chain === 'main' ? '' : 'citizen '}block ${block}; this node has removed the states before block ${from}`,
    );
  }
}

/** Where the chain lives. One commit is one block with everything that follows from it, written whole or not at all. */
import type { Sha3 } from '@jigeum/symverse';
import type { StateRow } from '../state/state.ts';

/** A transaction in a block. */
export interface StoredTransaction {
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** The signed bytes. */
  readonly raw: Uint8Array;
  /** RLP of the receipt. */
  readonly receipt: Uint8Array;
}

/** A main block. */
export interface StoredBlock {
  readonly number: number;
  readonly hash: Uint8Array;
  /** RLP of the header. */
  readonly header: Uint8Array;
  /** 64 bytes of the sealer, or none in the genesis block. */
  readonly sign: Uint8Array;
  readonly transactions: readonly StoredTransaction[];
}

/** A citizen record in a citizen block. */
export interface StoredCitizen {
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
}

/** A block of the citizen chain. */
export interface StoredCitizenBlock {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly header: Uint8Array;
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

/** What is written at once. Every part may be missing, but not all of them. */
export interface Commit {
  readonly block?: StoredBlock;
  readonly citizenBlock?: StoredCitizenBlock;
  readonly state: readonly StateRow[];
  /** Hashes that leave the journal. */
  readonly journalDone?: readonly Uint8Array[];
  /** The genesis as canonical JSON; in the first commit only. */
  readonly genesis?: string;
}

/**
 * The storage of one node. All calls are synchronous; when `commit` or `journalAdd` returns, what it wrote survives the end
 * of the process. Reads check the checksum of what they return.
 */
export interface NodeStorage {
  /** The genesis that the chain began with, or undefined for an empty storage. */
  genesis(): string | undefined;
  head(): StoredBlock | undefined;
  citizenHead(): StoredCitizenBlock | undefined;
  state(): Iterable<StateRow>;
  commit(commit: Commit): void;
  journalAdd(rows: readonly JournalRow[]): void;
  journalRemove(hashes: readonly Uint8Array[]): void;
  /** In the order in which they were added. */
  journal(): readonly JournalRow[];
  block(number: number): StoredBlock | undefined;
  /** Number, hash and header only. */
  blockHead(number: number): Pick<StoredBlock, 'number' | 'hash' | 'header'> | undefined;
  blockNumber(hash: Uint8Array): number | undefined;
  transaction(hash: Uint8Array): Place<StoredTransaction> | undefined;
  citizenBlock(number: number): StoredCitizenBlock | undefined;
  citizenBlockNumber(hash: Uint8Array): number | undefined;
  citizen(hash: Uint8Array): Place<StoredCitizen> | undefined;
  /** Reads every block and record and checks its checksum. Throws `DamagedStorageError`. */
  verify(): void;
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

/** The checksum of a block: SHA3-256 over all that is stored of it, each part with its length. */
export const blockChecksum = (block: StoredBlock, sha3: Sha3): Uint8Array =>
  checksum(sha3, block.number, [
    block.hash,
    block.header,
    block.sign,
    ...block.transactions.flatMap(({ hash, raw, receipt }) => [hash, raw, receipt]),
  ]);

/** The checksum of a citizen block. */
export const citizenBlockChecksum = (block: StoredCitizenBlock, sha3: Sha3): Uint8Array =>
  checksum(sha3, block.number, [block.hash, block.header, ...block.citizens.flatMap(({ hash, raw }) => [hash, raw])]);

/** The checksum of a journal row. */
export const journalChecksum = ({ hash, raw }: JournalRow, sha3: Sha3): Uint8Array => checksum(sha3, 0, [hash, raw]);

function checksum(sha3: Sha3, number: number, parts: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(8 + parts.length * 4);
  const view = new DataView(head.buffer);
  view.setBigUint64(0, BigInt(number));
  parts.forEach((part, index) => view.setUint32(8 + index * 4, part.length));
  // Not as arguments of one call: the genesis may have three hundred thousand parts.
  return sha3(Buffer.concat([head, ...parts]));
}

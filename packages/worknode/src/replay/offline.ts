/** What is done with a data folder whose node does not run: verify its chain, export it, import one. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nativeCrypto } from '@jigeum/symverse/native';
import { NodeFolderError } from '../folder.ts';
import { parseGenesisText, storedGenesis, type ChainRules, type Genesis } from '../genesis.ts';
import { makeFolder, renameDurably } from '../storage/durable.ts';
import { openSqliteStorage } from '../storage/sqlite.ts';
import type { NodeStorage, StateChange, StoredCitizenBlock } from '../storage/storage.ts';
import { ChainFileReader, ChainFileWriter } from './chain-file.ts';
import { beginReplay, DifferentChainError, type Replay } from './replay.ts';
import { storedBlocks, type AnyBlock } from './stored-blocks.ts';
import { verifyChain, type VerifiedCounts } from './verify.ts';

/** How far a task has come. Told after each main block. */
export type Progress = (counts: Pick<VerifiedCounts, 'blocks' | 'transactions'>) => void;

/** Verifies the chain in a folder; see `verifyChain`. Throws `DamagedStorageError` too, and `NodeFolderError` for no chain. */
export function verifyFolder(folder: string, report?: Progress): VerifiedCounts {
  return withChain(folder, (storage, genesis) =>
    verifyChain({ storage, genesis, crypto: nativeCrypto, ...(report && { report }) }),
  );
}

/** What the genesis of the chain in a folder says of it, whose key seals its blocks among it. Nothing else is read or checked. */
export const folderRules = (folder: string): ChainRules => withChain(folder, (_storage, genesis) => genesis);

/** Writes all blocks of the chain in a folder into a new file, which appears when the disk has it whole. */
export function exportFolder(folder: string, file: string, report?: Progress): void {
  requireNoFile(file, 'Name another file.');
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  try {
    withChain(folder, (storage) => writeChain(storage, draft, report));
    renameDurably([[draft, file]]);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Replays an exported chain and keeps it in a folder that has none. Every block is checked before it is written; the chain
 * appears in the folder when the disk has it whole. Throws `ChainFileError` or `DifferentChainError`. The keys of sealer and CA are
 * not in the file: a node starts on the folder only with those of the chain.
 */
export function importFolder(folder: string, file: string, report?: Progress): VerifiedCounts {
  const chain = chainIn(folder);
  requireNoFile(chain, 'Import into another folder, or remove the chain that is there.');
  makeFolder(folder);
  const draft = join(folder, 'import.sqlite');
  const removeDraft = (): void => PARTS.forEach((part) => rmSync(`${draft}${part}`, { force: true }));
  removeDraft();
  try {
    const counts = readChain(file, draft, report);
    // The database last: what belongs to it must be there. A log is left where SQLite had no room to take it into the database.
    const parts = ['-mark', '-wal', ''].filter((part) => existsSync(`${draft}${part}`));
    renameDurably(parts.map((part) => [`${draft}${part}`, `${chain}${part}`]));
    return counts;
  } finally {
    removeDraft();
  }
}

const PARTS = ['', '-wal', '-mark'];

const chainIn = (folder: string): string => join(folder, 'chain.sqlite');

function requireNoFile(file: string, advice: string): void {
  if (existsSync(file)) throw new NodeFolderError(`Expected no file ${file}, but there is one. ${advice}`);
}

function withChain<T>(folder: string, task: (storage: NodeStorage, genesis: Genesis) => T): T {
  const file = chainIn(folder);
  if (!existsSync(file))
    throw new NodeFolderError(`Expected a chain in ${file}, but there is none. Name the data folder of a node.`);
  const storage = openSqliteStorage(file);
  try {
    const text = storage.genesis();
    if (text === undefined)
      throw new NodeFolderError(`The chain in ${file} has not begun. Start a node on the folder first.`);
    return task(storage, parseGenesisText(text));
  } finally {
    storage.close();
  }
}

function writeChain(storage: NodeStorage, file: string, report: Progress | undefined): void {
  const writer = new ChainFileWriter(file, storage.genesis() ?? '');
  try {
    let counts = { blocks: 0, transactions: 0 };
    for (const entry of storedBlocks(storage, nativeCrypto.sha3)) {
      writer.add(entry);
      counts = counted(counts, entry, report);
    }
    writer.end();
  } finally {
    writer.close();
  }
}

function readChain(file: string, chain: string, report: Progress | undefined): VerifiedCounts {
  const reader = new ChainFileReader(file);
  try {
    const storage = openSqliteStorage(chain);
    try {
      return takeBlocks(reader, storage, report);
    } finally {
      storage.close();
    }
  } finally {
    reader.close();
  }
}

function takeBlocks(reader: ChainFileReader, storage: NodeStorage, report: Progress | undefined): VerifiedCounts {
  const genesis = parseGenesisText(reader.genesis);
  let first: StoredCitizenBlock | undefined;
  let replay: Replay | undefined;
  let counts = { blocks: 0, transactions: 0 };
  for (const entry of reader.blocks()) {
    if (replay !== undefined) {
      requireNumber(entry, replay);
      commit(
        storage,
        entry,
        entry.chain === 'main' ? replay.addBlock(entry.block) : replay.addCitizenBlock(entry.block),
      );
    } else if (entry.chain === 'citizen' && first === undefined) first = entry.block;
    else if (entry.chain === 'main' && first !== undefined) {
      const { block } = entry;
      const begun = beginReplay({ genesis, crypto: nativeCrypto }, { block, citizenBlock: first });
      replay = begun.replay;
      storage.commit({ block, citizenBlock: first, state: begun.changes, genesis: storedGenesis(genesis) });
    } else throw new DifferentChainError('main', 0, 'expected citizen block 0 and then block 0 first');
    counts = counted(counts, entry, report);
  }
  if (replay === undefined) throw new DifferentChainError('main', 0, 'the file has no genesis block');
  return { ...counts, citizenBlocks: replay.citizenHead.number + 1 };
}

function requireNumber({ chain, block }: AnyBlock, replay: Replay): void {
  const expected = (chain === 'main' ? replay.head : replay.citizenHead).number + 1;
  if (block.number !== expected)
    throw new DifferentChainError(chain, expected, `block ${block.number} stands in its place`);
}

function commit(storage: NodeStorage, entry: AnyBlock, state: readonly StateChange[]): void {
  if (entry.chain === 'main') storage.commit({ block: entry.block, state });
  else storage.commit({ citizenBlock: entry.block, state });
}

function counted(
  counts: { readonly blocks: number; readonly transactions: number },
  entry: AnyBlock,
  report: Progress | undefined,
): { readonly blocks: number; readonly transactions: number } {
  if (entry.chain === 'citizen') return counts;
  const next = { blocks: counts.blocks + 1, transactions: counts.transactions + entry.block.transactions.length };
  report?.(next);
  return next;
}

/** The blocks of a storage in the order in which they were made: each main block names the citizen block that was the newest. */
import { equalBytes } from '@jigeum/std';
import { decodeHeader, type ProtocolCrypto, type Sha3 } from '@jigeum/symverse';
import type { Genesis } from '../genesis.ts';
import { counter } from '../numbers.ts';
import type { NodeStorage, StateChange, StoredBlock, StoredCitizenBlock } from '../storage/storage.ts';
import { beginReplay, DifferentChainError, type Replay } from './replay.ts';

/** A block of one of the two chains. */
export type AnyBlock =
  | { readonly chain: 'main'; readonly block: StoredBlock }
  | { readonly chain: 'citizen'; readonly block: StoredCitizenBlock };

/** All blocks of both chains. The two blocks 0 come first, the citizen one before the main one. */
export function* storedBlocks(storage: NodeStorage, sha3: Sha3): Generator<AnyBlock, void> {
  const [head, citizenHead] = [storage.head(), storage.citizenHead()];
  if (head === undefined || citizenHead === undefined) return;
  let citizen = 0;
  for (let number = 0; number <= head.number; number++) {
    const block = storage.block(number)!;
    if (!equalBytes(sha3(block.header), block.hash))
      throw new DifferentChainError('main', number, 'its hash is not that of its header');
    const named = Math.min(citizenHead.number, namedCitizenBlock(block));
    while (citizen <= named) yield { chain: 'citizen', block: storage.citizenBlock(citizen++)! };
    yield { chain: 'main', block };
  }
  while (citizen <= citizenHead.number) yield { chain: 'citizen', block: storage.citizenBlock(citizen++)! };
}

function namedCitizenBlock(block: StoredBlock): number {
  try {
    return counter(decodeHeader(block.header).cbNum);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DifferentChainError('main', block.number, `its header cannot be read: ${why}`, { cause });
  }
}

/** Told of each block that was found right, with the rows that it changes. */
export interface ReplayWatch {
  afterBlock(block: StoredBlock, changes: readonly StateChange[]): void;
  afterCitizenBlock(block: StoredCitizenBlock, changes: readonly StateChange[]): void;
}

/** Replays all blocks of a storage. Throws `DifferentChainError`. */
export function replayStored(
  deps: { readonly genesis: Genesis; readonly crypto: ProtocolCrypto; readonly storage: NodeStorage },
  watch: ReplayWatch,
): Replay {
  const blocks = storedBlocks(deps.storage, deps.crypto.sha3);
  const [citizenBlock, block] = [blocks.next().value, blocks.next().value];
  if (citizenBlock?.chain !== 'citizen' || block?.chain !== 'main')
    throw new DifferentChainError('main', 0, 'the chain has no genesis block');
  const { replay, changes } = beginReplay(deps, { block: block.block, citizenBlock: citizenBlock.block });
  watch.afterCitizenBlock(citizenBlock.block, []);
  watch.afterBlock(block.block, changes);
  for (const next of blocks) {
    if (next.chain === 'main') watch.afterBlock(next.block, replay.addBlock(next.block));
    else watch.afterCitizenBlock(next.block, replay.addCitizenBlock(next.block));
  }
  return replay;
}

/** Finds the anchors of the audit log on the chain, without believing the database about which there are. */
import type { ChainDriver } from '@jigeum/chain';
import { anchorIdOf, isTrustedCheckpoint, readCheckpoint, type Checkpoint, type Signed } from './checkpoint.ts';

/** Blocks that are asked for at the same time. */
const AT_ONCE = 16;

export interface ChainAnchor {
  checkpoint: Signed<Checkpoint>;
  blockNumber: number;
  /** Of the transaction, `0x` hex. */
  hash: string;
}

/**
 * Every anchor that a trusted key has signed, in the blocks from `fromBlock` to the newest final one, oldest first. Who sent the
 * transaction does not matter: only the audit key can sign what it carries. Throws `ChainUnreachable`.
 */
export async function readAnchors(
  chain: Pick<ChainDriver, 'head' | 'block' | 'noteOf'>,
  input: { fromBlock: number; trusted: ReadonlySet<string>; onBlocks(done: number, of: number): void },
): Promise<ChainAnchor[]> {
  const head = await chain.head();
  const anchors: ChainAnchor[] = [];
  for (let start = input.fromBlock; start <= head.number; start += AT_ONCE) {
    const count = Math.min(AT_ONCE, head.number - start + 1);
    const blocks = await Promise.all(Array.from({ length: count }, (_unused, index) => chain.block(start + index)));
    for (const block of blocks) {
      for (const transaction of block?.transactions ?? []) {
        const checkpoint = checkpointOf(chain, transaction);
        const isFinal = transaction.outcome.kind === 'final' && transaction.outcome.isSuccess;
        if (checkpoint === null || !isFinal || !isTrustedCheckpoint(checkpoint, input.trusted)) continue;
        anchors.push({ checkpoint, blockNumber: block!.number, hash: transaction.hash });
      }
    }
    input.onBlocks(start + count - input.fromBlock, head.number - input.fromBlock + 1);
  }
  return anchors;
}

/** The checkpoint that a transaction carries, or null. */
export function checkpointOf(
  chain: Pick<ChainDriver, 'noteOf'>,
  transaction: { kind: string; raw: string | null },
): Signed<Checkpoint> | null {
  if (transaction.kind !== 'transfer' || transaction.raw === null) return null;
  const note = chain.noteOf(transaction.raw);
  return note === null ? null : readCheckpoint(Buffer.from(note).toString('utf8'));
}

/**
 * Asks the chain for the anchors that the database names, by their hashes. Returns what it has instead: a sentence for each that
 * is not there, or carries another checkpoint. Throws `ChainUnreachable`.
 */
export async function checkClaims(
  chain: Pick<ChainDriver, 'transaction' | 'noteOf'>,
  claims: readonly { anchorId: string; hash: string; block: number }[],
): Promise<string[]> {
  const problems: string[] = [];
  for (let start = 0; start < claims.length; start += AT_ONCE) {
    const some = claims.slice(start, start + AT_ONCE);
    const found = await Promise.all(some.map(({ hash }) => chain.transaction(hash)));
    for (const [index, transaction] of found.entries()) {
      const { anchorId, hash, block } = some[index]!;
      const checkpoint = transaction === null ? null : checkpointOf(chain, transaction);
      if (transaction === null || transaction.blockNumber !== block)
        problems.push(`Expected the anchor ${hash} in block ${block}, the chain has it ${placeOf(transaction)}.`);
      else if (checkpoint === null || anchorIdOf(checkpoint) !== anchorId)
        problems.push(`Expected checkpoint ${anchorId} in the transaction ${hash}, it carries something else.`);
    }
  }
  return problems;
}

const placeOf = (transaction: { blockNumber: number | null } | null): string =>
  transaction === null ? 'nowhere' : `in ${transaction.blockNumber ?? 'no block yet'}`;

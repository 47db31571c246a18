/** What a reader needs who believes nothing: the proof of a transaction, and whose seal counts. */
import type { CallOutput } from '@jigeum/api';
import type { Deps } from '#deps';
import { AppError } from '#platform';
import { blockAt, blocksBelow } from './public-store.ts';
import type { ReadDeps } from './reads.ts';

/** Throws 'not-found' for a transaction that is not final, and with a node that proves nothing. */
export async function scanProof(deps: Pick<Deps, 'chain'>, hash: string): Promise<CallOutput<'scanProof'>> {
  const proof = await deps.chain.transactionProof(hash);
  if (proof === null) throw new AppError('not-found');
  return proof as CallOutput<'scanProof'>;
}

/** The sealer is null before the first sealed block. */
export async function scanChain(deps: ReadDeps): Promise<CallOutput<'scanChain'>> {
  const { chainId } = deps.chain;
  const [newest] = await blocksBelow(deps.scanDb, { below: undefined, limit: 1 });
  const block = newest && (await blockAt(deps.scanDb, Number(newest.number)));
  const symId = block && deps.chain.headerFacts(block.header)['primary'];
  const identity = symId === undefined ? null : await deps.chain.identity(symId);
  return { chainId, sealer: symId === undefined || identity === null ? null : { symId, keyHash: identity.keyHash } };
}

/** `txpool_*`: what waits for a block. */
import type { HandlersOf, Reads } from '../reads.ts';

/** Handlers over a node. */
export const txpoolHandlers = ({ node }: Reads): HandlersOf<'txpool'> => ({
  txpool_status() {
    const { executable, queued } = node.pool.counts();
    return { pending: BigInt(executable), queued: BigInt(queued) };
  },
});

/**
 * `warrant_*` on a chain whose single sealer stands in its genesis: there is no warrant chain. Its height is 0, and what asks
 * for one of its blocks gets null, as for any block that does not exist.
 */
import type { HandlersOf } from '../reads.ts';

/** Handlers of a node without a warrant chain. */
export const warrantHandlers: HandlersOf<'warrant'> = {
  warrant_blockNumber: () => 0n,
  warrant_getWarrantsByBlockHash: () => null,
  warrant_getWarrantsByBlockNumber: () => null,
  warrant_getBlockByHash: () => null,
  warrant_getBlockByNumber: () => null,
  warrant_getRewardAddr: () => null,
};

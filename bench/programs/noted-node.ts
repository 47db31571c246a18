/**
 * A work node on a data folder that tells its parent of each block: how many transactions, how long it took to close, and how
 * much memory the process held after it. Its blocks are closed twice a second and hold twice as much
 * as the network's, so that the node and not the blocks is the limit. Arguments: data folder, genesis file.
 */
import { readFileSync } from 'node:fs';
import { boundHeapGrowth, startWorkNode } from '@jigeum/worknode';

/** A block as its node saw it. */
export interface BlockNote {
  readonly kind: 'block';
  readonly number: number;
  readonly transactions: number;
  /** From the beginning of the block until it was durable. */
  readonly tookMs: number;
  readonly rssBytes: number;
}

/** Something went wrong that nobody was answered for. */
export interface FailureNote {
  readonly kind: 'failure';
  readonly text: string;
}

const BLOCK_MS = 500;
/** Some 5,900 token transfers. */
const BLOCK_GAS_LIMIT = 400_000_000n;

const [dataDir = '', genesisFile = ''] = process.argv.slice(2);

const tell = (note: BlockNote | FailureNote): void => void process.send?.(note);

boundHeapGrowth();
const started = await startWorkNode({
  dataDir,
  genesis: readFileSync(genesisFile, 'utf8'),
  blockMs: BLOCK_MS,
  blockGasLimit: BLOCK_GAS_LIMIT,
  emptyBlockMs: 10_000,
  report(event) {
    if (event.kind === 'sealed') {
      const { number, transactions, tookMs } = event;
      tell({ kind: 'block', number, transactions, tookMs, rssBytes: process.memoryUsage.rss() });
    } else tell({ kind: 'failure', text: `${event.kind}: ${'error' in event ? String(event.error) : event.why}` });
  },
});
process.send?.({ rpcUrl: started.rpcUrl });

const end = (): void => void started.stop().then(() => process.exit(0));
process.once('SIGTERM', end);
process.once('disconnect', end);

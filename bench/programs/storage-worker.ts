/** One engine in a process of its own: commits as many blocks as it is told, and answers with what each took. */
import { systemClock } from '@jigeum/std';
import { ENGINES, type EngineName } from '../storage/engines.ts';
import { workloadBlock } from '../storage/workload.ts';

export interface CommitOrder {
  readonly blocks: number;
}

export interface CommitAnswer {
  /** Until the disk had the block. */
  readonly tookMs: readonly number[];
  /** Processor time of the whole process, for all of them. */
  readonly cpuMs: number;
}

const [engineName, folder] = process.argv.slice(2) as [EngineName, string];
const engine = ENGINES[engineName](folder);
let next = 0;

process.on('disconnect', () => process.exit(0));
process.on('message', ({ blocks }: CommitOrder) => process.send?.(commit(blocks)));
process.send?.({ kind: 'ready' });

function commit(count: number): CommitAnswer {
  const blocks = Array.from({ length: count }, () => workloadBlock(next++));
  const cpuBefore = process.cpuUsage();
  const tookMs = blocks.map((block) => {
    const startedMs = systemClock.monotonicMs();
    engine.commit(block);
    return systemClock.monotonicMs() - startedMs;
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  return { tookMs, cpuMs: (user + system) / 1_000 };
}

/** One uninterrupted round of transfers into one chain: from the first request until every accepted transfer is in a block. */
import { systemClock } from '@jigeum/std';
import { cpuTimeMs } from '../cpu-time.ts';
import type { LoadGenerator, LoadResult } from '../load/generator.ts';
import { watchMemory, type MemorySample } from '../memory.ts';
import type { BlockFacts, ChainUnderTest } from './chain.ts';
import type { TransferPlan } from './plan.ts';

export interface TransferRound {
  readonly chain: string;
  /** Transfers in one request; 1 for single calls. */
  readonly batch: number;
  readonly load: LoadResult;
  /** Transfers that were answered with their hash. */
  readonly accepted: number;
  /** Transfers in blocks whose receipt says that they succeeded. */
  readonly included: number;
  readonly failed: number;
  /** From the first request until nothing waited any more. */
  readonly elapsedMs: number;
  readonly blocks: readonly BlockFacts[];
  readonly memory: readonly MemorySample[];
  /** What the node used of the processor meanwhile; undefined where that is not known. */
  readonly cpuMs: number | undefined;
  /** Some connection had nothing left to send before the time was over. */
  readonly ranOut: boolean;
}

export interface RoundOrder {
  readonly file: string;
  readonly plan: TransferPlan;
  readonly batch: number;
  readonly seconds: number;
}

/** Before the clock starts: code is compiled, connections and caches are filled. */
export const WARM_UP_SECONDS = 4;

/** Measures a chain that has just been started. Throws when an accepted transfer is in no block. */
export async function measureRound(
  generator: Pick<LoadGenerator, 'run'>,
  chain: ChainUnderTest,
  { file, plan, batch, seconds }: RoundOrder,
): Promise<TransferRound> {
  const connections = plan.lists;
  const { origin, path, sendMethod: method } = chain;
  const target = { kind: 'signed', origin, path, method, file, batch, slotsPerList: plan.slotsPerList } as const;
  const sentAfter = (before: readonly number[], { sent }: LoadResult): number[] =>
    before.map((count, list) => Math.min(plan.slotsPerList, count + sent[list]! * batch));

  const nothing = Array.from({ length: connections }, () => 0);
  const warmUp = await generator.run({
    target: { ...target, sentBefore: nothing },
    ...{ connections, seconds: WARM_UP_SECONDS },
  });
  await chain.untilAllIncluded();
  const sentBefore = sentAfter(nothing, warmUp);

  const head = await chain.headNumber();
  const cpuBeforeMs = cpuTimeMs(chain.pid);
  const memory = watchMemory(chain.pid);
  const startedMs = systemClock.monotonicMs();
  const load = await generator.run({ target: { ...target, sentBefore }, connections, seconds });
  await chain.untilAllIncluded();
  const elapsedMs = systemClock.monotonicMs() - startedMs;
  const cpuAfterMs = cpuTimeMs(chain.pid);
  const samples = memory.stop();

  const sent = sentAfter(sentBefore, load);
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  // A refused batch may be accepted in part; then the round has errors anyway.
  const accepted = load.errors === 0 ? sum(sent) - sum(sentBefore) : load.samplesMs.length * batch;
  const blocks = await chain.blocksAfter(head);
  const included = sum(blocks.map(({ succeeded }) => succeeded));
  const failed = sum(blocks.map((block) => block.failed));
  // After a refusal the sender's next transfers wait for ever, and the round has failed in any case.
  if (load.errors === 0 && included + failed < accepted)
    throw new Error(`Expected ${accepted} accepted transfers of ${chain.name} in blocks, got ${included + failed}.`);
  return {
    ...{ chain: chain.name, batch, load, accepted, included, failed, elapsedMs, blocks, memory: samples },
    cpuMs: cpuBeforeMs === undefined || cpuAfterMs === undefined ? undefined : cpuAfterMs - cpuBeforeMs,
    ranOut: sent.some((count) => count === plan.slotsPerList),
  };
}

/** Rounds of transfers into one chain: each from its first request until every accepted transfer is in a block. */
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
  /** Transfers in one request. */
  readonly batch: number;
}

/** Rounds into one chain, each of which goes on where the one before has ended. */
export interface TransferRounds {
  /** Not measured: code is compiled, connections and caches are filled. */
  warmUp(): Promise<void>;
  /** Measures a round of so many seconds. Throws when an accepted transfer is in no block. */
  measure(seconds: number): Promise<TransferRound>;
}

/** Of each warm-up. */
export const WARM_UP_SECONDS = 4;

/** Rounds into a chain that has just been started. */
export function transferRounds(
  generator: Pick<LoadGenerator, 'run'>,
  chain: ChainUnderTest,
  { file, plan, batch }: RoundOrder,
): TransferRounds {
  const connections = plan.lists;
  const { origin, path, sendMethod: method } = chain;
  const target = { kind: 'signed', origin, path, method, file, batch, slotsPerList: plan.slotsPerList } as const;
  let sent: readonly number[] = Array.from({ length: connections }, () => 0);

  /** Sends for so long, and waits until nothing waits for a block any more. */
  const send = async (seconds: number): Promise<LoadResult> => {
    const load = await generator.run({ target: { ...target, sentBefore: sent }, connections, seconds });
    await chain.untilAllIncluded();
    sent = sent.map((count, list) => Math.min(plan.slotsPerList, count + load.sent[list]! * batch));
    return load;
  };

  return {
    async warmUp() {
      await send(WARM_UP_SECONDS);
    },
    async measure(seconds) {
      const sentBefore = sum(sent);
      const head = await chain.headNumber();
      const cpuBeforeMs = cpuTimeMs(chain.pid);
      const watch = watchMemory(chain.pid);
      const startedMs = systemClock.monotonicMs();
      const load = await send(seconds);
      const elapsedMs = systemClock.monotonicMs() - startedMs;
      const cpuAfterMs = cpuTimeMs(chain.pid);
      const memory = watch.stop();

      // A refused batch may be accepted in part; then the round has errors anyway.
      const accepted = load.errors === 0 ? sum(sent) - sentBefore : load.samplesMs.length * batch;
      const blocks = await chain.blocksAfter(head);
      const included = sum(blocks.map(({ succeeded }) => succeeded));
      const failed = sum(blocks.map((block) => block.failed));
      // After a refusal the sender's next transfers wait for ever, and the round has failed in any case.
      if (load.errors === 0 && included + failed < accepted)
        throw new Error(
          `Expected ${accepted} accepted transfers of ${chain.name} in blocks, got ${included + failed}.`,
        );
      return {
        ...{ chain: chain.name, batch, load, accepted, included, failed, elapsedMs, blocks, memory },
        cpuMs: cpuBeforeMs === undefined || cpuAfterMs === undefined ? undefined : cpuAfterMs - cpuBeforeMs,
        ranOut: sent.some((count) => count === plan.slotsPerList),
      };
    },
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** One failpoint armed at every replica, and the end of that. */
import { until } from '../../cluster/until.ts';
import type { Failpoint } from './failpoints.ts';
import type { StormWorld } from './world.ts';

export interface Strike {
  /** True when some replica has come by and was struck. */
  hasStruck(): boolean;
  /** Disarms. Resolves when who was killed has ended, and, after `stoppedMs`, who was stopped goes on. */
  end(stoppedMs: number): Promise<void>;
  /** The cycle is over, whatever came of it. */
  forget(): void;
}

const WAKE_EVERY_MS = 1_000;

/** Arms it at every replica, because nobody knows which one will do the work; where both come by at once, both are struck. */
export function armEverywhere(
  world: StormWorld,
  armed: { readonly point: Failpoint; readonly act: 'kill' | 'stop'; readonly at: number },
): Strike {
  const { cluster, failpoints } = world;
  const { point, act, at } = armed;
  const before = failpoints.map((file) => file.struckPids().length);
  const struckOf = (index: number): readonly number[] => failpoints[index]!.struckPids().slice(before[index]);
  const hasStruck = (): boolean => failpoints.some((_, index) => struckOf(index).length > 0);
  const wake = (): void => {
    if (act === 'stop') for (const replica of cluster.replicas) replica.signal('SIGCONT');
  };
  for (const file of failpoints) file.arm({ point, order: { at, act } });
  // A replica that is stopped while somebody waits for it to start or to end is woken: nothing waits for ever.
  let wasStruck = false;
  const waking = setInterval(() => {
    if (wasStruck) wake();
    wasStruck = hasStruck();
  }, WAKE_EVERY_MS);
  return {
    hasStruck,
    async end(stoppedMs) {
      for (const file of failpoints) file.arm(null);
      if (act === 'stop') {
        if (hasStruck()) await new Promise((resume) => setTimeout(resume, stoppedMs));
        wake();
        return;
      }
      // By its pid: a fault may have ended and started the same replica in between, and nobody will strike the new process.
      for (const { index, name, pid } of cluster.replicas)
        await until(`${name} to end`, async () => (struckOf(index).includes(pid() ?? 0) ? undefined : true));
    },
    forget: () => clearInterval(waking),
  };
}

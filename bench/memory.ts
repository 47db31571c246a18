/** How much memory a process holds, sampled while it works, as Linux tells of it. */
import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '@jigeum/std';

export interface MemorySample {
  /** Seconds since the watch began. */
  readonly atSeconds: number;
  /** Resident set: what the process has in memory, all of its threads together. */
  readonly rssBytes: number;
}

const EVERY_MS = 1_000;
/** Start-up and the first filling of caches are over. */
const SETTLED_SECONDS = 20;
const WINDOW_SECONDS = 10;

/** Begins to sample a process each second. The samples end with the watch; none where there is no /proc. */
export function watchMemory(pid: number): { stop(): readonly MemorySample[] } {
  const file = `/proc/${pid}/status`;
  const startedMs = systemClock.monotonicMs();
  const samples: MemorySample[] = [];
  const sample = (): void => {
    if (!existsSync(file)) return;
    const rssBytes = parseRss(readFileSync(file, 'utf8'));
    if (rssBytes !== undefined) samples.push({ atSeconds: (systemClock.monotonicMs() - startedMs) / 1_000, rssBytes });
  };
  sample();
  const timer = setInterval(sample, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return samples;
    },
  };
}

/** Reads `VmRSS` of `proc_pid_status(5)` in bytes; undefined for a process that has ended and is not yet gone. */
export function parseRss(text: string): number | undefined {
  const kibibytes = /^VmRSS:\s+([0-9]+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number.parseInt(kibibytes, 10) * 1024;
}

/** Mean of the ten seconds after the first twenty, and of the last ten; undefined when the watch was shorter than forty. */
export function memoryGrowth(
  samples: readonly MemorySample[],
): { readonly earlyBytes: number; readonly lateBytes: number } | undefined {
  const last = samples.at(-1)?.atSeconds ?? 0;
  if (last < SETTLED_SECONDS + 2 * WINDOW_SECONDS - 1) return undefined;
  const mean = (from: number, to: number): number => {
    const within = samples.filter(({ atSeconds }) => atSeconds >= from && atSeconds <= to);
    return within.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / within.length;
  };
  return {
    earlyBytes: mean(SETTLED_SECONDS, SETTLED_SECONDS + WINDOW_SECONDS),
    lateBytes: mean(last - WINDOW_SECONDS, last),
  };
}

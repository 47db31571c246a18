/** A gate before key derivation: each run fills tens of megabytes, so few run, some wait, and the rest are told to come back. */
import { AppError, failpoint } from '#platform';

/** Two cores of a small machine stay responsive with two runs (reliability.md §3b, M1). */
const RUNNING_MAX = 2;
/** At 0.1 s a run the last in line waits under two seconds. */
const WAITING_MAX = 32;

export interface KdfGate {
  /** Runs `work` when it is its turn. Throws 'service-busy' at once when the line is full. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes a gate. One stands before all derivations of a process. */
export function createKdfGate(limits = { runningMax: RUNNING_MAX, waitingMax: WAITING_MAX }): KdfGate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (running >= limits.runningMax) {
        if (waiting.length >= limits.waitingMax) {
          throw new AppError('service-busy', {
            detail: 'Too many passphrases are being checked at this moment. Try again in a few seconds.',
            retryAfterSeconds: 3,
          });
        }
        // The one that leaves hands its place over, so `running` does not change here.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        running++;
      }
      try {
        await failpoint('F04-in-key-derivation');
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running--;
        else next();
      }
    },
  };
}

/** The gate of this process. */
export const processKdfGate: KdfGate = createKdfGate();

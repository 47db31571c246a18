/** Wakes job loops: in this process at once, in the others by PostgreSQL's NOTIFY. */
import type pg from 'pg';
import { WAKE_CHANNEL } from './events.ts';
import type { JobLoop, JobName } from './jobs.ts';
import type { Log } from './log.ts';

export interface Waker {
  /** `Deps.wake`. */
  wake(job: JobName): void;
  /** A loop that `wake` reaches from now on. */
  add(job: JobName, loop: JobLoop): void;
  /** A NOTIFY of another process. */
  hear(job: string): void;
}

/** Makes the waker. A NOTIFY that fails is only logged: every loop also has a timer. */
export function createWaker(deps: { log: Log; pool: pg.Pool }): Waker {
  const loops = new Map<string, JobLoop>();
  const told = new Set<JobName>();
  const tell = async () => {
    const jobs = [...told];
    told.clear();
    try {
      for (const job of jobs) await deps.pool.query('select pg_notify($1, $2)', [WAKE_CHANNEL, job]);
    } catch (error) {
      deps.log.warn('Other processes could not be woken; their timers will do it.', { error });
    }
  };
  return {
    wake(job) {
      const loop = loops.get(job);
      if (loop !== undefined) {
        loop.poke();
        return;
      }
      // Pokes of one moment make one message a job.
      if (told.size === 0) setImmediate(() => void tell());
      told.add(job);
    },
    add: (job, loop) => void loops.set(job, loop),
    hear: (job) => loops.get(job)?.poke(),
  };
}

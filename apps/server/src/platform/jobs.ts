/** Background work: a loop that runs when poked and by a timer, never two at once, and backs off after errors. */
import type { Clock } from '@jigeum/std';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Every job of the server. The module that defines a job adds its name. */
export type JobName =
  | 'register-wallets'
  | 'submit'
  | 'confirm'
  | 'refill-gas'
  | 'expire-charges'
  | 'pay-charges'
  | 'scan'
  | 'deliver-webhooks'
  | 'sweep'
  | 'chain-audit'
  | 'checkpoint-audit'
  | 'reconcile';

export interface Job {
  name: JobName;
  /** Runs at least this often, poked or not: a lost NOTIFY costs this much time and nothing else. */
  intervalMs: number;
  /** Rests at least this long after a run that left nothing, although it is poked: what comes meanwhile shares the next run. */
  restMs?: number;
  /** One bounded batch. `more`: run again at once; `idle`: nothing left to do. `signal` aborts at shutdown. */
  run(signal: AbortSignal): Promise<'more' | 'idle'>;
  /** Resolves when what its runs have begun and not awaited has ended. Called once the signal is aborted and no run follows. */
  drain?(): Promise<void>;
}

export interface JobLoop {
  /** Runs as soon as the present run has ended. */
  poke(): void;
  /** No further run begins; resolves when the present one has ended. */
  stop(): Promise<void>;
}

const BACKOFF_FIRST_MS = 250;
/** What it needs may be back at any moment, and payments wait for it. */
const BACKOFF_MAX_MS = 4_000;

/** Starts a job's loop. Errors are logged with their code, counted, and answered with a growing pause. */
export function jobLoop(deps: { clock: Pick<Clock, 'after'>; log: Log; metrics: Metrics }, job: Job): JobLoop {
  const runs = deps.metrics.counter('job_runs_total', 'Runs of a background job.', ['job', 'result']);
  const duration = deps.metrics.histogram('job_run_seconds', 'How long a run of a job takes.', ['job']);
  const stopping = new AbortController();
  let isPoked = true;
  let failures = 0;
  let isResting = false;
  let wakeUp: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = deps.clock.after(ms, finish);
      wakeUp = finish;
      function finish() {
        cancel();
        wakeUp = undefined;
        resolve();
      }
    });

  const rest = async (ms: number) => {
    isResting = true;
    await pause(ms);
    isResting = false;
  };

  const loop = async () => {
    while (!stopping.signal.aborted) {
      isPoked = false;
      const end = duration.startTimer({ job: job.name });
      let result: 'more' | 'idle' | 'failed';
      try {
        result = await job.run(stopping.signal);
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) break;
        result = 'failed';
        failures++;
        const retryInMs = Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MAX_MS);
        deps.log.error('A job has failed and will be tried again.', {
          job: job.name,
          attempt: failures,
          retryInMs,
          error,
        });
      }
      end();
      runs.inc({ job: job.name, result });
      if (stopping.signal.aborted) break;
      if (result === 'failed') await pause(Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MAX_MS));
      else if (result === 'idle') {
        if (job.restMs !== undefined) await rest(job.restMs);
        if (!isPoked && !stopping.signal.aborted) await pause(job.intervalMs);
      }
    }
  };
  const done = loop();

  return {
    poke() {
      isPoked = true;
      // A failing job keeps its pause: pokes come with the traffic that it cannot serve at present.
      if (failures === 0 && !isResting) wakeUp?.();
    },
    async stop() {
      stopping.abort();
      wakeUp?.();
      await done;
      await job.drain?.();
    },
  };
}

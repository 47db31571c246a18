/** The background jobs, in the order in which value passes them. */
import type { Deps } from '#deps';
import { auditJobs } from '#audit';
import { chargeHooks, chargeJobs } from '#charges';
import { sessions } from '#members';
import { deleteEventsBefore, deliverWebhooksJob, sweepWebhooks } from '#notifications';
import type { Job } from '#platform';
import { confirmJob, refillGasJob, submitJob } from '#transfers';
import { reconcileJob } from '#reconcile';
import { scanJob } from '#scanner';
import { registerWalletsJob } from '#wallets';
import { sweepRateCounts } from './platform/rate-limit.ts';

/** Every job of a worker. Any number of workers may run them all at once. */
export const jobsOf = (deps: Deps): Job[] => [
  registerWalletsJob(deps),
  submitJob(deps),
  confirmJob(deps, chargeHooks(deps)),
  refillGasJob(deps),
  ...chargeJobs(deps),
  scanJob(deps),
  reconcileJob(deps),
  deliverWebhooksJob(deps),
  sweepJob(deps),
  ...auditJobs(deps),
];

/** A browser that was away for longer shows its lists anew. */
const EVENTS_KEPT_MS = 7 * 86_400_000;

/** Removes what has no further use: ended sessions with their sealed keys, old counts, old events, webhooks that have arrived. */
function sweepJob(deps: Deps): Job {
  return {
    name: 'sweep',
    intervalMs: 60_000,
    async run() {
      await sessions.sweep(deps);
      await sweepRateCounts(deps);
      await deleteEventsBefore(deps.db, new Date(deps.clock.nowMs() - EVENTS_KEPT_MS));
      await sweepWebhooks(deps);
      return 'idle';
    },
  };
}

/** Forgets what is over: deliveries that arrived a month ago, secrets that sign no more. */
import type { Deps } from '#deps';
import * as deliveryRows from './store/deliveries.ts';
import * as secretRows from './store/secrets.ts';

const KEPT_MS = 30 * 86_400_000;
/** Of one run, which comes once a minute. */
const ROWS_MAX = 10_000;

/** Nothing that is pending goes; what was given up goes only with its endpoint. */
export async function sweepWebhooks(deps: Pick<Deps, 'db' | 'clock'>): Promise<void> {
  const nowMs = deps.clock.nowMs();
  await deliveryRows.endOfRemoved(deps.db, new Date(nowMs));
  await deliveryRows.deleteEndedBefore(deps.db, { before: new Date(nowMs - KEPT_MS), limit: ROWS_MAX });
  await secretRows.deleteOldSecrets(deps.db, new Date(nowMs));
}

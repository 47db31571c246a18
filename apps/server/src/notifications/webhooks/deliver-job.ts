/**
 * Delivers webhooks: sends first and marks after, so that a kill in between repeats the same bytes under the same id and loses
 * nothing. Endpoints are served side by side, each by one round at a time in a process: a slow one keeps nobody else waiting.
 */
import type { Deps } from '#deps';
import { failpoint, inTrx, raiseAlarm, WEBHOOK_TRIED_MS, type Job } from '#platform';
import { createAddressGuard } from './address-guard.ts';
import { breakerPauseMs, BROKEN_AFTER, retryAfterMs } from './retry.ts';
import { createSender, type Send, type SendOutcome } from './send.ts';
import { openSecret, signedHeaders } from './sign.ts';
import * as deliveryRows from './store/deliveries.ts';
import * as endpointRows from './store/endpoints.ts';
import * as secretRows from './store/secrets.ts';

/** Endpoints that one process serves at once. */
const ENDPOINTS_MAX = 16;
/** Deliveries of one round, sent at once: connections that a receiver is asked for. */
const ROUND_MAX = 8;
/** Longer than a try may take: whoever died with a round gives it back after this. */
const LEASE_MS = 20_000;
/** Given up by one round at most. */
const GIVE_UP_MAX = 1_000;

export type DeliverDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'log' | 'metrics' | 'wake' | 'config'>;

/** Any number of processes may run it: rows are claimed by a lease. */
export function deliverWebhooksJob(
  deps: DeliverDeps,
  send: Send = createSender(deps, createAddressGuard(deps.config.webhookNetworks)),
): Job {
  const rounds = new Map<string, Promise<void>>();
  return {
    name: 'deliver-webhooks',
    intervalMs: 1_000,
    async run(signal) {
      if (rounds.size >= ENDPOINTS_MAX) return 'idle';
      const endpointIds = await endpointRows.endpointsDue(deps.db, {
        now: new Date(deps.clock.nowMs()),
        without: [...rounds.keys()],
        limit: ENDPOINTS_MAX - rounds.size,
      });
      for (const endpointId of endpointIds) {
        const round = deliverRound(deps, send, { endpointId, signal })
          .catch((error: unknown) => {
            deps.log.warn('A round of webhooks has failed; what it has sent and not recorded will be sent again.', {
              error,
            });
            return 'idle' as const;
          })
          .then((result) => {
            rounds.delete(endpointId);
            // Not before: a run that it wakes passes over an endpoint whose round has not ended.
            if (result === 'more') deps.wake('deliver-webhooks');
          });
        rounds.set(endpointId, round);
      }
      return 'idle';
    },
    async drain() {
      await Promise.all(rounds.values());
    },
  };
}

/** Claims, sends, marks. `more`: there may be more. */
async function deliverRound(
  deps: DeliverDeps,
  send: Send,
  { endpointId, signal }: { endpointId: string; signal: AbortSignal },
): Promise<'more' | 'idle'> {
  const nowMs = deps.clock.nowMs();
  const [now, leaseUntil] = [new Date(nowMs), new Date(nowMs + LEASE_MS)];
  const endpoint = await endpointRows.endpointToTry(deps.db, { id: endpointId, now });
  if (endpoint === undefined) return 'idle';
  const isBroken = endpoint.failures >= BROKEN_AFTER;
  if (isBroken && !(await endpointRows.takeProbe(deps.db, { id: endpointId, now, until: leaseUntil }))) return 'idle';
  const rows = await deliveryRows.claimDue(deps.db, { endpointId, now, leaseUntil, limit: isBroken ? 1 : ROUND_MAX });
  if (rows.length === 0) return 'idle';

  const secrets = await secretRows.signingSecrets(deps.db, { endpointId, now });
  const keys = secrets.map(({ number, sealed }) => openSecret(deps, { endpointId, number, sealed }));
  await failpoint('F13-before-send');
  const settled = await Promise.allSettled(
    rows.map((row) => deliver(deps, send, { row, url: endpoint.url, keys, signal })),
  );
  for (const key of keys) key.fill(0);
  const tries = settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  if (signal.aborted) return 'idle';
  await closeRound(deps, { endpointId, url: endpoint.url, tries });
  return 'more';
}

interface Try {
  row: deliveryRows.ClaimedDelivery;
  outcome: SendOutcome;
}

async function deliver(
  deps: DeliverDeps,
  send: Send,
  input: { row: deliveryRows.ClaimedDelivery; url: string; keys: readonly Uint8Array[]; signal: AbortSignal },
): Promise<Try> {
  const { row, url, keys, signal } = input;
  const body = Buffer.from(row.body, 'utf8');
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Jigeum-Webhooks/1',
    ...signedHeaders({ id: row.id, body }, { keys, nowMs: deps.clock.nowMs() }),
  };
  const outcome = await send({ url, headers, body }, signal);
  await failpoint('F13-after-send');
  deps.metrics
    .counter('webhook_attempts_total', 'Tries to deliver a webhook.', ['outcome'])
    .inc({ outcome: outcome.kind });
  const at = new Date(deps.clock.nowMs());
  if (outcome.kind === 'accepted')
    await deliveryRows.markDelivered(deps.db, { id: row.id, status: outcome.status, at });
  else {
    const { status, error } = outcome;
    await deliveryRows.markFailed(deps.db, {
      id: row.id,
      status,
      error,
      nextAttemptAt: nextAttemptAt(deps, row, at, signal),
    });
  }
  return { row, outcome };
}

/** The last try is made when the time is up, not before. What a stopping server broke off is due at once. */
function nextAttemptAt(deps: DeliverDeps, row: deliveryRows.ClaimedDelivery, at: Date, signal: AbortSignal): Date {
  if (signal.aborted) return at;
  const next = at.getTime() + retryAfterMs(row.attempts, deps.ids.bytes(2));
  return new Date(at < row.tries_end_at ? Math.min(next, row.tries_end_at.getTime()) : next);
}

/** What a round says of its endpoint: the breaker, and what was tried long enough. */
async function closeRound(
  deps: DeliverDeps,
  { endpointId, url, tries }: { endpointId: string; url: string; tries: readonly Try[] },
): Promise<void> {
  const failed = tries.filter(({ outcome }) => outcome.kind === 'failed');
  if (failed.length < tries.length) await endpointRows.markWorking(deps.db, endpointId);
  const [first] = failed;
  if (first === undefined) return;
  const at = new Date(deps.clock.nowMs());
  await inTrx(deps, async (trx) => {
    let isAll = false;
    if (failed.length === tries.length) {
      const { failures, since } = await endpointRows.markFailing(trx, { id: endpointId, at });
      isAll = since.getTime() <= at.getTime() - WEBHOOK_TRIED_MS;
      const pauseMs = breakerPauseMs(failures, deps.ids.bytes(2));
      if (pauseMs !== null)
        await endpointRows.breakUntil(trx, { id: endpointId, until: new Date(at.getTime() + pauseMs) });
      if (failures === BROKEN_AFTER)
        deps.log.warn('A webhook endpoint is broken: one try at a time from now on.', { subject: endpointId });
    }
    const ids = failed.map(({ row }) => row.id);
    const count = await deliveryRows.giveUp(trx, { endpointId, ids, isAll, at, limit: GIVE_UP_MAX });
    if (count === 0) return;
    const reason = first.outcome.kind === 'failed' ? first.outcome.error : '';
    await raiseAlarm(deps, trx, {
      kind: 'webhook-given-up',
      subject: endpointId,
      detail: `Expected ${new URL(url).origin} to accept webhooks within seven days, and gave ${count} up. The last problem: ${reason} See "jigeum webhooks deliveries ${endpointId}"; when it is mended, "jigeum webhooks retry ${endpointId}".`,
    });
  });
}

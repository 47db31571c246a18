/** The end of a cycle for webhooks: the till is well again, and an operator has everything tried again. */
import { until } from '../../cluster/until.ts';
import type { StormWorld } from './world.ts';

const TOLD_WITHIN_MS = 60_000;
/** Between two times that the operator asks: what is under way may arrive by itself. */
const ASK_EVERY = 20;
const POLL_MS = 25;

/**
 * Resolves when every event has arrived. Pauses grow to hours, so an operator makes all due, now and then: one who dies with a
 * delivery keeps it for the time of its lease.
 */
export async function untilTold(world: StormWorld): Promise<void> {
  let turn = 0;
  let left: unknown[] = [];
  const isTold = async (): Promise<true | undefined> => {
    // The database may be the part that is away.
    const found = await world.cluster.owner.query(NOT_ARRIVED).catch(() => undefined);
    if (found === undefined) return undefined;
    left = found.rows;
    if (left.length === 0) return true;
    if (turn++ % ASK_EVERY === 1) await retry(world);
    return undefined;
  };
  try {
    await until('every webhook to arrive', isTold, { withinMs: TOLD_WITHIN_MS, pollMs: POLL_MS });
  } catch (cause) {
    throw new Error(`Expected every webhook to arrive within ${TOLD_WITHIN_MS / 1000} s: ${JSON.stringify(left)}`, {
      cause,
    });
  }
}

const NOT_ARRIVED = `
  select id, state, attempts, last_status, last_error from webhook_deliveries where state <> 'delivered' order by id limit 5`;

/** At whichever replica answers; where none does, the next turn asks again. */
async function retry(world: StormWorld): Promise<void> {
  for (const replica of world.cluster.replicas) {
    const input = { params: { webhookId: world.webhookId }, idempotencyKey: world.cluster.newKey() };
    const isDone = await world
      .operator(replica)
      .call('operatorRetryWebhook', input)
      .then(
        () => true,
        () => false,
      );
    if (isDone) return;
  }
}

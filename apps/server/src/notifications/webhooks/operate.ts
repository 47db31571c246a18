/** What an operator does about webhooks: endpoints, their secrets, and deliveries that did not arrive. */
import type { CallOutput, DeliveryView, WebhookView, WebhookWithSecretView } from '@jigeum/api';
import type { Deps } from '#deps';
import {
  AppError,
  audit,
  idempotently,
  inTrx,
  pageOf,
  placeOf,
  safeNumber,
  WEBHOOK_TRIED_MS,
  type IdempotentCall,
  type Place,
  type StoredAnswer,
  type Trx,
} from '#platform';
import { createAddressGuard, type AddressGuard } from './address-guard.ts';
import { BROKEN_AFTER } from './retry.ts';
import { newSecret, sealSecret } from './sign.ts';
import * as deliveryRows from './store/deliveries.ts';
import * as endpointRows from './store/endpoints.ts';
import * as secretRows from './store/secrets.ts';

/** Each end of a transfer writes a row for each of them. */
const ENDPOINTS_MAX = 50;
/** Old secrets go on signing beside the new one for so long. */
const OVERLAP_MS = 86_400_000;
/** Each is a signature in a header. */
const SECRETS_MAX = 5;
/** Deliveries that one request makes due. */
const RETRY_MAX = 10_000;

type OperateDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'wake' | 'config'>;

interface ListInput {
  cursor: string | undefined;
  limit: number;
}

/** Endpoints, newest first. */
export async function listWebhooks(
  deps: Pick<Deps, 'db'>,
  input: ListInput & { state: 'live' | 'all' },
): Promise<CallOutput<'operatorListWebhooks'>> {
  const rows = await endpointRows.endpoints(deps.db, { ...range(input), isLiveOnly: input.state === 'live' });
  return pageOf(rows, input.limit, webhookView, (row) => [row.created_at.toISOString(), row.id]);
}

/** Deliveries, newest first. */
export async function listDeliveries(
  deps: Pick<Deps, 'db'>,
  input: ListInput & { webhookId: string | undefined; state: 'open' | 'all' },
): Promise<CallOutput<'operatorListDeliveries'>> {
  const rows = await deliveryRows.deliveries(deps.db, {
    ...range(input),
    endpointId: input.webhookId,
    isOpenOnly: input.state === 'open',
  });
  return pageOf(rows, input.limit, deliveryView, (row) => [row.created_at.toISOString(), row.id]);
}

const range = (input: ListInput): { after: Place | undefined; limit: number } => ({
  after: placeOf(input.cursor),
  limit: input.limit + 1,
});

/** Adds an endpoint; the answer has its secret. Refuses an address that the server may not talk to, as far as can be told now. */
export async function addWebhook(
  deps: OperateDeps,
  { url }: { url: string },
  guard: AddressGuard = createAddressGuard(deps.config.webhookNetworks),
): Promise<WebhookWithSecretView> {
  const refusal = guard.refusalOf(url) ?? (await refusalOfName(guard, url));
  if (refusal !== null) throw new AppError('request-invalid', { detail: refusal });
  const at = new Date(deps.clock.nowMs());
  const id = deps.ids.uuid(at.getTime());
  return await inTrx(deps, async (trx) => {
    if ((await endpointRows.liveEndpoints(trx)) >= ENDPOINTS_MAX)
      throw new AppError('request-invalid', {
        detail: `Expected ${ENDPOINTS_MAX} endpoints at most. Remove one first.`,
      });
    if (!(await endpointRows.insertEndpoint(trx, { id, url, at })))
      throw new AppError('request-invalid', {
        detail: 'Expected an address that is no endpoint yet. If its secret is lost, give it a new one with "rotate".',
      });
    const { secret } = await giveSecret(deps, trx, { endpointId: id, at });
    const facts = { origin: new URL(url).origin };
    await audit(deps, trx, { actor: 'operator', act: 'webhook.added', subject: id, facts });
    return { ...(await viewOf(trx, id)), secret, oldSecretsUntil: null };
  });
}

/** A name that does not resolve now may do so later: each try looks again. */
async function refusalOfName(guard: AddressGuard, url: string): Promise<string | null> {
  try {
    const resolved = await guard.resolve(new URL(url));
    return resolved.kind === 'refused' ? resolved.reason : null;
  } catch {
    return null;
  }
}

async function giveSecret(
  deps: OperateDeps,
  trx: Trx,
  { endpointId, at }: { endpointId: string; at: Date },
): Promise<{ secret: string; number: number; oldUntil: Date; signing: number }> {
  const secret = newSecret(deps);
  const oldUntil = new Date(at.getTime() + OVERLAP_MS);
  const made = await secretRows.insertSecret(trx, { endpointId, at, oldUntil }, (number) =>
    sealSecret(deps, { endpointId, number, secret }),
  );
  return { secret, oldUntil, ...made };
}

/** A new secret. Those before sign beside it for a day, so that a receiver can change over. */
export async function rotateWebhook(
  deps: OperateDeps,
  { webhookId }: { webhookId: string },
): Promise<WebhookWithSecretView> {
  const at = new Date(deps.clock.nowMs());
  return await inTrx(deps, async (trx) => {
    await lockLive(trx, webhookId);
    const { secret, number, oldUntil, signing } = await giveSecret(deps, trx, { endpointId: webhookId, at });
    if (signing > SECRETS_MAX)
      throw new AppError('request-invalid', {
        detail: `Expected ${SECRETS_MAX} secrets at most that sign at once. Those before the newest end a day after they were replaced.`,
      });
    const oldSecretsUntil = oldUntil.toISOString();
    const facts = { secret: number, oldSecretsUntil };
    await audit(deps, trx, { actor: 'operator', act: 'webhook.rotated', subject: webhookId, facts });
    return { ...(await viewOf(trx, webhookId)), secret, oldSecretsUntil };
  });
}

/** Ends an endpoint with all that is pending for it. */
export async function removeWebhook(
  deps: OperateDeps,
  { idempotency, webhookId }: { idempotency: IdempotentCall<'operatorRemoveWebhook'>; webhookId: string },
): Promise<StoredAnswer> {
  return await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      const { url } = await lockLive(trx, webhookId);
      const givenUp = await endpointRows.disableEndpoint(trx, { id: webhookId, at: new Date(deps.clock.nowMs()) });
      const facts = { origin: new URL(url).origin, givenUp };
      await audit(deps, trx, { actor: 'operator', act: 'webhook.removed', subject: webhookId, facts });
      return await viewOf(trx, webhookId);
    }),
  );
}

/** The receiver is back: everything that has not arrived is due now, and tried for seven days more. */
export async function retryWebhook(
  deps: OperateDeps,
  { idempotency, webhookId }: { idempotency: IdempotentCall<'operatorRetryWebhook'>; webhookId: string },
): Promise<StoredAnswer> {
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      await lockLive(trx, webhookId);
      const { at, triesEndAt } = anewFrom(deps);
      await endpointRows.markWorking(trx, webhookId);
      const due = await deliveryRows.makeAllDue(trx, { endpointId: webhookId, at, triesEndAt, limit: RETRY_MAX });
      const facts = { deliveries: due };
      await audit(deps, trx, { actor: 'operator', act: 'webhook.retried', subject: webhookId, facts });
      return { due, isComplete: due < RETRY_MAX };
    }),
  );
  deps.wake('deliver-webhooks');
  return answer;
}

/** One delivery again, also one that has arrived: the same id and bytes. */
export async function redeliver(
  deps: OperateDeps,
  { idempotency, deliveryId }: { idempotency: IdempotentCall<'operatorRedeliver'>; deliveryId: string },
): Promise<StoredAnswer> {
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      const found = await deliveryRows.deliveryById(trx, deliveryId);
      if (found === undefined) throw new AppError('not-found');
      await lockLive(trx, found.endpoint_id);
      await endpointRows.markWorking(trx, found.endpoint_id);
      await deliveryRows.makeDue(trx, { id: deliveryId, ...anewFrom(deps) });
      const facts = { endpoint: found.endpoint_id, before: found.state };
      await audit(deps, trx, { actor: 'operator', act: 'webhook.redelivered', subject: deliveryId, facts });
      const row = await deliveryRows.deliveryById(trx, deliveryId);
      if (row === undefined) throw new Error(`Expected the delivery ${deliveryId} that was just changed, got none.`);
      return deliveryView(row);
    }),
  );
  deps.wake('deliver-webhooks');
  return answer;
}

function anewFrom(deps: Pick<Deps, 'clock'>): { at: Date; triesEndAt: Date } {
  const nowMs = deps.clock.nowMs();
  return { at: new Date(nowMs), triesEndAt: new Date(nowMs + WEBHOOK_TRIED_MS) };
}

async function lockLive(trx: Trx, webhookId: string): Promise<{ url: string }> {
  const endpoint = await endpointRows.lockEndpoint(trx, webhookId);
  if (endpoint === undefined)
    throw new AppError('not-found', { detail: 'Expected the id of an endpoint that was not removed.' });
  return endpoint;
}

async function viewOf(trx: Trx, id: string): Promise<WebhookView> {
  const row = await endpointRows.endpointById(trx, id);
  if (row === undefined) throw new Error(`Expected the endpoint ${id} that was just written, got none.`);
  return webhookView(row);
}

const webhookView = (row: endpointRows.EndpointRow): WebhookView => ({
  webhookId: row.id,
  url: row.url,
  createdAt: row.created_at.toISOString(),
  removedAt: row.disabled_at?.toISOString() ?? null,
  state: stateOf(row),
  failingSince: row.failing_since?.toISOString() ?? null,
  nextTryAt: row.next_try_at?.toISOString() ?? null,
  pending: safeNumber(row.pending),
  givenUp: safeNumber(row.given_up),
});

function stateOf(row: endpointRows.EndpointRow): WebhookView['state'] {
  if (row.disabled_at !== null) return 'removed';
  if (row.failures === 0) return 'working';
  return row.failures < BROKEN_AFTER ? 'failing' : 'broken';
}

const deliveryView = (row: deliveryRows.DeliveryRow): DeliveryView => ({
  deliveryId: row.id,
  webhookId: row.endpoint_id,
  url: row.url,
  type: row.type,
  transferId: row.subject_id,
  sequence: row.sequence,
  state: row.state === 'given_up' ? 'given-up' : row.state,
  attempts: row.attempts,
  lastStatus: row.last_status,
  lastError: row.last_error,
  nextAttemptAt: row.state === 'pending' ? row.next_attempt_at.toISOString() : null,
  createdAt: row.created_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
});

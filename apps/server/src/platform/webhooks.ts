/**
 * Webhooks: rows that the module `notifications` delivers, written in the transaction of the state that they tell of. Whoever
 * ends something asks in a statement of its own whether anybody wants to know (`hasWebhooks`): where nobody does, that is all.
 */
import { sql } from 'kysely';
import type { WebhookBody } from '@jigeum/api';
import type { Trx } from './db.ts';

/** A delivery is tried for so long, from the event or from the operator's last word about it. */
export const WEBHOOK_TRIED_MS = 7 * 86_400_000;

/** True where there is an endpoint: a condition for another statement, evaluated once in it. */
export const hasWebhooks = sql<boolean>`exists (select from webhook_endpoints where disabled_at is null)`;

/** What has happened to a transfer. Ids, states and amounts: nothing of a person. */
export type WebhookEvent = Pick<WebhookBody, 'type' | 'data'>;

/**
 * Writes one delivery for each event and endpoint, in one statement. Each event has its bytes once and for ever. An event that
 * is there already stays as it is. `at`: when it happened. Wake `deliver-webhooks` after the commit.
 */
export async function recordWebhooks(
  trx: Trx,
  { events, at }: { events: readonly WebhookEvent[]; at: Date },
): Promise<void> {
  if (events.length === 0) return;
  const timestamp = at.toISOString();
  const bodies = events.map(({ type, data }) => JSON.stringify({ type, timestamp, data } satisfies WebhookBody));
  // A UUID of version 8, of what it names: a database that is restored and ends a transfer again tells it by the same id.
  await sql`/*prepare*/
    insert into webhook_deliveries (id, endpoint_id, type, subject_id, sequence, body, next_attempt_at, tries_end_at, created_at)
    select overlay(overlay(
             encode(substr(sha256(convert_to(concat_ws(' ', w.id, e.subject_id, e.sequence), 'UTF8')), 1, 16), 'hex')
             placing '8' from 13) placing '8' from 17)::uuid,
           w.id, e.type, e.subject_id, e.sequence, e.body, ${at}::timestamptz,
           ${new Date(at.getTime() + WEBHOOK_TRIED_MS)}::timestamptz, ${at}::timestamptz
    from webhook_endpoints w
    cross join unnest(${events.map(({ type }) => type)}::text[], ${events.map(({ data }) => data.transferId)}::uuid[],
                      ${events.map(({ data }) => data.sequence)}::int[], ${bodies}::text[])
      as e (type, subject_id, sequence, body)
    where w.disabled_at is null
    on conflict do nothing
  `.execute(trx);
}

/** Every statement over deliveries but the insert, which `platform` has. */
import { sql } from 'kysely';
import type { Db, Place, Trx } from '#platform';

export type DeliveryState = 'pending' | 'delivered' | 'given_up';

export interface ClaimedDelivery {
  id: string;
  body: string;
  /** With the one that is about to be made. */
  attempts: number;
  tries_end_at: Date;
}

/** Claims by a lease: a process that dies gives them back. A later event of a subject waits until the earlier one has ended. */
export async function claimDue(
  db: Db,
  input: { endpointId: string; now: Date; leaseUntil: Date; limit: number },
): Promise<ClaimedDelivery[]> {
  const { rows } = await sql<ClaimedDelivery>`
    with due as (
      select d.id from webhook_deliveries d
      where d.endpoint_id = ${input.endpointId} and d.state = 'pending' and d.next_attempt_at <= ${input.now}
        and not exists (
          select from webhook_deliveries b
          where b.endpoint_id = d.endpoint_id and b.subject_id = d.subject_id and b.sequence < d.sequence
            and b.state = 'pending')
      order by d.next_attempt_at, d.id limit ${input.limit}
      for update of d skip locked
    )
    update webhook_deliveries d set attempts = d.attempts + 1, next_attempt_at = ${input.leaseUntil}
    from due where d.id = due.id
    returning d.id, d.body, d.attempts, d.tries_end_at
  `.execute(db);
  return rows;
}

/** It has arrived. Nothing where another try was faster. */
export async function markDelivered(db: Db, input: { id: string; status: number; at: Date }): Promise<void> {
  await sql`
    update webhook_deliveries set state = 'delivered', ended_at = ${input.at}, last_status = ${input.status}, last_error = null
    where id = ${input.id} and state = 'pending'
  `.execute(db);
}

/** It is tried again then. Nothing where another try was faster. */
export async function markFailed(
  db: Db,
  input: { id: string; status: number | null; error: string; nextAttemptAt: Date },
): Promise<void> {
  await sql`
    update webhook_deliveries
    set next_attempt_at = ${input.nextAttemptAt}, last_status = ${input.status}, last_error = ${input.error.slice(0, 300)}
    where id = ${input.id} and state = 'pending'
  `.execute(db);
}

/**
 * Ends what was tried long enough: of these deliveries, or of all of the endpoint where nothing else than failures has come from
 * there meanwhile. Returns how many.
 */
export async function giveUp(
  trx: Trx,
  input: { endpointId: string; ids: readonly string[]; isAll: boolean; at: Date; limit: number },
): Promise<number> {
  const { rows } = await sql`
    update webhook_deliveries set state = 'given_up', ended_at = ${input.at},
      last_error = coalesce(last_error, 'The endpoint accepted nothing for so long, so this was not tried by itself.')
    where id in (
      select id from webhook_deliveries
      where endpoint_id = ${input.endpointId} and state = 'pending' and tries_end_at <= ${input.at}
        and (${input.isAll} or id = any (${[...input.ids]}::uuid[]))
      limit ${input.limit})
    returning id
  `.execute(trx);
  return rows.length;
}

/** What is pending for endpoints that were removed: also what a transaction wrote that had begun before. */
export async function endOfRemoved(db: Db, at: Date): Promise<number> {
  const { rows } = await sql`
    update webhook_deliveries d set state = 'given_up', ended_at = ${at}, last_error = 'The endpoint was removed.'
    from webhook_endpoints w
    where w.id = d.endpoint_id and w.disabled_at is not null and d.state = 'pending' returning d.id
  `.execute(db);
  return rows.length;
}

export interface DeliveryRow {
  id: string;
  endpoint_id: string;
  url: string;
  type: string;
  subject_id: string;
  sequence: number;
  state: DeliveryState;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  next_attempt_at: Date;
  created_at: Date;
  ended_at: Date | null;
}

const deliveryColumns = sql`
  d.id, d.endpoint_id, w.url, d.type, d.subject_id, d.sequence, d.state, d.attempts, d.last_status, d.last_error,
  d.next_attempt_at, d.created_at, d.ended_at
`;

/** Newest first. */
export async function deliveries(
  db: Db,
  input: {
    endpointId: string | undefined;
    after: Place | undefined;
    limit: number;
    isOpenOnly: boolean;
  },
): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    select ${deliveryColumns} from webhook_deliveries d join webhook_endpoints w on w.id = d.endpoint_id
    where ${input.isOpenOnly ? sql`d.state <> 'delivered'` : sql`true`}
      ${input.endpointId === undefined ? sql`` : sql`and d.endpoint_id = ${input.endpointId}`}
      ${input.after === undefined ? sql`` : sql`and (d.created_at, d.id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by d.created_at desc, d.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function deliveryById(db: Db, id: string): Promise<DeliveryRow | undefined> {
  const { rows } = await sql<DeliveryRow>`
    select ${deliveryColumns} from webhook_deliveries d join webhook_endpoints w on w.id = d.endpoint_id where d.id = ${id}
  `.execute(db);
  return rows[0];
}

/** Due now, whatever became of it. */
export async function makeDue(trx: Trx, input: { id: string; at: Date; triesEndAt: Date }): Promise<void> {
  await sql`
    update webhook_deliveries
    set state = 'pending', ended_at = null, next_attempt_at = ${input.at}, tries_end_at = ${input.triesEndAt}
    where id = ${input.id}
  `.execute(trx);
}

/** The same for everything of an endpoint that has not arrived and is not due, the oldest first. Returns how many. */
export async function makeAllDue(
  trx: Trx,
  input: { endpointId: string; at: Date; triesEndAt: Date; limit: number },
): Promise<number> {
  const { rows } = await sql`
    update webhook_deliveries
    set state = 'pending', ended_at = null, next_attempt_at = ${input.at}, tries_end_at = ${input.triesEndAt}
    where id in (
      select id from webhook_deliveries
      where endpoint_id = ${input.endpointId}
        and (state = 'given_up' or (state = 'pending' and next_attempt_at > ${input.at}))
      order by created_at, id limit ${input.limit}
      for update)
    returning id
  `.execute(trx);
  return rows.length;
}

/** Forgets what arrived before `before`, and what was given up for endpoints that were removed. Never what is pending. */
export async function deleteEndedBefore(db: Db, input: { before: Date; limit: number }): Promise<number> {
  const { rows } = await sql`
    delete from webhook_deliveries where id in (
      select d.id from webhook_deliveries d join webhook_endpoints w on w.id = d.endpoint_id
      where d.state <> 'pending' and d.ended_at < ${input.before} and (d.state = 'delivered' or w.disabled_at is not null)
      limit ${input.limit})
    returning id
  `.execute(db);
  return rows.length;
}

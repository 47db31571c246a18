/** Every statement over endpoints, their secrets and deliveries but the insert of deliveries, which `platform` has. */
import { sql } from 'kysely';
import { assert } from '@jigeum/std';
import type { Db, Trx } from '#platform';

export type DeliveryState = 'pending' | 'delivered' | 'given_up';

/** Endpoints that have something due and may be tried, the one that has waited longest first. */
export async function endpointsDue(
  db: Db,
  input: { now: Date; without: readonly string[]; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select w.id from webhook_endpoints w
    cross join lateral (
      select next_attempt_at from webhook_deliveries d
      where d.endpoint_id = w.id and d.state = 'pending' and d.next_attempt_at <= ${input.now}
      order by next_attempt_at limit 1
    ) d
    where w.disabled_at is null and (w.next_try_at is null or w.next_try_at <= ${input.now})
      and w.id <> all (${[...input.without]}::uuid[])
    order by d.next_attempt_at limit ${input.limit}
  `.execute(db);
  return rows.map(({ id }) => id);
}

export interface EndpointToTry {
  url: string;
  failures: number;
}

/** Undefined where it was removed or is not to be tried yet. */
export async function endpointToTry(db: Db, input: { id: string; now: Date }): Promise<EndpointToTry | undefined> {
  const { rows } = await sql<EndpointToTry>`
    select url, failures from webhook_endpoints
    where id = ${input.id} and disabled_at is null and (next_try_at is null or next_try_at <= ${input.now})
  `.execute(db);
  return rows[0];
}

/** Takes the one try of a broken endpoint; false where another process has it. */
export async function takeProbe(db: Db, input: { id: string; now: Date; until: Date }): Promise<boolean> {
  const { rows } = await sql`
    update webhook_endpoints set next_try_at = ${input.until}
    where id = ${input.id} and disabled_at is null and (next_try_at is null or next_try_at <= ${input.now}) returning id
  `.execute(db);
  return rows.length === 1;
}

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

export interface SecretRow {
  number: number;
  sealed: Buffer;
}

/** Those that sign now, the newest first. */
export async function signingSecrets(db: Db, input: { endpointId: string; now: Date }): Promise<SecretRow[]> {
  const { rows } = await sql<SecretRow>`
    select number, sealed from webhook_secrets
    where endpoint_id = ${input.endpointId} and (signs_until is null or signs_until > ${input.now})
    order by number desc
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

/** The breaker closes. Writes nothing where it was never open. */
export async function markWorking(db: Db, id: string): Promise<void> {
  await sql`
    update webhook_endpoints set failures = 0, failing_since = null, next_try_at = null where id = ${id} and failures > 0
  `.execute(db);
}

/** Counts a round without a success. */
export async function markFailing(
  trx: Trx,
  input: { id: string; at: Date },
): Promise<{ failures: number; since: Date }> {
  const { rows } = await sql<{ failures: number; since: Date }>`
    update webhook_endpoints set failures = failures + 1, failing_since = coalesce(failing_since, ${input.at})
    where id = ${input.id} returning failures, failing_since as since
  `.execute(trx);
  assert(rows[0] !== undefined, 'an endpoint is never deleted');
  return rows[0];
}

export async function breakUntil(trx: Trx, input: { id: string; until: Date }): Promise<void> {
  await sql`update webhook_endpoints set next_try_at = ${input.until} where id = ${input.id}`.execute(trx);
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

export interface EndpointRow {
  id: string;
  url: string;
  created_at: Date;
  disabled_at: Date | null;
  failures: number;
  failing_since: Date | null;
  next_try_at: Date | null;
  pending: bigint;
  given_up: bigint;
}

const endpointColumns = sql`
  w.id, w.url, w.created_at, w.disabled_at, w.failures, w.failing_since, w.next_try_at,
  (select count(*) from webhook_deliveries d where d.endpoint_id = w.id and d.state = 'pending') as pending,
  (select count(*) from webhook_deliveries d where d.endpoint_id = w.id and d.state = 'given_up') as given_up
`;

/** Newest first. */
export async function endpoints(
  db: Db,
  input: { after: { at: Date; id: string } | undefined; limit: number; isLiveOnly: boolean },
): Promise<EndpointRow[]> {
  const { rows } = await sql<EndpointRow>`
    select ${endpointColumns} from webhook_endpoints w
    where ${input.isLiveOnly ? sql`w.disabled_at is null` : sql`true`}
      ${input.after === undefined ? sql`` : sql`and (w.created_at, w.id) < (${input.after.at}, ${input.after.id}::uuid)`}
    order by w.created_at desc, w.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function endpointById(db: Db, id: string): Promise<EndpointRow | undefined> {
  const { rows } = await sql<EndpointRow>`
    select ${endpointColumns} from webhook_endpoints w where w.id = ${id}
  `.execute(db);
  return rows[0];
}

/** False where a live endpoint has this address. */
export async function insertEndpoint(trx: Trx, input: { id: string; url: string; at: Date }): Promise<boolean> {
  const { rows } = await sql`
    insert into webhook_endpoints (id, url, created_at) values (${input.id}, ${input.url}, ${input.at})
    on conflict do nothing returning id
  `.execute(trx);
  return rows.length === 1;
}

/** Locks a live endpoint for an act of the operator; undefined where there is none. */
export async function lockEndpoint(trx: Trx, id: string): Promise<{ url: string } | undefined> {
  const { rows } = await sql<{ url: string }>`
    select url from webhook_endpoints where id = ${id} and disabled_at is null for no key update
  `.execute(trx);
  return rows[0];
}

export async function liveEndpoints(trx: Trx): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from webhook_endpoints where disabled_at is null
  `.execute(trx);
  return Number(rows[0]!.count);
}

/** Those before go on signing until `oldUntil` at most. Returns the number of the new one, and how many sign now. */
export async function insertSecret(
  trx: Trx,
  input: { endpointId: string; at: Date; oldUntil: Date },
  seal: (number: number) => Uint8Array,
): Promise<{ number: number; signing: number }> {
  await sql`
    update webhook_secrets set signs_until = ${input.oldUntil} where endpoint_id = ${input.endpointId} and signs_until is null
  `.execute(trx);
  const { rows } = await sql<{ last: number; signing: bigint }>`
    select coalesce(max(number), 0) as last, count(*) filter (where signs_until > ${input.at}) as signing
    from webhook_secrets where endpoint_id = ${input.endpointId}
  `.execute(trx);
  const number = rows[0]!.last + 1;
  await sql`
    insert into webhook_secrets (endpoint_id, number, sealed, made_at)
    values (${input.endpointId}, ${number}, ${Buffer.from(seal(number))}, ${input.at})
  `.execute(trx);
  return { number, signing: Number(rows[0]!.signing) + 1 };
}

/** Ends the endpoint with all that is pending for it, and forgets its secrets. Returns how many were given up. */
export async function disableEndpoint(trx: Trx, input: { id: string; at: Date }): Promise<number> {
  await sql`update webhook_endpoints set disabled_at = ${input.at} where id = ${input.id}`.execute(trx);
  await sql`delete from webhook_secrets where endpoint_id = ${input.id}`.execute(trx);
  return await endOfRemoved(trx, input.at);
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
    after: { at: Date; id: string } | undefined;
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

/** Secrets that sign no more. */
export async function deleteOldSecrets(db: Db, now: Date): Promise<void> {
  await sql`delete from webhook_secrets where signs_until <= ${now}`.execute(db);
}

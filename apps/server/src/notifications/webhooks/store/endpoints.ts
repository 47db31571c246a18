/** Statements over endpoints: who may be tried, and how they stand. */
import { sql } from 'kysely';
import { assert } from '@jigeum/std';
import type { Db, Place, Trx } from '#platform';
import { endOfRemoved } from './deliveries.ts';
import { deleteSecretsOf } from './secrets.ts';

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
  input: { after: Place | undefined; limit: number; isLiveOnly: boolean },
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

/** Ends the endpoint with all that is pending for it, and forgets its secrets. Returns how many were given up. */
export async function disableEndpoint(trx: Trx, input: { id: string; at: Date }): Promise<number> {
  await sql`update webhook_endpoints set disabled_at = ${input.at} where id = ${input.id}`.execute(trx);
  await deleteSecretsOf(trx, input.id);
  return await endOfRemoved(trx, input.at);
}

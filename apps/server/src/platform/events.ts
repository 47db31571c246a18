/**
 * Live events: a row in the transaction of the state that it tells of, and a NOTIFY for whoever shows it. A commit with a
 * NOTIFY in it waits for every other such commit, disk included, so what happens often tells after the commit (`Deps.hint`).
 */
import { sql } from 'kysely';
import type { Clock } from '@jigeum/std';
import type { Trx } from './db.ts';

/** PostgreSQL channel of the event outbox; the payload is one UUID of a member, or several with commas between. */
export const EVENTS_CHANNEL = 'jigeum_events';
/** PostgreSQL channel that wakes jobs in other processes; the payload is the job's name. */
export const WAKE_CHANNEL = 'jigeum_wake';

/** PostgreSQL channel that tells of newly indexed blocks; the payload is the newest block's number. */
export const SCAN_CHANNEL = 'jigeum_scan';

/** Tells every server, at commit, that the scanner's index has grown up to a block. */
export async function tellScan(trx: Trx, newestNumber: number): Promise<void> {
  await sql`select pg_notify(${SCAN_CHANNEL}, ${String(newestNumber)})`.execute(trx);
}

export type EventKind = 'transfer' | 'charge' | 'balances' | 'me';

/** `subjectId`: a transfer, a charge; the member itself for balances and me. */
export interface LiveEvent {
  memberId: string;
  kind: EventKind;
  subjectId: string;
}

/**
 * Tells the member's open screens that `subjectId` (a transfer, a charge; the member itself for balances and me) has
 * changed. The reader fetches the present state, so two events of one subject may show the same.
 */
export async function emit(deps: { clock: Clock }, trx: Trx, event: LiveEvent): Promise<void> {
  await trx
    .insertInto('event_outbox')
    .values({
      member_id: event.memberId,
      kind: event.kind,
      subject_id: event.subjectId,
      created_at: new Date(deps.clock.nowMs()),
    })
    .execute();
  await sql`select pg_notify(${EVENTS_CHANNEL}, ${event.memberId})`.execute(trx);
}

/**
 * The same for many at once, in one statement and without the NOTIFY: call `deps.hint` with their members after the commit.
 * Each distinct event is written once.
 */
export async function recordEvents(deps: { clock: Clock }, trx: Trx, events: readonly LiveEvent[]): Promise<void> {
  if (events.length === 0) return;
  const distinct = [
    ...new Map(events.map((event) => [`${event.memberId} ${event.kind} ${event.subjectId}`, event])).values(),
  ];
  await sql`/*prepare*/
    insert into event_outbox (member_id, kind, subject_id, created_at)
    select e.member_id, e.kind, e.subject_id, ${new Date(deps.clock.nowMs())}
    from unnest(${distinct.map((event) => event.memberId)}::uuid[], ${distinct.map((event) => event.kind)}::text[],
                ${distinct.map((event) => event.subjectId)}::uuid[]) as e (member_id, kind, subject_id)
  `.execute(trx);
}

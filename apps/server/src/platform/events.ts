/** Live events: a row in the transaction of the state that it tells of, and a NOTIFY that PostgreSQL sends at commit. */
import { sql } from 'kysely';
import type { Clock } from '@jigeum/std';
import type { Trx } from './db.ts';

/** PostgreSQL channel of the event outbox; the payload is the member's UUID. */
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

/**
 * Tells the member's open screens that `subjectId` (a transfer, a charge; the member itself for balances and me) has
 * changed. The reader fetches the present state, so two events of one subject may show the same.
 */
export async function emit(
  deps: { clock: Clock },
  trx: Trx,
  event: { memberId: string; kind: EventKind; subjectId: string },
): Promise<void> {
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

/** Every statement over `event_outbox` but the insert, which belongs to whoever changes a state. */
import type { Db, EventKind } from '#platform';

export interface EventRow {
  id: bigint;
  kind: EventKind;
  subjectId: string;
  createdAt: Date;
}

/** The member's events after an id, oldest first. */
export async function eventsAfter(db: Db, memberId: string, afterId: bigint, limit: number): Promise<EventRow[]> {
  const rows = await db
    .selectFrom('event_outbox')
    .select(['id', 'kind', 'subject_id', 'created_at'])
    .where('member_id', '=', memberId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind as EventKind,
    subjectId: row.subject_id,
    createdAt: row.created_at,
  }));
}

/** The newest id of the member's events that are older than `before` and not above `upTo`; 0 where there is none. */
export async function newestSettledId(
  db: Db,
  memberId: string,
  limits: { before: Date; upTo: bigint | null },
): Promise<bigint> {
  let query = db
    .selectFrom('event_outbox')
    .select('id')
    .where('member_id', '=', memberId)
    .where('created_at', '<', limits.before)
    .orderBy('id', 'desc')
    .limit(1);
  if (limits.upTo !== null) query = query.where('id', '<=', limits.upTo);
  const row = await query.executeTakeFirst();
  return row?.id ?? 0n;
}

/** Forgets events that nobody will resume from. */
export async function deleteEventsBefore(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('event_outbox').where('created_at', '<', before).execute();
}

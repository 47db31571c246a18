/**
 * Where one stream stands in its member's events. Ids are given out before the commit, so an event with a smaller id can
 * appear after one with a larger id. A stream therefore reads the last minute again each time and remembers what it has
 * sent: no transaction of ours lives that long (its time-out is half a minute), so nothing is passed over.
 */
import type { PlatformDeps } from '#platform';
import { eventsAfter, newestSettledId, type EventRow } from './store.ts';

const SETTLED_AFTER_MS = 60_000;
/** Events of one read. What is beyond comes with the next. */
const BATCH = 500;

type CursorDeps = Pick<PlatformDeps, 'db' | 'clock'>;

export interface EventCursor {
  /** Events that this stream has not sent yet, oldest first, and whether there may be more. */
  next(): Promise<{ events: EventRow[]; hasMore: boolean }>;
}

/**
 * A cursor from now on, or after `lastEventId`. A resumed stream may repeat events of the last minute: each only says
 * that the present state of its subject is worth a look.
 */
export async function openCursor(
  deps: CursorDeps,
  input: { memberId: string; lastEventId: bigint | null },
): Promise<EventCursor> {
  const settledBefore = () => new Date(deps.clock.nowMs() - SETTLED_AFTER_MS);
  let floor = await newestSettledId(deps.db, input.memberId, { before: settledBefore(), upTo: input.lastEventId });
  const sent = new Set<bigint>();

  const read = async () => {
    const rows = await eventsAfter(deps.db, input.memberId, floor, BATCH);
    const fresh = rows.filter((row) => !sent.has(row.id));
    for (const row of fresh) sent.add(row.id);
    const before = settledBefore();
    for (const row of rows) {
      if (row.createdAt >= before) break;
      floor = row.id;
      sent.delete(row.id);
    }
    return { events: fresh, hasMore: rows.length === BATCH && fresh.length > 0 };
  };

  if (input.lastEventId === null) while ((await read()).hasMore);
  return { next: read };
}

/** Tells every server whose live events have grown, after the commit: hints of one moment go together in one NOTIFY. */
import type pg from 'pg';
import { EVENTS_CHANNEL } from './events.ts';
import type { Log } from './log.ts';

/** A payload has less than 8,000 bytes; a UUID and its comma have 37. */
const MEMBERS_PER_NOTIFY = 200;
/** Hints within this time are told together. A screen does not notice it. */
const COLLECT_MS = 10;

/** `Deps.hint`. Never throws: a stream whose hint is lost looks by itself at its next beat. */
export function createHinter(deps: { log: Log; pool: pg.Pool }): (memberIds: Iterable<string>) => void {
  const waiting = new Set<string>();
  const tell = async () => {
    const members = [...waiting];
    waiting.clear();
    const payloads: string[] = [];
    for (let start = 0; start < members.length; start += MEMBERS_PER_NOTIFY)
      payloads.push(members.slice(start, start + MEMBERS_PER_NOTIFY).join(','));
    try {
      // Nothing of value is written: the disk need not be waited for.
      await deps.pool.query(
        `select set_config('synchronous_commit', 'off', true), pg_notify($1, payload) from unnest($2::text[]) as payload`,
        [EVENTS_CHANNEL, payloads],
      );
    } catch (error) {
      deps.log.warn('Open screens could not be told of their events; their next beat will do it.', { error });
    }
  };
  return (memberIds) => {
    const isScheduled = waiting.size > 0;
    for (const memberId of memberIds) waiting.add(memberId);
    if (!isScheduled && waiting.size > 0) setTimeout(() => void tell(), COLLECT_MS);
  };
}

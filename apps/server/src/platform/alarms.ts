/**
 * Alarms: what an operator must look at. One open alarm for each kind and subject; whoever sees the same again counts it.
 * An alarm is a row, a line of the log and a figure at /metrics; the module `protection` has the operator's routes.
 */
import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { PlatformDeps } from './deps.ts';

/** Every kind of alarm. The module that raises a kind adds its name, and docs/operating/alarms.md says what to do about it. */
export type AlarmKind =
  | 'ledger-differs'
  | 'ledger-broken'
  | 'supply-differs'
  | 'gas-differs'
  | 'quarantine'
  | 'node-lost'
  | 'treasury-low'
  | 'gas-budget'
  | 'payment-stuck'
  | 'foreign-nonce'
  | 'audit-broken'
  | 'webhook-given-up';

export interface Alarm {
  kind: AlarmKind;
  /** What it is about: our own ids or a symbol, at most 200 characters. Never a person. */
  subject: string;
  /** What was expected, what came and what to do, at most 2,000 characters. Nothing secret. */
  detail: string;
}

/**
 * Raises an alarm, or counts the open one of the same kind and subject and renews its detail. `db` may be a transaction:
 * then the alarm is raised with it or not at all, so a refusal that rolls back has to raise outside. True where it is new.
 */
export async function raiseAlarm(
  deps: Pick<PlatformDeps, 'clock' | 'ids' | 'log' | 'metrics'>,
  db: Db,
  alarm: Alarm,
): Promise<boolean> {
  const now = new Date(deps.clock.nowMs());
  const subject = alarm.subject.slice(0, 200);
  const detail = alarm.detail.slice(0, 2000);
  const { rows } = await sql<{ is_new: boolean }>`
    insert into alarms (id, kind, subject, detail, raised_at, last_seen_at)
    values (${deps.ids.uuid(now.getTime())}, ${alarm.kind}, ${subject}, ${detail}, ${now}, ${now})
    on conflict (kind, subject) where resolved_at is null
      do update set times = alarms.times + 1, last_seen_at = excluded.last_seen_at, detail = excluded.detail
    returning times = 1 as is_new
  `.execute(db);
  const isNew = rows[0]?.is_new ?? false;
  if (isNew) deps.log.error('An alarm is raised.', { kind: alarm.kind, subject, reason: detail });
  await measureAlarms(deps, db);
  return isNew;
}

/** Sets the gauge of open alarms to what the database holds: other processes raise and resolve too. */
export async function measureAlarms(deps: Pick<PlatformDeps, 'metrics'>, db: Db): Promise<void> {
  const gauge = deps.metrics.gauge('alarms_open', 'Alarms that no operator has resolved.', ['kind']);
  const { rows } = await sql<{ kind: string; count: bigint }>`
    select kind, count(*) as count from alarms where resolved_at is null group by kind
  `.execute(db);
  gauge.reset();
  for (const row of rows) gauge.set({ kind: row.kind }, Number(row.count));
}

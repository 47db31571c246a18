/** What an operator looks at: alarms and stops; and what he says about alarms. */
import type { AlarmView, CallOutput } from '@jigeum/api';
import type { Deps } from '#deps';
import {
  AppError,
  audit,
  idempotently,
  inTrx,
  measureAlarms,
  pageOf,
  placeOf,
  type IdempotentCall,
  type Place,
  type StoredAnswer,
  type Trx,
} from '#platform';
import { stopView } from './stop-outflow.ts';
import * as store from './store.ts';

interface ListInput {
  state: 'open' | 'all';
  cursor: string | undefined;
  limit: number;
}

type DecideDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets'>;

/** Alarms, newest first. */
export async function listAlarms(deps: Pick<Deps, 'db'>, input: ListInput): Promise<CallOutput<'operatorListAlarms'>> {
  const rows = await store.alarms(deps.db, { ...range(input), isOpenOnly: input.state === 'open' });
  return pageOf(rows, input.limit, alarmView, (row) => [row.raised_at.toISOString(), row.id]);
}

/** Stops, newest first. */
export async function listStops(deps: Pick<Deps, 'db'>, input: ListInput): Promise<CallOutput<'operatorListStops'>> {
  const rows = await store.stops(deps.db, { ...range(input), isOpenOnly: input.state === 'open' });
  return pageOf(rows, input.limit, stopView, (row) => [row.stopped_at.toISOString(), row.id]);
}

const range = (input: ListInput): { after: Place | undefined; limit: number } => ({
  after: placeOf(input.cursor),
  limit: input.limit + 1,
});

/** Somebody looks at it. */
export async function acknowledgeAlarm(
  deps: DecideDeps,
  input: { idempotency: IdempotentCall<'operatorAcknowledgeAlarm'>; alarmId: string; reason: string },
): Promise<StoredAnswer> {
  const { idempotency, alarmId, reason } = input;
  return await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      const at = new Date(deps.clock.nowMs());
      const row = await store.acknowledgeAlarm(trx, { id: alarmId, by: idempotency.actor, reason, at });
      if (row !== undefined) return await decided(deps, trx, { row, after: 'acknowledged', reason });
      if ((await store.alarmById(trx, alarmId)) === undefined) throw new AppError('not-found');
      throw new AppError('request-invalid', {
        detail: 'Expected an open alarm that nobody has acknowledged, got another.',
      });
    }),
  );
}

/** It is over. Where its cause lasts, whoever sees it raises a new one. */
export async function resolveAlarm(
  deps: DecideDeps & Pick<Deps, 'metrics'>,
  input: { idempotency: IdempotentCall<'operatorResolveAlarm'>; alarmId: string; reason: string },
): Promise<StoredAnswer> {
  const { idempotency, alarmId, reason } = input;
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      const at = new Date(deps.clock.nowMs());
      const row = await store.resolveAlarm(trx, { id: alarmId, by: idempotency.actor, reason, at });
      if (row !== undefined) return await decided(deps, trx, { row, after: 'resolved', reason });
      if ((await store.alarmById(trx, alarmId)) === undefined) throw new AppError('not-found');
      throw new AppError('request-invalid', { detail: 'Expected an open alarm, got one that was resolved before.' });
    }),
  );
  await measureAlarms(deps, deps.db);
  return answer;
}

async function decided(
  deps: DecideDeps,
  trx: Trx,
  input: { row: store.AlarmRow; after: 'acknowledged' | 'resolved'; reason: string },
): Promise<AlarmView> {
  const { row, after, reason } = input;
  const before = after === 'resolved' && row.acknowledged_at !== null ? 'acknowledged' : 'raised';
  await audit(deps, trx, {
    actor: 'operator',
    act: 'alarm.decided',
    subject: row.id,
    facts: { kind: row.kind, before, after, reason },
  });
  return alarmView(row);
}

const alarmView = (row: store.AlarmRow): AlarmView => ({
  alarmId: row.id,
  kind: row.kind,
  subject: row.subject,
  detail: row.detail,
  times: row.times,
  raisedAt: row.raised_at.toISOString(),
  lastSeenAt: row.last_seen_at.toISOString(),
  acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
  acknowledgeReason: row.acknowledge_reason,
  resolvedAt: row.resolved_at?.toISOString() ?? null,
  resolveReason: row.resolve_reason,
});

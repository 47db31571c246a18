import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { acknowledgeAlarm, listAlarms, listStops, resolveAlarm } from './operator-lists.ts';
import { liftStop, stopOutflow } from './stop-outflow.ts';

/** Registers the routes of this module. */
export function protectionRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'operatorListAlarms', ({ query }) => listAlarms(deps, { ...query, cursor: query.cursor }));
  mount(app, deps, 'operatorAcknowledgeAlarm', ({ params, body, idempotency }) =>
    acknowledgeAlarm(deps, { idempotency, alarmId: params.alarmId, reason: body.reason }),
  );
  mount(app, deps, 'operatorResolveAlarm', ({ params, body, idempotency }) =>
    resolveAlarm(deps, { idempotency, alarmId: params.alarmId, reason: body.reason }),
  );
  mount(app, deps, 'operatorListStops', ({ query }) => listStops(deps, { ...query, cursor: query.cursor }));
  mount(app, deps, 'operatorStopOutflow', ({ body, idempotency }) => stopOutflow(deps, { idempotency, order: body }));
  mount(app, deps, 'operatorLiftStop', ({ params, body, idempotency }) =>
    liftStop(deps, { idempotency, stopId: params.stopId, reason: body.reason }),
  );
}

/** The operator's routes over webhooks. */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import {
  addWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  removeWebhook,
  retryWebhook,
  rotateWebhook,
} from './operate.ts';

export function webhookRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'operatorListWebhooks', ({ query }) => listWebhooks(deps, { ...query, cursor: query.cursor }));
  mount(app, deps, 'operatorAddWebhook', ({ body }) => addWebhook(deps, body));
  mount(app, deps, 'operatorRotateWebhook', ({ params }) => rotateWebhook(deps, params));
  mount(app, deps, 'operatorRemoveWebhook', ({ params, idempotency }) =>
    removeWebhook(deps, { ...params, idempotency }),
  );
  mount(app, deps, 'operatorRetryWebhook', ({ params, idempotency }) => retryWebhook(deps, { ...params, idempotency }));
  mount(app, deps, 'operatorListDeliveries', ({ query }) =>
    listDeliveries(deps, { ...query, cursor: query.cursor, webhookId: query.webhookId }),
  );
  mount(app, deps, 'operatorRedeliver', ({ params, idempotency }) => redeliver(deps, { ...params, idempotency }));
}

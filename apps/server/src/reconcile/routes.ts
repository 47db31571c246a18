import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import type { RecoverHooks } from '#transfers';
import { decideFinding, listFindings } from './decide.ts';
import { comparePage, compareSums, compareTransactions } from './full-pass.ts';
import { applyRecovery, endQuarantine, planRecovery } from './recover.ts';

/** Registers the routes of this module. */
export function reconcileRoutes(app: FastifyInstance, deps: Deps, hooks: RecoverHooks): void {
  mount(app, deps, 'operatorReconcileWallets', ({ body }) => comparePage(deps, body));
  mount(app, deps, 'operatorReconcileTransactions', ({ body }) => compareTransactions(deps, body));
  mount(app, deps, 'operatorReconcileSums', () => compareSums(deps));
  mount(app, deps, 'operatorListFindings', ({ query }) => listFindings(deps, { ...query, cursor: query.cursor }));
  mount(app, deps, 'operatorDecideFinding', ({ params, body, idempotency }) =>
    decideFinding(deps, { idempotency, findingId: params.findingId, ...body }),
  );
  mount(app, deps, 'operatorPlanRecovery', ({ query }) => planRecovery(deps, { after: query.after }));
  mount(app, deps, 'operatorApplyRecovery', () => applyRecovery(deps, hooks));
  mount(app, deps, 'operatorEndQuarantine', ({ body, idempotency }) =>
    endQuarantine(deps, { idempotency, reason: body.reason }),
  );
}

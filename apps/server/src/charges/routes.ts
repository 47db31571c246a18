import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { receiveNotice } from './receive-notice.ts';
import { cancelCharge, getCharge, listCharges, requestCharge } from './request-charge.ts';

/** Registers the routes of this module. */
export function chargeRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'requestCharge', ({ member, body, idempotency }) =>
    requestCharge(deps, { memberId: member.memberId, idempotency, order: body }),
  );
  mount(app, deps, 'listCharges', ({ member, query }) =>
    listCharges(deps, { memberId: member.memberId, cursor: query.cursor, limit: query.limit }),
  );
  mount(app, deps, 'getCharge', ({ member, params }) =>
    getCharge(deps, { memberId: member.memberId, chargeId: params.chargeId }),
  );
  mount(app, deps, 'cancelCharge', ({ member, params }) =>
    cancelCharge(deps, { memberId: member.memberId, chargeId: params.chargeId }),
  );
  mount(app, deps, 'bankNotice', async ({ body, rawBody, request }) => {
    const header = request.headers['x-bank-signature'];
    await receiveNotice(deps, { rawBody, signature: typeof header === 'string' ? header : undefined, notice: body });
    return null;
  });
}

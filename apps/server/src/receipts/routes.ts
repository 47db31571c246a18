import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { receiptVerification } from './verification.ts';

/** Registers the routes of this module. */
export function receiptRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'getReceiptVerification', ({ member, params }) =>
    receiptVerification(deps, { memberId: member.memberId, transferId: params.transferId }),
  );
}

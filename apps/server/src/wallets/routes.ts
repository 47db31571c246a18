import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { balancesOf } from './balances.ts';

/** Registers the routes of this module. */
export function walletRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'balances', ({ member }) => balancesOf(deps, { memberId: member.memberId }));
}

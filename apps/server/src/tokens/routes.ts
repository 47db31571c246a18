import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { listTokens } from './token.ts';

/** Registers the routes of this module. The operator's acts on tokens are registered by `transfers`. */
export function tokenRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'listTokens', async ({ reply }) => {
    void reply.header('cache-control', 'public, max-age=5');
    return { items: await listTokens(deps.db) };
  });
}

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { scanAccount, scanBlock, scanOverview, scanToken, scanTransaction } from './reads.ts';

/** Registers the public routes of this module. Answers are the same for everybody and may be kept for a moment by anybody. */
export function scannerRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'scanOverview', ({ reply }) => keepFor(reply, 1, () => scanOverview(deps)));
  mount(app, deps, 'scanTransaction', ({ params, reply }) =>
    keepFor(reply, 1, () => scanTransaction(deps, params.hash)),
  );
  mount(app, deps, 'scanBlock', ({ params, reply }) => keepFor(reply, 60, () => scanBlock(deps, params.number)));
  mount(app, deps, 'scanAccount', ({ params, query, reply }) =>
    keepFor(reply, 1, () => scanAccount(deps, { symId: params.symId, cursor: query.cursor, limit: query.limit })),
  );
  mount(app, deps, 'scanToken', ({ params, query, reply }) =>
    keepFor(reply, 1, () => scanToken(deps, { contract: params.contract, cursor: query.cursor, limit: query.limit })),
  );
}

/** The header is set after the work: a refusal is not kept. */
async function keepFor<T>(reply: FastifyReply, seconds: number, work: () => Promise<T>): Promise<T> {
  const value = await work();
  void reply.header('cache-control', `public, max-age=${seconds}`);
  return value;
}

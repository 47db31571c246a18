/** The public routes. Answers are the same for everybody and may be kept for a moment by anybody. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallOutput, RouteName } from '@jigeum/api';
import type { Deps } from '#deps';
import { addressSubject, AppError, mount, type RouteInput } from '#platform';
import { createScanLimits } from './limits.ts';
import { createScanFeed, type ScanFeed } from './live.ts';
import { scanOverview } from './overview.ts';
import { scanChain, scanProof } from './proof.ts';
import { scanBlock, scanBlocks, scanTransaction, scanTransactions } from './reads.ts';
import { scanSearch } from './search.ts';
import { scanEvents } from './stream.ts';
import {
  scanAccount,
  scanAccountItems,
  scanAccountTokens,
  scanHolders,
  scanItems,
  scanToken,
  scanTokens,
} from './token-reads.ts';

/** What a page that is read from the index alone costs its reader; and one for which the node is asked as well. */
const INDEX_POINTS = 2;
const NODE_POINTS = 6;
/** The node hashes a whole block for a proof. */
const PROOF_POINTS = 20;
/** What is final stays as it is; only how a token is written may still be told otherwise. */
const FINAL_SECONDS = 3_600;
const LIVE_SECONDS = 1;

/** Registers the routes. Close the feed before the app, or the app waits for its streams. */
export function scannerRoutes(app: FastifyInstance, deps: Deps): ScanFeed {
  const limits = createScanLimits(deps);
  const feed = createScanFeed(deps, () => scanOverview(deps));
  const subjectOf = (request: FastifyRequest) => addressSubject(deps, request.ip);

  /** A route whose answer may be kept for `seconds(answer)`. The header is set after the work: a refusal is not kept. */
  const open = <R extends RouteName>(
    name: R,
    points: number,
    seconds: (answer: CallOutput<R>) => number,
    read: (input: RouteInput<R>) => Promise<CallOutput<R>>,
  ) =>
    mount(app, deps, name, async (input) => {
      limits.take(subjectOf(input.request), points);
      const answer = await read(input).catch(asBusy);
      keepFor(input.reply, seconds(answer));
      return answer;
    });
  const live = () => LIVE_SECONDS;

  open('scanOverview', INDEX_POINTS, live, () => feed.latest());
  open('scanSearch', NODE_POINTS, live, ({ query }) => scanSearch(deps, query.q));
  open('scanBlocks', INDEX_POINTS, live, ({ query }) => scanBlocks(deps, pageIn(query)));
  open(
    'scanBlock',
    INDEX_POINTS,
    (block) => (block.isNewest ? LIVE_SECONDS : FINAL_SECONDS),
    ({ params, query }) => scanBlock(deps, { ...pageIn(query), number: params.number }),
  );
  open('scanTransactions', INDEX_POINTS, live, ({ query }) => scanTransactions(deps, pageIn(query)));
  open(
    'scanTransaction',
    INDEX_POINTS,
    // What has no place yet is not indexed: its token may still be told.
    (transaction) => (transaction.position === null ? LIVE_SECONDS : FINAL_SECONDS),
    ({ params, request }) =>
      scanTransaction(deps, params.hash, () => limits.take(subjectOf(request), NODE_POINTS - INDEX_POINTS)),
  );
  open('scanChain', NODE_POINTS, live, () => scanChain(deps));
  open(
    'scanProof',
    PROOF_POINTS,
    () => FINAL_SECONDS,
    ({ params }) => scanProof(deps, params.hash),
  );
  open('scanAccount', NODE_POINTS, live, ({ params, query }) =>
    scanAccount(deps, { ...pageIn(query), symId: params.symId }),
  );
  open('scanAccountTokens', INDEX_POINTS, live, ({ params, query }) =>
    scanAccountTokens(deps, { ...pageIn(query), symId: params.symId }),
  );
  open('scanAccountItems', INDEX_POINTS, live, ({ params, query }) =>
    scanAccountItems(deps, { ...pageIn(query), symId: params.symId }),
  );
  open('scanTokens', INDEX_POINTS, live, ({ query }) => scanTokens(deps, pageIn(query)));
  open('scanToken', NODE_POINTS, live, ({ params, query }) =>
    scanToken(deps, { ...pageIn(query), contract: params.contract }),
  );
  open('scanHolders', INDEX_POINTS, live, ({ params, query }) =>
    scanHolders(deps, { ...pageIn(query), contract: params.contract }),
  );
  open('scanItems', INDEX_POINTS, live, ({ params, query }) =>
    scanItems(deps, { ...pageIn(query), contract: params.contract }),
  );
  scanEvents(app, deps, { feed, subjectOf, admit: (subject) => limits.take(subject, INDEX_POINTS) });
  return feed;
}

const pageIn = (query: { cursor?: string | undefined; limit: number }) => ({
  cursor: query.cursor,
  limit: query.limit,
});

const keepFor = (reply: FastifyReply, seconds: number): void =>
  void reply.header('cache-control', `public, max-age=${seconds}`);

/** SQLSTATE of a statement that took too long. */
const STATEMENT_TIMEOUT = '57014';
/** SQLSTATE where the pool had no connection in time. */
const NO_CONNECTION = '08001';

/** Too many visitors for the pool, or a page that took too long: the reader is asked to come back, and nothing is broken. */
function asBusy(error: unknown): never {
  const { code } = error as { code?: unknown };
  if (code === STATEMENT_TIMEOUT || code === NO_CONNECTION)
    throw new AppError('service-busy', { retryAfterSeconds: 2, cause: error });
  throw error;
}

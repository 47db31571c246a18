/** Fixed-window counts for costly or enumerable routes, shared by all replicas through PostgreSQL. */
import { sql } from 'kysely';
import type { Clock } from '@jigeum/std';
import { AppError } from './app-error.ts';
import type { Db } from './db.ts';

export interface RateRule {
  /** What is limited, for example 'resolve-payee'. */
  scope: string;
  /** Who is limited: a member's UUID, or a keyed hash of an address; never plain personal data. */
  subject: string;
  max: number;
  windowSeconds: number;
}

/** Counts one hit, durably, before the work. Throws 'rate-limited' with the seconds to wait when there are too many. */
export async function rateLimit(deps: { db: Db; clock: Clock }, rule: RateRule): Promise<void> {
  const { hits, resetsInSeconds } = await countHit(deps, rule);
  if (hits > rule.max)
    throw new AppError('rate-limited', {
      detail: `Expected at most ${rule.max} tries in ${rule.windowSeconds} seconds.`,
      retryAfterSeconds: resetsInSeconds,
    });
}

/** Counts one hit, durably, and tells how many there are in the present window. */
export async function countHit(
  deps: { db: Db; clock: Clock },
  rule: Omit<RateRule, 'max'>,
): Promise<{ hits: number; resetsInSeconds: number }> {
  const nowMs = deps.clock.nowMs();
  const windowMs = rule.windowSeconds * 1000;
  const startMs = Math.floor(nowMs / windowMs) * windowMs;
  const row = await deps.db
    .insertInto('rate_counts')
    .values({ scope: rule.scope, subject: rule.subject, window_start: new Date(startMs), hits: 1 })
    .onConflict((conflict) =>
      conflict.columns(['scope', 'subject', 'window_start']).doUpdateSet({ hits: sql<number>`rate_counts.hits + 1` }),
    )
    .returning('hits')
    .executeTakeFirstOrThrow();
  return { hits: row.hits, resetsInSeconds: Math.max(1, Math.ceil((startMs + windowMs - nowMs) / 1000)) };
}

/** Removes counts of windows that are over a day old; no rule has a longer one. */
export async function sweepRateCounts(deps: { db: Db; clock: Clock }): Promise<void> {
  await deps.db
    .deleteFrom('rate_counts')
    .where('window_start', '<', new Date(deps.clock.nowMs() - 2 * 86_400_000))
    .execute();
}

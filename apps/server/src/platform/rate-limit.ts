/** Fixed-window counts for costly or enumerable routes, shared by all replicas through PostgreSQL. */
import { isIPv6 } from 'node:net';
import { sql } from 'kysely';
import type { Clock } from '@jigeum/std';
import { AppError } from './app-error.ts';
import type { Db } from './db.ts';
import type { Secrets } from './secrets.ts';

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
async function countHit(
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

/** The window of counts that are never forgotten. */
const EVER = new Date(0);

/**
 * Counts one hit for good, durably: the count after it, or null where `max` were counted before. Then nothing is
 * written, so that it takes no longer than a refused update of a row.
 */
export async function countForEver(
  deps: { db: Db },
  rule: Pick<RateRule, 'scope' | 'subject' | 'max'>,
): Promise<number | null> {
  const counted = await deps.db
    .selectFrom('rate_counts')
    .select('hits')
    .where('scope', '=', rule.scope)
    .where('subject', '=', rule.subject)
    .where('window_start', '=', EVER)
    .executeTakeFirst();
  if (counted !== undefined && counted.hits >= rule.max) return null;
  const row = await deps.db
    .insertInto('rate_counts')
    .values({ scope: rule.scope, subject: rule.subject, window_start: EVER, hits: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['scope', 'subject', 'window_start'])
        .doUpdateSet({ hits: sql<number>`rate_counts.hits + 1` })
        .where('rate_counts.hits', '<', rule.max),
    )
    .returning('hits')
    .executeTakeFirst();
  return row?.hits ?? null;
}

/**
 * The subject of a rule about a network address: its keyed hash. Of IPv6 the first 64 bits count, because whoever has
 * one address of such a network has all of them; IPv4 inside IPv6 is IPv4.
 */
export function addressSubject(deps: { secrets: Secrets }, address: string): string {
  return Buffer.from(deps.secrets.hmac('address', Buffer.from(networkOf(address)))).toString('hex');
}

function networkOf(address: string): string {
  const plain = address.split('%', 1)[0]!;
  if (!isIPv6(plain)) return plain;
  // The URL parser writes an IPv6 address in its one canonical form, with IPv4 at its end as two groups.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last];
  if (all.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return `${all.slice(0, 4).join(':')}::/64`;
  const bytes = all.slice(6).map((group) => Number.parseInt(group, 16));
  return bytes.flatMap((pair) => [pair >> 8, pair & 0xff]).join('.');
}

/** Removes counts of windows that are over a day old; no rule but the ones for ever has a longer one. */
export async function sweepRateCounts(deps: { db: Db; clock: Clock }): Promise<void> {
  await deps.db
    .deleteFrom('rate_counts')
    .where('window_start', '<', new Date(deps.clock.nowMs() - 2 * 86_400_000))
    .where('window_start', '>', EVER)
    .execute();
}

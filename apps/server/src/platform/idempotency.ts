/**
 * The same key and body get the same answer for ever. The row is written in the transaction of its effect, so there is
 * never an effect without its answer nor an answer without its effect.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { routes, type CallOutput, type RouteName } from '@jigeum/api';
import type { Clock } from '@jigeum/std';
import { AppError } from './app-error.ts';
import type { Db, Trx } from './db.ts';

/** One idempotent request: who asks, for which route, with which key and body. */
export interface IdempotentCall<R extends RouteName = RouteName> {
  route: R;
  /** `member:<uuid>`, `operator`, or `check:<hex>`: keys of different actors never meet. */
  actor: string;
  /** Lowercase UUID. */
  key: string;
  /** SHA-256 of method, path and JSON. Secrets are not part: their hash would outlive them. */
  bodyHash: Uint8Array;
}

/** An answer that was stored with its effect; `mount` sends these very bytes. */
export class StoredAnswer {
  readonly status: number;
  /** JSON. */
  readonly text: string;
  /** True where the effect happened in an earlier request. */
  readonly isReplay: boolean;
  constructor(status: number, text: string, isReplay: boolean) {
    this.status = status;
    this.text = text;
    this.isReplay = isReplay;
  }
}

/** A twin that waits longer than this is told to ask again. */
const TWIN_WAIT_MS = 10_000;

/**
 * Runs `effect` once for a key, inside `trx`, and stores its answer. A twin waits for the first and gets its bytes; the
 * same key with another body is refused with 'idempotency-key-reused'. If `effect` throws, nothing is stored and the
 * transaction must roll back.
 */
export async function idempotently<R extends RouteName>(
  deps: { clock: Clock },
  trx: Trx,
  call: IdempotentCall<R>,
  effect: () => Promise<CallOutput<R>>,
): Promise<StoredAnswer> {
  await waitForTwin(trx, call);
  const stored = await findAnswer({ db: trx }, call);
  if (stored !== undefined) return stored;
  const output = await effect();
  const route = routes[call.route];
  const text = JSON.stringify(route.response.encode(output as never));
  await trx
    .insertInto('idempotency_keys')
    .values({
      actor: call.actor,
      route: call.route,
      key: call.key,
      body_hash: Buffer.from(call.bodyHash),
      status: route.status,
      response: text,
      created_at: new Date(deps.clock.nowMs()),
    })
    .execute();
  return new StoredAnswer(route.status, text, false);
}

/** The answer that was given to this key before, or undefined. Costs one read; use it before costly preparation. */
export async function findAnswer(deps: { db: Db }, call: IdempotentCall): Promise<StoredAnswer | undefined> {
  const row = await deps.db
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'response'])
    .where('actor', '=', call.actor)
    .where('route', '=', call.route)
    .where('key', '=', call.key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (!row.body_hash.equals(call.bodyHash)) throw new AppError('idempotency-key-reused');
  return new StoredAnswer(row.status, row.response, true);
}

/**
 * A lock on the key until the transaction ends. It spares twins the work; the primary key is what makes a second
 * effect impossible.
 */
async function waitForTwin(trx: Trx, call: IdempotentCall): Promise<void> {
  const digest = createHash('sha256').update(`${call.actor}\n${call.route}\n${call.key}`).digest();
  try {
    await sql`select set_config('lock_timeout', ${`${TWIN_WAIT_MS}ms`}, true)`.execute(trx);
    await sql`select pg_advisory_xact_lock(${digest.readBigInt64BE(0).toString()}::bigint)`.execute(trx);
    await sql`select set_config('lock_timeout', '0', true)`.execute(trx);
  } catch (cause) {
    if ((cause as { code?: unknown }).code === '55P03')
      throw new AppError('idempotency-in-progress', { retryAfterSeconds: 1, cause });
    throw cause;
  }
}

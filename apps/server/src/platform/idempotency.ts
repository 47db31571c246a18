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
  const answer = answerOf(call, await effect());
  await storeAnswers(deps, trx, [{ call, answer }]);
  return answer;
}

/** The answer to a call whose effect has just happened. */
export function answerOf<R extends RouteName>(call: IdempotentCall<R>, output: CallOutput<R>): StoredAnswer {
  const route = routes[call.route];
  return new StoredAnswer(route.status, JSON.stringify(route.response.encode(output as never)), false);
}

/** Stores answers in the transaction of their effects. A unique violation says that a twin was first: roll back. */
export async function storeAnswers(
  deps: { clock: Clock },
  trx: Trx,
  answers: readonly { readonly call: IdempotentCall; readonly answer: StoredAnswer }[],
): Promise<void> {
  await sql`/*prepare*/
    insert into idempotency_keys (actor, route, key, body_hash, status, response, created_at)
    select a.*, ${new Date(deps.clock.nowMs())}::timestamptz
    from unnest(${answers.map(({ call }) => call.actor)}::text[], ${answers.map(({ call }) => call.route)}::text[],
                ${answers.map(({ call }) => call.key)}::uuid[],
                ${answers.map(({ call }) => Buffer.from(call.bodyHash))}::bytea[],
                ${answers.map(({ answer }) => answer.status)}::int[], ${answers.map(({ answer }) => answer.text)}::text[])
      as a (actor, route, key, body_hash, status, response)
  `.execute(trx);
}

/** The answer that was given to this key before, or undefined. Costs one read; use it before costly preparation. */
export async function findAnswer(deps: { db: Db }, call: IdempotentCall): Promise<StoredAnswer | undefined> {
  const [stored] = await findAnswers(deps.db, [call]);
  return stored === undefined ? undefined : requireSameBody(stored);
}

/** The stored answer of one call, and whether it was asked for with the same body. */
export interface FoundAnswer {
  answer: StoredAnswer;
  isSameBody: boolean;
}

/** The same for many calls in one read, in their order. */
export async function findAnswers(
  db: Db,
  calls: readonly IdempotentCall[],
): Promise<readonly (FoundAnswer | undefined)[]> {
  const { rows } = await sql<{ n: number; body_hash: Buffer; status: number; response: string }>`/*prepare*/
    select c.n::int as n, i.body_hash, i.status, i.response
    from unnest(${calls.map((call) => call.actor)}::text[], ${calls.map((call) => call.route)}::text[],
                ${calls.map((call) => call.key)}::uuid[]) with ordinality as c (actor, route, key, n)
    join idempotency_keys i on i.actor = c.actor and i.route = c.route and i.key = c.key
  `.execute(db);
  const found: (FoundAnswer | undefined)[] = calls.map(() => undefined);
  for (const { n, body_hash: bodyHash, status, response } of rows)
    found[n - 1] = {
      answer: new StoredAnswer(status, response, true),
      isSameBody: bodyHash.equals(calls[n - 1]!.bodyHash),
    };
  return found;
}

/** Throws 'idempotency-key-reused' where the key stands for another body. */
export function requireSameBody(found: FoundAnswer): StoredAnswer {
  if (!found.isSameBody) throw new AppError('idempotency-key-reused');
  return found.answer;
}

/**
 * A lock on the key until the transaction ends. It spares twins the work; the primary key is what makes a second
 * effect impossible.
 */
async function waitForTwin(trx: Trx, call: IdempotentCall): Promise<void> {
  const digest = createHash('sha256').update(`${call.actor}\n${call.route}\n${call.key}`).digest();
  try {
    // It waits as long as a connection waits for any lock.
    await sql`select pg_advisory_xact_lock(${digest.readBigInt64BE(0).toString()}::bigint)`.execute(trx);
  } catch (cause) {
    if ((cause as { code?: unknown }).code === '55P03')
      throw new AppError('idempotency-in-progress', { retryAfterSeconds: 1, cause });
    throw cause;
  }
}

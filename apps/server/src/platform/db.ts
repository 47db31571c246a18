/**
 * PostgreSQL. How its types arrive: `numeric` (always scale 0 here) and `int8` as `bigint`, `int4` as `number`,
 * `timestamptz` as `Date`, `date` as text `YYYY-MM-DD`, `bytea` as bytes, `jsonb` parsed, `uuid` as text.
 * `int8` is never a `number`: which values are small enough is not for the driver to guess. `safeNumber` narrows.
 */
import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { sleep, type Clock } from '@jigeum/std';
import type { Database } from './database.ts';

export type Db = Kysely<Database>;
export type Trx = Transaction<Database>;

const { builtins } = pg.types;

/** Parsers of one pool; the driver's global ones are left alone. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === builtins.NUMERIC || oid === builtins.INT8) return BigInt;
      if (oid === builtins.DATE) return (text: string) => text;
    }
    return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
  }) as pg.CustomTypesConfig['getTypeParser'],
};

export interface DbOptions {
  url: string;
  /** Where the address holds none. A function, so that the text is not kept in the options. */
  password?: () => string;
  /** Connections at most; each waiting request holds none. */
  connectionsMax: number;
  applicationName: string;
  /** For connections that only ever read: the role that each changes to, and shorter patience. */
  reader?: { role: string; statementMs: number; waitMs: number };
}

/** Everything that locks rows is short. A twin of a request waits no longer for its first either. */
const LOCK_MS = 10_000;

/** Opens a pool. Nothing connects before the first query; `close` waits for running ones. */
export function openDb(options: DbOptions): { db: Db; pool: pg.Pool; close(): Promise<void> } {
  const { reader } = options;
  const pool = new pg.Pool({
    ...connectionOf(options),
    max: options.connectionsMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: reader?.waitMs ?? 10_000,
    idleTimeoutMillis: 30_000,
    // A statement longer than this is a fault, not patience.
    statement_timeout: reader?.statementMs ?? 30_000,
    // Shorter: who waits for a row is told to come again, while a statement of that length is looked into.
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: 30_000,
    types,
    // Said as the connection opens: no statement ever runs with more rights than the role's.
    ...(reader === undefined ? {} : { options: `-c role=${reader.role} -c default_transaction_read_only=on` }),
  });
  // An idle connection that the server closes tells the pool here; without a listener it would end the process.
  // The pool drops that connection and the next query opens another.
  pool.on('error', () => undefined);
  // A connection that breaks while it is in use also tells its client; the query that it carried is rejected by itself.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  pool.on('connect', prepareMarked);
  nameFailedConnects(pool);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool }) });
  return { db, pool, close: () => db.destroy() };
}

/** SQLSTATE for a connection that could not be had. Nothing was asked of the database. */
const NO_CONNECTION = '08001';

/** Who waits for a connection in vain gets an error of the pool's own, which has no code. It gets PostgreSQL's here. */
function nameFailedConnects(pool: pg.Pool): void {
  const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown;
  const named = async (): Promise<unknown> => {
    try {
      return await connect();
    } catch (error) {
      throw error instanceof Error && !('code' in error) ? Object.assign(error, { code: NO_CONNECTION }) : error;
    }
  };
  // The pool calls itself with a callback, for a query that needs no transaction.
  pool.connect = ((...args: unknown[]) => (args.length === 0 ? named() : connect(...args))) as typeof pool.connect;
}

/** A statement whose text begins with this is parsed and planned once a connection. For those that each payment runs. */
const PREPARE = '/*prepare*/';

/**
 * Has a connection prepare the statements that are marked. Their texts must be few: each connection keeps each of them.
 * Behind a pooler that shares connections between transactions, that has to know of prepared statements.
 */
function prepareMarked(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((first: unknown, ...rest: unknown[]) => {
    if (typeof first !== 'string' || !first.startsWith(PREPARE)) return query(first, ...rest);
    const [values, ...others] = rest;
    return query({ name: nameOf(first), text: first, values }, ...others);
  }) as typeof client.query;
}

/** The same text has the same name on every connection. */
const statementNames = new Map<string, string>();

function nameOf(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = `jigeum ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    statementNames.set(text, name);
  }
  return name;
}

/** A visitor has gone after so long, and a page that needs more is a fault of ours. */
const SCAN_STATEMENT_MS = 2_000;
/** Who waits longer for a free connection is told that there are too many visitors. */
const SCAN_WAIT_MS = 1_500;

/** Opens the pool of the public scanner. Its role reads the index of the chain and nothing else. */
export const openScanDb = (options: Omit<DbOptions, 'applicationName' | 'reader'>) =>
  openDb({
    ...options,
    applicationName: 'jigeum scan',
    reader: { role: 'jigeum_scan', statementMs: SCAN_STATEMENT_MS, waitMs: SCAN_WAIT_MS },
  });

/** The driver lets an address win over a password beside it, also one without a password: so the address is read here. */
export function connectionOf({ url, password }: Pick<DbOptions, 'url' | 'password'>): pg.PoolConfig {
  if (password === undefined) return { connectionString: url };
  return { ...parseIntoClientConfig(url), password };
}

/** A `bigint` that counts something small (a nonce, a block number, a count) as a `number`. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`Expected an integer below 2^53, got ${value}.`);
  return number;
}

/** Serialization failure and deadlock: PostgreSQL has rolled back and says that the same work may succeed now. */
const RETRYABLE = new Set(['40001', '40P01']);
const ATTEMPTS_MAX = 5;

/** The connection broke while COMMIT was under way: the effect may or may not be there. Read before you write again. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError';
}

/**
 * Repeats what PostgreSQL has broken off because of a deadlock or a serialization failure, five times at most. For work
 * that is one statement or one transaction and has no effect outside the database.
 */
export async function withRetries<T>(deps: { clock: Pick<Clock, 'after'> }, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (!(typeof code === 'string' && RETRYABLE.has(code) && attempt < ATTEMPTS_MAX)) throw error;
      await sleep(deps.clock, attempt * attempt * 5);
    }
  }
}

/**
 * Runs `work` in one READ COMMITTED transaction and commits. Repeats it like `withRetries`, so `work` must have no effect
 * outside the database. Throws `CommitUnknownError` where COMMIT was sent and no answer came; that is never repeated.
 */
export const inTrx = <T>(deps: { db: Db; clock: Pick<Clock, 'after'> }, work: (trx: Trx) => Promise<T>): Promise<T> =>
  withRetries(deps, () => onceInTrx(deps, work));

async function onceInTrx<T>(deps: { db: Db }, work: (trx: Trx) => Promise<T>): Promise<T> {
  let hasReturned = false;
  try {
    return await deps.db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        const value = await work(trx);
        hasReturned = true;
        return value;
      });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // PostgreSQL answers a refused COMMIT with a five-character SQLSTATE; anything else is a lost connection.
    const isAnswered = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57P0)/.test(code);
    if (hasReturned && !isAnswered)
      throw new CommitUnknownError('No answer to COMMIT: the effect may or may not have happened.', {
        cause: error,
      });
    throw error;
  }
}

import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { CommitUnknownError, inTrx, openDb, safeNumber } from './db.ts';
import { rateLimit } from './rate-limit.ts';
import { createTestDeps } from './testing.ts';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.database.drop());

test('amounts and int8 arrive as bigint, without rounding', async () => {
  const { rows } =
    await sql`select 115792089237316195423570985008687907853269984665640564039457584007913129639935::numeric(78,0) as amount,
    9223372036854775807::int8 as id, 7::int4 as count, '2026-01-02'::date as on_day, null::numeric as nothing`.execute(
      deps.db,
    );
  expect(rows).toEqual([
    { amount: 2n ** 256n - 1n, id: 2n ** 63n - 1n, count: 7, on_day: '2026-01-02', nothing: null },
  ]);
});

test('a bigint becomes a number only where nothing is lost', () => {
  expect(safeNumber(2n ** 53n - 1n)).toBe(2 ** 53 - 1);
  expect(() => safeNumber(2n ** 53n)).toThrow(RangeError);
});

describe('a transaction', () => {
  test('that deadlocks with another is run again, and both have their effect', async () => {
    await sql`insert into rate_counts values ('lock', 'a', 'epoch', 0), ('lock', 'b', 'epoch', 0)`.execute(deps.db);
    let arrived = 0;
    let meet!: () => void;
    const both = new Promise<void>((resolve) => (meet = resolve));
    let commit!: () => void;
    const oneHasCommitted = new Promise<void>((resolve) => (commit = resolve));
    const bump = async (first: string, second: string) => {
      let attempt = 0;
      const attempts = await inTrx(deps, async (trx) => {
        // A row whose lock has just been given up is anybody's: too early, this one would deadlock with the other again.
        if (++attempt > 1) await oneHasCommitted;
        await sql`update rate_counts set hits = hits + 1 where scope = 'lock' and subject = ${first}`.execute(trx);
        if (attempt === 1) {
          if (++arrived === 2) meet();
          await both;
        }
        await sql`update rate_counts set hits = hits + 1 where scope = 'lock' and subject = ${second}`.execute(trx);
        return attempt;
      });
      commit();
      return attempts;
    };
    const attempts = await Promise.all([bump('a', 'b'), bump('b', 'a')]);
    expect(attempts.sort()).toEqual([1, 2]);
    const { rows } = await sql`select hits from rate_counts where scope = 'lock'`.execute(deps.db);
    expect(rows).toEqual([{ hits: 2 }, { hits: 2 }]);
  });

  test('whose connection dies before COMMIT has failed; one whose COMMIT gets no answer is unknown, and neither is repeated', async () => {
    let runs = 0;
    const dying = inTrx(deps, async (trx) => {
      runs++;
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx);
    });
    await expect(dying).rejects.not.toBeInstanceOf(CommitUnknownError);
    const unanswered = inTrx(deps, async (trx) => {
      runs++;
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(deps.db);
      await new Promise((resume) => setTimeout(resume, 50));
    });
    await expect(unanswered).rejects.toBeInstanceOf(CommitUnknownError);
    expect(runs).toBe(2);
  });

  test('refused by a constraint at COMMIT is a refusal, not unknown', async () => {
    // The postings of a journal entry are checked at COMMIT.
    const id = deps.ids.uuid(0);
    const refused = inTrx(deps, async (trx) => {
      await sql`insert into tokens (id, symbol, name, decimals, chain_id, state, created_at)
        values (${id}, 'TST', 'x', 0, 7, 'creating', now())`.execute(trx);
      await sql`insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
        values (${id}, 'transfer', ${id}, 1, now())`.execute(trx);
      await sql`insert into journal_postings (entry_id, line, token_id, amount) values (${id}, 1, ${id}, 5)`.execute(
        trx,
      );
    });
    await expect(refused).rejects.toMatchObject({ code: '23514' });
  });
});

describe('a connection that cannot be had', () => {
  const impatient = (url: string) =>
    openDb({
      ...{ url, connectionsMax: 1, applicationName: 'jigeum test' },
      reader: { role: 'jigeum_scan', statementMs: 60_000, waitMs: 100 },
    });

  test('because all are in use has a code, by which it is known that nothing was asked', async () => {
    const { db, close } = impatient(deps.database.url);
    const isAnswered = () =>
      sql`select 1`.execute(db).then(
        () => true,
        () => false,
      );
    await expect.poll(isAnswered).toBe(true);
    await db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      await expect(sql`select 1`.execute(db)).rejects.toMatchObject({ code: '08001' });
    });
    await close();
  });

  test('because nobody answers in time has one too', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { db, close } = impatient(`postgres://nobody@127.0.0.1:${port}/none`);
    await expect(sql`select 1`.execute(db)).rejects.toMatchObject({ code: '08001' });
    await close();
    silent.close();
  });
});

describe('a rate', () => {
  const hit = (subject: string) => rateLimit(deps, { scope: 'test', subject, max: 3, windowSeconds: 60 });

  test('is counted for each subject and begins anew with its window', async () => {
    for (let index = 0; index < 3; index++) await hit('one');
    await expect(hit('one')).rejects.toMatchObject({ code: 'rate-limited', extras: { retryAfterSeconds: 60 } });
    await hit('two');
    deps.clock.advance(60_000);
    await hit('one');
  });

  test('lets exactly the allowed number of parallel hits through', async () => {
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => hit('parallel')));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(3);
  });
});

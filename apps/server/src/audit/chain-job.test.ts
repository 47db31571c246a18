import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { createHash } from 'node:crypto';
import { audit, auditAll, inTrx, type AuditEntry } from '#platform';
import { createTestDeps } from '#testing';
import { CHAIN_BOUNDS, chainAuditJob, chainRows } from './chain-job.ts';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
beforeEach(async () => {
  deps = await createTestDeps();
});
afterEach(() => deps.database.drop());

const act = (why: string): AuditEntry => ({ actor: 'job:test', act: 'key.opened', subject: null, facts: { why } });
const write = (why: string) => inTrx(deps, (trx) => audit(deps, trx, act(why)));
const chain = () => inTrx(deps, (trx) => chainRows(deps, trx, CHAIN_BOUNDS));

/** The chained rows in their order: number and the fact by which the test knows them. */
async function chained(): Promise<string[]> {
  const { rows } = await sql<{ seq: bigint; facts: string }>`
    select l.seq, a.facts from audit_links l join audit_log a on a.id = l.row_id order by l.seq
  `.execute(deps.db);
  return rows.map((row) => `${row.seq} ${(JSON.parse(row.facts) as { why: string }).why}`);
}

/** A transaction that has written a row and stays open until `end` is called. */
async function openTransaction(why: string): Promise<{ end(): Promise<void> }> {
  let end!: () => void;
  const mayEnd = new Promise<void>((resolve) => (end = resolve));
  let written!: () => void;
  const isWritten = new Promise<void>((resolve) => (written = resolve));
  const done = inTrx(deps, async (trx) => {
    await audit(deps, trx, act(why));
    written();
    await mayEnd;
  });
  await isWritten;
  return {
    async end() {
      end();
      await done;
    },
  };
}

describe('the chain over the audit log', () => {
  test('numbers rows from 1 without gaps, and hashes each with the one before', async () => {
    await write('a');
    await write('b');
    expect(await chain()).toEqual({ count: 2, isComplete: true });
    await write('c');
    await chain();
    await chain();
    expect(await chained()).toEqual(['1 a', '2 b', '3 c']);

    // Made here from the specification alone.
    const { rows } = await sql<Record<string, string>>`
      select l.seq, a.trx, encode(a.mac, 'hex') as mac, a.id, (extract(epoch from a.at) * 1000000)::bigint as at,
             a.actor, a.act, a.request, a.facts, encode(l.hash, 'hex') as hash
      from audit_links l join audit_log a on a.id = l.row_id order by l.seq
    `.execute(deps.db);
    let previous = '0'.repeat(64);
    for (const row of rows) {
      const lines = [
        ...['jigeum audit link 1', row['seq'], previous, row['trx'], row['mac']],
        ...['jigeum audit row 1', row['id'], row['at'], row['actor'], row['act'], '', row['request'], row['facts']],
      ];
      previous = createHash('sha256').update(lines.join('\n')).digest('hex');
      expect(row['hash']).toBe(previous);
    }
  });

  test('goes on while a transaction is open, and takes its rows when it ends', async () => {
    const open = await openTransaction('early');
    await write('late');
    await chain();
    expect(await chained()).toEqual(['1 late']);
    await write('later');
    await chain();
    await open.end();
    await write('last');
    await chain();
    expect(await chained()).toEqual(['1 late', '2 later', '3 early', '4 last']);
  });

  test('takes nothing of a transaction that was rolled back', async () => {
    await expect(
      inTrx(deps, async (trx) => {
        await audit(deps, trx, act('undone'));
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    await write('done');
    await chain();
    expect(await chained()).toEqual(['1 done']);
  });

  test('is written by one process at a time: the other finds nothing to do', async () => {
    await write('a');
    await inTrx(deps, async (trx) => {
      expect(await chainRows(deps, trx, CHAIN_BOUNDS)).toEqual({ count: 1, isComplete: true });
      expect(await chain()).toEqual({ count: 0, isComplete: true });
    });
    expect(await chained()).toEqual(['1 a']);
  });

  test('loses nothing where a run ends before its commit', async () => {
    await write('a');
    const killed = inTrx(deps, async (trx) => {
      await chainRows(deps, trx, CHAIN_BOUNDS);
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx);
    });
    await expect(killed).rejects.toThrow();
    await write('b');
    await chain();
    expect(await chained()).toEqual(['1 a', '2 b']);
  });

  test('takes every row that has no link after a restore into another cluster, whose transaction ids mean nothing', async () => {
    await write('a');
    await chain();
    await write('b');
    const far = '900000000000:900000000000:';
    await sql`update audit_progress set seen = ${far}, cluster = 'another'`.execute(deps.db);
    await chain();
    expect(await chained()).toEqual(['1 a', '2 b']);
    await write('c');
    await chain();
    expect(await chained()).toEqual(['1 a', '2 b', '3 c']);
  });

  test('takes a row that the platform has not written, so that it stays, and raises an alarm of it', async () => {
    await write('honest');
    await sql`
      insert into audit_log (id, at, actor, act, subject, request, facts, mac)
      values ('018bcfe5-6800-7000-8000-00000000000f', now(), 'operator', 'key.opened', null, '', '{"why":"forged"}', decode(repeat('00', 32), 'hex'))
    `.execute(deps.db);
    await chain();
    expect((await chained()).map((line) => line.slice(2)).sort()).toEqual(['forged', 'honest']);
    const { rows } = await sql`select kind, subject from alarms`.execute(deps.db);
    expect(rows).toEqual([{ kind: 'audit-broken', subject: '018bcfe5-6800-7000-8000-00000000000f' }]);
  });

  test('is made in bounded transactions, one after the other, where many rows wait', async () => {
    const many = Array.from({ length: 10 }, (_, index) => act(String(index)));
    for (let times = 0; times < 5; times++) await inTrx(deps, (trx) => auditAll(deps, trx, many));
    const job = chainAuditJob(deps, { batch: 3, batchesMax: 4 });
    const signal = new AbortController().signal;
    const results: string[] = [];
    do results.push(await job.run(signal));
    while (results.at(-1) === 'more');
    expect(results).toEqual(['more', 'more', 'more', 'more', 'idle']);
    const { rows } = await sql<{ count: bigint; newest: bigint; rows: bigint }>`
      select count(*) as count, max(seq) as newest, count(distinct row_id) as rows from audit_links`.execute(deps.db);
    expect(rows).toEqual([{ count: 50n, newest: 50n, rows: 50n }]);
  });
});

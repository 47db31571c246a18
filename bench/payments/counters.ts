/** What payments cost: processor time of each part with all its processes, statements, and waits for the disk. */
import { readFileSync } from 'node:fs';
import { kill } from 'node:process';
import { systemClock } from '@jigeum/std';
import type pg from 'pg';
import { cpuTimeOfTreeMs } from '../cpu-time.ts';

/** The parts of an instance whose time is a payment's. */
export type PartTimes = Readonly<Record<'server' | 'postgres' | 'node', number>>;

/** Milliseconds of processor time of each part so far. */
export const partTimes = (pidOf: (part: keyof PartTimes) => number): PartTimes => ({
  server: cpuTimeOfTreeMs(pidOf('server')),
  postgres: cpuTimeOfTreeMs(pidOf('postgres')),
  node: cpuTimeOfTreeMs(pidOf('node')),
});

/** What PostgreSQL has done so far for the server's role. */
export interface DatabaseCounts {
  readonly statements: number;
  readonly commits: number;
  readonly walSyncs: number;
  readonly walBytes: number;
  readonly top: readonly { readonly calls: number; readonly totalMs: number; readonly query: string }[];
}

const RESTARTED_WITHIN_MS = 60_000;
const POLL_MS = 100;
const TOP = 40;

/**
 * Has PostgreSQL count statements, which needs a restart: it is ended here, and its supervisor starts it again. Nothing is
 * counted before `countStatements`, because counting costs a little itself.
 */
export async function loadStatementCounter(connect: () => Promise<pg.Client>): Promise<void> {
  const before = await connect();
  before.on('error', () => undefined);
  await before.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`);
  await before.query(`alter system set "pg_stat_statements.track" = 'none'`);
  const { rows } = await before.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  kill(Number.parseInt(readFileSync(`${rows[0]!.folder}/postmaster.pid`, 'utf8'), 10), 'SIGINT');
  const deadlineMs = systemClock.monotonicMs() + RESTARTED_WITHIN_MS;
  for (;;) {
    try {
      const client = await connect();
      const { rows } = await client.query<{ libraries: string }>(
        `select current_setting('shared_preload_libraries') as libraries`,
      );
      if (rows[0]?.libraries === 'pg_stat_statements') {
        await client.query('create extension if not exists pg_stat_statements');
        await client.end();
        return;
      }
      await client.end();
    } catch (error) {
      if (systemClock.monotonicMs() > deadlineMs) throw error;
    }
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** Begins or ends the counting of statements, of every connection. */
export async function countStatements(owner: pg.Client, isOn: boolean): Promise<void> {
  await owner.query(`alter system set "pg_stat_statements.track" = '${isOn ? 'top' : 'none'}'`);
  await owner.query('select pg_reload_conf()');
  await new Promise((resume) => setTimeout(resume, POLL_MS * 5));
  if (isOn) await owner.query('select pg_stat_statements_reset()');
}

/** The counts so far, once the statistics of all connections are written. */
export async function databaseCounts(owner: pg.Client): Promise<DatabaseCounts> {
  const one = async <T extends pg.QueryResultRow>(text: string): Promise<T> => (await owner.query<T>(text)).rows[0]!;
  const { statements } = await one<{ statements: number }>(
    `select coalesce(sum(calls), 0)::int as statements from pg_stat_statements
     where userid = 'jigeum_server'::regrole`,
  );
  const { commits } = await one<{ commits: number }>(
    `select xact_commit::int as commits from pg_stat_database where datname = current_database()`,
  );
  const { syncs } = await one<{ syncs: number }>(
    `select coalesce(sum(fsyncs), 0)::int as syncs from pg_stat_io where object = 'wal'`,
  );
  const { bytes } = await one<{ bytes: number }>(`select wal_bytes::float8 as bytes from pg_stat_wal`);
  const { rows: top } = await owner.query<{ calls: number; totalMs: number; query: string }>(
    `select calls::int as calls, total_exec_time + total_plan_time as "totalMs", query from pg_stat_statements
     where userid = 'jigeum_server'::regrole order by total_exec_time + total_plan_time desc limit ${TOP}`,
  );
  return { statements, commits, walSyncs: syncs, walBytes: bytes, top };
}

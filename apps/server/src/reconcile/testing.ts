/** A platform whose ledger, index and reconciler run when a test says so. */
import { sql } from 'kysely';
import type { Deps } from '#deps';
import { chargeHooks } from '#charges';
import { scanJob } from '#scanner';
import { confirmJob } from '#transfers';
import type { TestMember, TestPlatform } from '../transfers/testing.ts';
import { reconcileJob } from './reconcile-job.ts';

const signal = new AbortController().signal;

/** Brings index and ledger to the head, then compares once. */
export async function reconcileNow(platform: TestPlatform, deps: Deps = platform.deps): Promise<void> {
  await followChain(deps);
  await reconcileJob(deps).run(signal);
}

/** Index and posted block are at the head. */
export async function followChain(deps: Deps): Promise<void> {
  while ((await scanJob(deps).run(signal)) === 'more');
  await confirmJob(deps, chargeHooks(deps)).run(signal);
}

export async function findingsOf(
  deps: Pick<Deps, 'db'>,
): Promise<{ wallet_id: string; ledger: bigint; chain: bigint; unknown_hashes: string[]; decision: string | null }[]> {
  const { rows } = await sql<{
    wallet_id: string;
    ledger: bigint;
    chain: bigint;
    unknown_hashes: string[];
    decision: string | null;
  }>`select wallet_id, ledger, chain, unknown_hashes, decision from reconcile_findings order by found_at, wallet_id`.execute(
    deps.db,
  );
  return rows;
}

export async function openAlarms(deps: Pick<Deps, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ kind: string }>`
    select distinct kind from alarms where resolved_at is null order by kind
  `.execute(deps.db);
  return rows.map((row) => row.kind);
}

export async function openStops(deps: Pick<Deps, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ stop: string }>`
    select scope || ' ' || cause as stop from outflow_stops where lifted_at is null order by stop
  `.execute(deps.db);
  return rows.map((row) => row.stop);
}

/** The refusal of a payment, or `signed`. */
export const tryToPay = (platform: TestPlatform, payer: TestMember, payee: TestMember, deps?: Deps): Promise<string> =>
  platform.pay(payer, payee, 1n, undefined, deps).then(
    () => 'signed',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

/**
 * Chains the rows of the audit log, a moment after they are written: gives them numbers without gaps and a hash over all
 * that came before. Any process may run it; the lock of one row decides which. What it has done is committed whole or not
 * at all, so a kill costs nothing.
 *
 * The order is that in which their transactions were seen to have ended. A row of a transaction that is still open is not
 * there yet for anybody; the snapshot that is kept (`audit_progress.seen`) says which rows were there at the last run, so
 * it is chained by the first run after its commit, whatever was chained meanwhile.
 */
import type { Deps } from '#deps';
import { failpoint, inTrx, raiseAlarm, rowMac, type Job, type Trx } from '#platform';
import { GENESIS_HASH, linkHash } from './link.ts';
import * as store from './store.ts';

export interface ChainBounds {
  /** Rows of one statement. */
  batch: number;
  /** Statements of one transaction, so that a log that nobody has chained for long does not make an endless one. */
  batchesMax: number;
}

/** Some megabytes at once; a minute's worth of a busy platform in one transaction. */
export const CHAIN_BOUNDS: ChainBounds = { batch: 4_000, batchesMax: 10 };
/** A row is chained at most about this long after its commit. */
const INTERVAL_MS = 500;

/** Alarms of one statement's rows: one is enough to look. */
const ALARMS_MAX = 5;

type ChainDeps = Pick<Deps, 'secrets' | 'metrics' | 'clock' | 'ids' | 'log'>;

export function chainAuditJob(deps: ChainDeps & Pick<Deps, 'db'>, bounds: ChainBounds): Job {
  const chained = deps.metrics.counter('audit_links_total', 'Rows of the audit log that were chained.', []);
  return {
    name: 'chain-audit',
    intervalMs: INTERVAL_MS,
    async run() {
      const done = await inTrx(deps, (trx) => chainRows(deps, trx, bounds));
      chained.inc({}, done.count);
      return done.isComplete ? 'idle' : 'more';
    },
  };
}

/**
 * Chains what has been committed and is not chained. `isComplete`: nothing was left when it began. A row that the platform has
 * not written is chained like the others, so that it cannot be taken back, and raises `audit-broken`.
 */
export async function chainRows(
  deps: ChainDeps,
  trx: Trx,
  { batch, batchesMax }: ChainBounds,
): Promise<{ count: number; isComplete: boolean }> {
  const progress = await store.lockChain(trx);
  if (progress === undefined) return { count: 0, isComplete: true };
  const until = await store.currentSnapshot(trx);
  let newest = (await store.newestLink(trx)) ?? { seq: 0n, hash: GENESIS_HASH };
  let after: store.UnlinkedRow | undefined;
  let count = 0;
  for (let turn = 0; turn < batchesMax; turn++) {
    const rows = await store.unlinkedRows(trx, { seen: progress.seen, until, after, limit: batch });
    if (rows.length > 0) {
      await alarmOfForged(deps, trx, rows);
      const links = linksOf(deps, rows, newest);
      await store.insertLinks(trx, links);
      await failpoint('F14-in-audit-append');
      newest = links.at(-1)!;
      count += rows.length;
    }
    if (rows.length < batch) {
      if (count > 0 || progress.seen === null) await store.saveSeen(trx, { seen: until, cluster: progress.cluster });
      return { count, isComplete: true };
    }
    after = rows.at(-1)!;
  }
  return { count, isComplete: false };
}

async function alarmOfForged(deps: ChainDeps, trx: Trx, rows: readonly store.UnlinkedRow[]): Promise<void> {
  const forged = rows.filter(({ text, mac }) => Buffer.from(rowMac(deps, text)).toString('hex') !== mac);
  for (const { id } of forged.slice(0, ALARMS_MAX))
    await raiseAlarm(deps, trx, {
      kind: 'audit-broken',
      subject: id,
      detail: `Expected a row of the audit log as the platform has written it, got one whose HMAC does not fit (one of ${forged.length}). Somebody has written to the database, or the server key is another one. Keep a copy of the database as it is, and run: jigeum audit verify`,
    });
}

/** The links of rows that follow `newest`. */
function linksOf(
  deps: Pick<Deps, 'secrets'>,
  rows: readonly store.UnlinkedRow[],
  newest: store.NewestLink,
): store.NewLink[] {
  let { seq, hash } = newest;
  return rows.map((row) => {
    seq += 1n;
    hash = linkHash({ seq, previous: hash, trx: row.trx, rowMac: row.mac, rowText: row.text });
    return { seq, rowId: row.id, hash, mac: linkMac(deps, hash) };
  });
}

/**
 * HMAC of a link's hash under a key of the server key: without that key nobody can make links of their own, not even of
 * rows that no checkpoint covers yet.
 */
export const linkMac = (deps: Pick<Deps, 'secrets'>, hash: string): Uint8Array =>
  deps.secrets.hmac('audit link', Buffer.from(hash, 'hex'));

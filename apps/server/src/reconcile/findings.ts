/** What a comparison has found: kept as a row that names everything, told as an alarm, and a reason to sign nothing. */
import type { Deps } from '#deps';
import { inTrx, raiseAlarm, type Alarm, type Trx } from '#platform';
import { recordStop, waitForSigners, type StopScope } from '#protection';
import type { Difference } from './compare.ts';
import * as figureRows from './store/figures.ts';
import * as findingRows from './store/findings.ts';

export type FindingDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'secrets' | 'log' | 'metrics' | 'config'>;

/** What an operator reads of a difference. */
export const subjectOf = (each: { walletId: string; symbol: string }): string => `${each.walletId} ${each.symbol}`;

/**
 * Records each difference that is new, raises its alarm and stops outflow until an operator decides. One that an operator
 * has decided to live with is no news while it stays the same. True where anything was stopped.
 */
export async function recordDifferences(deps: FindingDeps, differences: readonly Difference[]): Promise<boolean> {
  let isStopped = false;
  for (const difference of differences) {
    if ((await findingRows.toleratedDifference(deps.db, difference)) === difference.chain - difference.ledger) continue;
    const lastEntryId = await figureRows.lastEntry(deps.db, difference);
    const unknownHashes = await figureRows.unknownTransactions(deps.db, difference.address);
    const detail = describeDifference({ ...difference, lastEntryId, unknownHashes });
    const isNew = await inTrx(deps, async (trx) => {
      const at = new Date(deps.clock.nowMs());
      const { walletId, tokenId, ledger, chain, block } = difference;
      const id = deps.ids.uuid(at.getTime());
      const finding = { id, walletId, tokenId, ledger, chain, block, lastEntryId, unknownHashes, at };
      if (!(await findingRows.insertFinding(trx, finding))) return false;
      await stopFor(deps, trx, { on: { scope: 'wallet', walletId }, reason: detail });
      return true;
    });
    isStopped ||= isNew;
    await raiseAlarm(deps, deps.db, { kind: 'ledger-differs', subject: subjectOf(difference), detail });
  }
  if (isStopped) await waitForSigners(deps);
  return isStopped;
}

/** Stops what the configuration says: the platform, or only what the finding is about. */
async function stopFor(
  deps: FindingDeps,
  trx: Trx,
  input: { on: StopScope; reason: string },
): Promise<{ isNew: boolean }> {
  const on: StopScope = deps.config.mismatchStops === 'platform' ? { scope: 'platform' } : input.on;
  return await recordStop(deps, trx, { on, cause: 'mismatch', reason: input.reason, by: 'job:reconcile' });
}

/** An alarm about something that belongs to no single wallet, and the stop that goes with it. */
export async function alarmAndStop(deps: FindingDeps, alarm: Alarm, on: StopScope): Promise<void> {
  const isNew = await raiseAlarm(deps, deps.db, alarm);
  // An operator who has lifted the stop and left the alarm open has decided.
  if (!isNew) return;
  await inTrx(deps, (trx) => stopFor(deps, trx, { on, reason: alarm.detail }));
  await waitForSigners(deps);
}

export function describeDifference(
  each: Difference & { lastEntryId: string | null; unknownHashes: readonly string[] },
): string {
  const unknown =
    each.unknownHashes.length === 0
      ? 'No unknown transaction explains it.'
      : `Transactions that this ledger does not know: ${each.unknownHashes.join(', ')}.`;
  return [
    `Expected ${each.ledger} base units of ${each.symbol} at ${each.address} (the ledger, block ${each.block}), got ${each.chain} on the chain:`,
    `${each.chain - each.ledger} more than the ledger says.`,
    `Last journal entry: ${each.lastEntryId ?? 'none'}. ${unknown}`,
    'Look with "jigeum reconcile", then decide with "jigeum reconcile decide".',
  ].join(' ');
}

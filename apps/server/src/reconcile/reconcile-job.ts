/**
 * The reconciler: at each block it compares what the block or anybody's statement has touched, and sweeps over all wallets
 * besides. One process at a time does it, by a lease; any number may run the job.
 */
import type { Deps } from '#deps';
import { measureAlarms, type Job } from '#platform';
import { isQuarantined } from '#protection';
import { compareWallets, surely } from './compare.ts';
import { recordDifferences, type FindingDeps } from './findings.ts';
import { checkEntries, checkHolds, checkSums, checkSupply, gasChecker } from './own-checks.ts';
import { enterQuarantine } from './quarantine.ts';
import { sumsSweep } from './sums-sweep.ts';
import { watcher } from './watch.ts';
import * as figureRows from './store/figures.ts';
import * as progressRows from './store/progress.ts';

/** Touched wallets of one run: more than a block can touch at the rate that is promised. What is beyond is swept. */
const TOUCHED_MAX = 4_000;
/** Wallets of one step of the sweep. At one step a run, 100,000 wallets are compared within four minutes. */
const SWEEP_AT_ONCE = 500;
/** Whoever dies with the lease gives it back after this. Longer than a run can take: its node calls have a timeout. */
const LEASE_MS = 30_000;
/** Sums over whole tables are made once in so many runs. */
const SUMS_EVERY = 10;

/** Runs once a second; a run with nothing new compares the next step of the sweep and nothing else. */
export function reconcileJob(deps: FindingDeps): Job {
  const checkGas = gasChecker(deps);
  const watch = watcher(deps);
  const sweepSums = sumsSweep({
    clock: deps.clock,
    page: async (input) => {
      const wallets = await figureRows.walletPage(deps.db, { chainId: deps.chain.chainId, ...input });
      return wallets.map(({ id }) => id);
    },
    check: (walletIds) => checkSums(deps, walletIds),
  });
  let runs = 0;
  return {
    name: 'reconcile',
    intervalMs: 1_000,
    async run(signal) {
      await watch();
      await measureAlarms(deps, deps.db);
      const chainId = deps.chain.chainId;
      const comparable = await figureRows.comparableBlock(deps.db, chainId);
      if (comparable === undefined) return 'idle';
      const now = new Date(deps.clock.nowMs());
      const until = new Date(now.getTime() + LEASE_MS);
      const progress = await progressRows.takeLease(deps.db, { chainId, block: comparable.block, now, until });
      if (progress === undefined) return 'idle';
      try {
        // What a quarantine explains is no news; recovery compares everything.
        const isExplained = await isQuarantined(deps.db);
        await compareOnce(deps, { progress, block: comparable.block, isExplained, signal });
        if (runs++ % SUMS_EVERY === 0 && !isExplained && !signal.aborted) {
          await checkSupply(deps, comparable.block);
          await checkGas();
        }
        if (!signal.aborted) await sweepSums();
      } finally {
        await progressRows.giveLeaseBack(deps.db, { chainId, now: new Date(deps.clock.nowMs()) });
      }
      return 'idle';
    },
  };
}

async function compareOnce(
  deps: FindingDeps,
  input: { progress: progressRows.Progress; block: number; isExplained: boolean; signal: AbortSignal },
): Promise<void> {
  const { progress, block, signal } = input;
  const chainId = deps.chain.chainId;
  const blocks = { after: Number(progress.checked_block), upTo: block };
  const foreign = await figureRows.foreignSignatures(deps.db, blocks);
  if (foreign.length > 0) {
    await enterQuarantine(deps, {
      fromBlock: blocks.after,
      found: `Transactions that a key of this platform has signed and this database has not: ${foreign.join(', ')}.`,
    });
  }
  const byChain = await figureRows.walletsTouchedByChain(deps.db, { ...blocks, limit: TOUCHED_MAX });
  const changed = await progressRows.walletsChangedSince(deps.db, { seenTrx: progress.seen_trx, limit: TOUCHED_MAX });
  const sweep = await figureRows.walletPage(deps.db, { chainId, afterId: progress.sweep_after, limit: SWEEP_AT_ONCE });
  const swept = sweep.map((wallet) => wallet.id);
  const touched = [...new Set([...byChain, ...changed.walletIds])];

  if (!input.isExplained) await compareAndRecord(deps, { walletIds: [...new Set([...touched, ...swept])], block });
  await checkEntries(deps, blocks);
  await checkHolds(deps, swept);
  await checkNonces(deps, { wallets: sweep, block });
  if (signal.aborted) return;

  const isRound = sweep.length < SWEEP_AT_ONCE;
  const now = new Date(deps.clock.nowMs());
  const atStart = progress.sweep_after === null;
  await progressRows.saveProgress(deps.db, {
    chainId,
    block: Math.max(block, blocks.after),
    seenTrx: changed.seenTrx,
    sweepAfter: isRound ? null : swept.at(-1)!,
    sweepStartedAt: atStart ? now : progress.sweep_started_at,
    sweepEndedAt: isRound ? now : progress.sweep_ended_at,
    now,
  });
}

/** Compares, looks at what differs once more, and records what is left; in quarantine it only counts. */
export async function compareAndRecord(
  deps: FindingDeps,
  input: { walletIds: readonly string[]; block: number; isExplained?: boolean },
): Promise<{ figures: number; differences: number }> {
  const { figures, differences } = await compareWallets(deps, input);
  const sure = await surely(deps, differences);
  if (input.isExplained !== true) await recordDifferences(deps, sure);
  deps.metrics.counter('reconciled_figures_total', 'Balances that were compared with the chain.').inc(figures);
  return { figures, differences: sure.length };
}

/** A wallet of which the chain counts more transactions than were signed here: this database is older than the chain. */
export async function checkNonces(
  deps: FindingDeps & Pick<Deps, 'db'>,
  input: { wallets: readonly { id: string; address: string; next_nonce: bigint }[]; block: number },
): Promise<number> {
  if (input.wallets.length === 0) return 0;
  const nonces = await deps.chain.stateAt(input.block).nonces(input.wallets.map((wallet) => wallet.address));
  const ahead = input.wallets.filter((wallet, index) => BigInt(nonces[index]!) > wallet.next_nonce);
  const [first] = ahead;
  if (first === undefined) return 0;
  await enterQuarantine(deps, {
    fromBlock: null,
    found: `The chain counts more transactions of ${ahead.length} wallets than this database has signed, the first of them ${first.address}.`,
  });
  return ahead.length;
}

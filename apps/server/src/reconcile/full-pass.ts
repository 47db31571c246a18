/** A whole comparison, a bounded part at a call: the command goes on where the answer says. */
import type { CallOutput } from '@jigeum/api';
import type { Deps } from '#deps';
import { AppError } from '#platform';
import { isQuarantined } from '#protection';
import { compareAndRecord, checkNonces } from './reconcile-job.ts';
import { checkEntries, checkHolds, checkSums, checkSupply, gasChecker } from './own-checks.ts';
import type { FindingDeps } from './findings.ts';
import * as figureRows from './store/figures.ts';
import * as outboxRows from './store/ended.ts';
import * as progressRows from './store/progress.ts';

/** Wallets of one call. */
const WALLETS_AT_ONCE = 4_000;
/** Transactions of one call, each asked for on the chain. */
const TRANSACTIONS_AT_ONCE = 4_000;

/** Compares the next wallets at `block` (the first call: the newest comparable) and checks their holds, sums and nonces. */
export async function comparePage(
  deps: FindingDeps,
  input: { after: string | null; block: number | null },
): Promise<CallOutput<'operatorReconcileWallets'>> {
  const block = input.block ?? (await newestBlock(deps));
  const wallets = await figureRows.walletPage(deps.db, {
    chainId: deps.chain.chainId,
    afterId: input.after,
    limit: WALLETS_AT_ONCE,
  });
  const walletIds = wallets.map((wallet) => wallet.id);
  const isExplained = await isQuarantined(deps.db);
  const { figures, differences } = await compareAndRecord(deps, { walletIds, block, isExplained });
  const broken = (await checkHolds(deps, walletIds)) + (await checkSums(deps, walletIds));
  const ahead = await checkNonces(deps, { wallets, block });
  return {
    block,
    wallets: wallets.length,
    figures,
    differences,
    broken,
    ahead,
    next: wallets.length < WALLETS_AT_ONCE ? null : wallets.at(-1)!.id,
  };
}

/** Asks the chain for the next transactions that ended here: each is in the block, and has the end, that this database says. */
export async function compareTransactions(
  deps: FindingDeps,
  input: { after: string | null },
): Promise<CallOutput<'operatorReconcileTransactions'>> {
  const rows = await outboxRows.endedPage(deps.db, { afterId: input.after, limit: TRANSACTIONS_AT_ONCE });
  const outcomes = await deps.chain.outcomes(rows.map((row) => row.hash));
  const wrong = rows.filter((row, index) => {
    const outcome = outcomes[index]!;
    if (row.state === 'superseded') return outcome.kind === 'final';
    return (
      outcome.kind !== 'final' ||
      outcome.isSuccess !== (row.state === 'final') ||
      BigInt(outcome.blockNumber) !== row.block_number
    );
  });
  const withoutEntry = await outboxRows.transfersWithoutEntry(
    deps.db,
    rows.filter((row) => row.purpose === 'transfer' && row.state === 'final').map((row) => row.source_id),
  );
  return {
    transactions: rows.length,
    wrong: wrong.map((row) => `0x${row.hash.toString('hex')}`),
    withoutEntry,
    next: rows.length < TRANSACTIONS_AT_ONCE ? null : rows.at(-1)!.id,
  };
}

/** Sums: supply, the platform's coin, entries, and how far the continuous comparison is. */
export async function compareSums(deps: FindingDeps): Promise<CallOutput<'operatorReconcileSums'>> {
  const block = await newestBlock(deps);
  const { figures } = await checkSupply(deps, block);
  const gas = await gasChecker(deps)();
  const brokenEntries = await checkEntries(deps, { after: -1, upTo: block });
  const progress = await progressRows.progressOf(deps.db, deps.chain.chainId);
  return {
    block,
    supply: figures.map(({ symbol, supply, issued, balances, expected }) => ({
      ...{ tokenSymbol: symbol, chain: supply, issued, wallets: balances, expected },
    })),
    coin: gas.map(({ kind, chain, available, promised }) => ({ wallet: kind, chain, available, promised })),
    brokenEntries,
    checkedBlock: progress === undefined ? null : Number(progress.checked_block),
    sweptAt: progress?.sweep_ended_at?.toISOString() ?? null,
  };
}

async function newestBlock(deps: Pick<Deps, 'db' | 'chain'>): Promise<number> {
  const comparable = await figureRows.comparableBlock(deps.db, deps.chain.chainId);
  if (comparable === undefined)
    throw new AppError('service-busy', {
      detail: 'Expected a posted block to compare with, got none yet. Is a worker running?',
      retryAfterSeconds: 2,
    });
  return comparable.block;
}

/** Fills wallets up before they run dry, so that no payment waits for its gas: once when a wallet is made, then after payments. */
import type { Deps } from '#deps';
import { isPlatformStopped } from '#protection';
import { AppError, inTrx, type Job } from '#platform';
import { compareGas, lookForTreasuryCoin } from './compare-gas.ts';
import { recordGrants, type GrantResult, type NewGrant } from './grant-gas.ts';
import { paymentFee, refillAmount } from './gas-policy.ts';
import type { OutboxDeps } from './outbox.ts';
import * as grantRows from './store/grants.ts';
import * as walletRows from './store/wallets.ts';
import { watchGas } from './watch-gas.ts';

/** Wallets of one transaction: payments that need a grant wait for the treasury's row as long as it takes. */
const BATCH = 50;
/** How often a treasury that runs out is looked at on the chain, and budgets and floor are watched. */
const LOOK_MS = 5_000;

/** Refills of so much time are granted together: each grant of one transaction takes the treasury's row once. */
const REST_MS = 250;

type RefillDeps = OutboxDeps & Pick<Deps, 'db' | 'log' | 'metrics' | 'wake'>;

export function refillGasJob(deps: RefillDeps): Job {
  let lookedAtMs = -LOOK_MS;
  return {
    name: 'refill-gas',
    intervalMs: 1_000,
    restMs: REST_MS,
    async run() {
      // While outflow is stopped a wallet keeps its wish.
      const isStopped = await isPlatformStopped(deps.db);
      if (!isStopped) await compareUnsure(deps);
      const walletIds = isStopped
        ? []
        : await walletRows.walletsNeedingGas(deps.db, { chainId: deps.chain.chainId, limit: BATCH });
      if (walletIds.length > 0) await refill(deps, walletIds);
      const nowMs = deps.clock.monotonicMs();
      if (nowMs - lookedAtMs >= LOOK_MS) {
        lookedAtMs = nowMs;
        await lookForTreasuryCoin(deps);
        await watchGas(deps);
      }
      return walletIds.length === BATCH ? 'more' : 'idle';
    },
  };
}

/** One that cannot be put right keeps no other waiting: the next run tries it again. */
async function compareUnsure(deps: RefillDeps): Promise<void> {
  for (const wallet of await walletRows.unsureWallets(deps.db, { chainId: deps.chain.chainId, limit: BATCH })) {
    try {
      await compareGas(deps, wallet);
      deps.wake('submit');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      notGranted(deps, wallet.id, error);
    }
  }
}

/** Together; where one may not be granted anything (a stop), one by one, so that it keeps no other waiting. */
async function refill(deps: RefillDeps, walletIds: readonly string[]): Promise<void> {
  try {
    await refillTogether(deps, walletIds);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (walletIds.length > 1) {
      for (const walletId of walletIds) await refill(deps, [walletId]);
      return;
    }
    notGranted(deps, walletIds[0]!, error);
    await inTrx(deps, (trx) => walletRows.clearNeedsGas(trx, walletIds));
  }
}

async function refillTogether(deps: RefillDeps, walletIds: readonly string[]): Promise<void> {
  const { asked, results } = await inTrx(deps, async (trx) => {
    const wallets = await walletRows.lockWalletsNeedingGas(trx, walletIds);
    const ids = wallets.map((wallet) => wallet.id);
    await walletRows.clearNeedsGas(trx, ids);
    const { open, prefunded } = await grantRows.grantsOf(trx, ids);
    const grants = wallets.flatMap((wallet) => {
      const reason = prefunded.has(wallet.id) ? 'refill' : 'prefund';
      return open.has(wallet.id) ? [] : grantOf(deps, wallet, reason);
    });
    return { asked: grants, results: await recordGrants(deps, trx, grants) };
  });
  if (results.some(({ verdict }) => verdict === 'granted')) deps.wake('submit');
  // The next payment of such a wallet asks again and brings its own exact shortfall.
  for (const [index, { verdict }] of results.entries())
    if (verdict !== 'granted') logRefusal(deps, asked[index]!.wallet.id, verdict);
}

/** What a wallet is to be granted; nothing where it has enough. */
function grantOf(deps: RefillDeps, wallet: walletRows.LockedWallet, reason: 'prefund' | 'refill'): NewGrant[] {
  const { kind } = wallet;
  if (kind === 'treasury') return [];
  // Switched off: a member's first coin comes with the first payment, as the paper has it.
  if (!deps.config.hasGasPrefund && kind === 'member' && wallet.next_nonce === 0n) return [];
  const fee = paymentFee(deps.chain, wallet.address);
  const amount = refillAmount({ kind, available: wallet.gas_available, fee });
  return amount === 0n ? [] : [{ wallet, reason, forSource: null, amount }];
}

const logRefusal = (deps: Pick<Deps, 'log'>, walletId: string, reason: Exclude<GrantResult['verdict'], 'granted'>) =>
  deps.log.error('No gas could be granted to a wallet.', { walletId, reason });

const notGranted = (deps: Pick<Deps, 'log'>, walletId: string, error: AppError) =>
  deps.log.error('No gas could be granted to a wallet.', {
    walletId,
    code: error.code,
    reason: error.cause instanceof Error ? error.cause.message : 'unknown',
  });

/** Fills wallets up before they run dry, so that no payment waits for its gas: once when a wallet is made, then after payments. */
import type { Deps } from '#deps';
import { isPlatformStopped } from '#protection';
import { AppError, inTrx, type Job } from '#platform';
import { recordGrants } from './grant-gas.ts';
import { compareGas, lookForTreasuryCoin } from './compare-gas.ts';
import { paymentFee, refillAmount } from './gas-policy.ts';
import * as grantRows from './store/grants.ts';
import * as walletRows from './store/wallets.ts';

const BATCH = 50;
/** How often a treasury that runs out is looked at on the chain. */
const LOOK_MS = 5_000;

export function refillGasJob(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'secrets' | 'log' | 'wake' | 'config'>,
): Job {
  let lookedAtMs = -LOOK_MS;
  return {
    name: 'refill-gas',
    intervalMs: 1_000,
    async run() {
      // A stopped wallet keeps its wish until signing goes on.
      if (await isPlatformStopped(deps.db)) return 'idle';
      for (const wallet of await walletRows.unsureWallets(deps.db, { chainId: deps.chain.chainId, limit: BATCH })) {
        await compareGas(deps, wallet).catch(notGranted(deps, wallet.id));
        deps.wake('submit');
      }
      const walletIds = await walletRows.walletsNeedingGas(deps.db, { chainId: deps.chain.chainId, limit: BATCH });
      for (const walletId of walletIds) {
        if (await refillWallet(deps, walletId)) deps.wake('submit');
      }
      const nowMs = deps.clock.monotonicMs();
      if (nowMs - lookedAtMs >= LOOK_MS) {
        lookedAtMs = nowMs;
        await lookForTreasuryCoin(deps);
      }
      return walletIds.length === BATCH ? 'more' : 'idle';
    },
  };
}

/** True where a grant was recorded. */
async function refillWallet(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'secrets' | 'log' | 'config'>,
  walletId: string,
): Promise<boolean> {
  try {
    return await inTrx(deps, async (trx) => {
      const wallet = await walletRows.lockWalletNeedingGas(trx, walletId);
      // Another process holds it or has filled it.
      if (wallet === undefined || wallet.kind === 'treasury') return false;
      await walletRows.clearNeedsGas(trx, walletId);
      // Switched off: a member's first coin comes with the first payment, as the paper has it.
      if (!deps.config.hasGasPrefund && wallet.kind === 'member' && wallet.next_nonce === 0n) return false;
      if (await grantRows.hasOpenGrant(trx, walletId)) return false;
      const amount = refillAmount({
        kind: wallet.kind,
        available: wallet.gas_available,
        fee: paymentFee(deps.chain, wallet.address),
      });
      if (amount === 0n) return false;
      const reason = (await grantRows.hasPrefund(trx, walletId)) ? 'refill' : 'prefund';
      await recordGrants(deps, trx, [{ wallet, reason, forSource: null, amount }]);
      return true;
    });
  } catch (error) {
    notGranted(deps, walletId)(error);
    await inTrx(deps, (trx) => walletRows.clearNeedsGas(trx, walletId));
    return false;
  }
}

/** Budget or treasury: the next payment of this wallet asks again and brings its own exact shortfall. */
const notGranted =
  (deps: Pick<Deps, 'log'>, walletId: string) =>
  (error: unknown): void => {
    if (!(error instanceof AppError)) throw error;
    const { cause } = error;
    deps.log.error('No gas could be granted to a wallet.', {
      walletId,
      code: error.code,
      reason: cause instanceof Error ? cause.message : 'unknown',
    });
  };

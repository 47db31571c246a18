/** Compares the platform's wallets with the chain, because their coin also comes from outside: at start, and when it runs out. */
import type { Deps } from '#deps';
import { inTrx } from '#platform';
import { platformSigner } from '#wallets';
import { GAS_POLICY, paymentFee } from './gas-policy.ts';
import * as walletRows from './store/wallets.ts';

/**
 * Takes over the chain's figure of native coin where nothing of a wallet is under way. Throws where the chain has seen more
 * transactions of a wallet than this database has signed: the database is older than the chain (restored from a backup?),
 * and signing would use nonces twice (INV-27).
 */
export async function reconcilePlatformGas(
  deps: Pick<Deps, 'db' | 'clock' | 'chain' | 'secrets' | 'log'>,
): Promise<void> {
  for (const kind of ['treasury', 'reserve'] as const) await reconcile(deps, kind);
}

/**
 * Looks for coin that has come to a treasury that runs out, so that filling it up needs no restart. Does nothing while it
 * has enough for the largest refill.
 */
export async function lookForTreasuryCoin(
  deps: Pick<Deps, 'db' | 'clock' | 'chain' | 'secrets' | 'log'>,
): Promise<void> {
  const { walletId, address } = platformSigner(deps, 'treasury');
  const enough = BigInt(GAS_POLICY.reserve.target) * paymentFee(deps.chain, address);
  if ((await walletRows.gasAvailable(deps.db, walletId)) < enough) await reconcile(deps, 'treasury');
}

async function reconcile(
  deps: Pick<Deps, 'db' | 'clock' | 'chain' | 'secrets' | 'log'>,
  kind: 'treasury' | 'reserve',
): Promise<void> {
  const { walletId, address } = platformSigner(deps, kind);
  const nonce = await deps.chain.finalNonce(address);
  const gas = await deps.chain.nativeBalance(address);
  await inTrx(deps, async (trx) => {
    const wallet = await walletRows.lockWallet(trx, walletId);
    if (BigInt(nonce) > wallet.next_nonce) {
      throw new Error(
        `Expected at most ${wallet.next_nonce} transactions of the ${kind} on the chain, got ${nonce}. This database is older than the chain: restore the newest one before anything is signed.`,
      );
    }
    // False where something is under way: the ledger then knows better than a single reading.
    await walletRows.correctGas(trx, { walletId, nonce, gas });
  });
}

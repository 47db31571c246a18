/** Compares the ledger's figure of a wallet's coin with the chain: at start, when it runs out, and when the node says otherwise. */
import type { Deps } from '#deps';
import { inTrx, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import { outboxIdOf, recordGrants } from './grant-gas.ts';
import { GAS_POLICY, gasLimits, paymentFee, refillAmount } from './gas-policy.ts';
import type { OutboxDeps } from './outbox.ts';
import * as walletRows from './store/wallets.ts';

type CompareDeps = OutboxDeps & Pick<Deps, 'db' | 'log' | 'config'>;

/**
 * Takes over the chain's figure of both platform wallets, whose coin also comes from outside. Leaves a wallet alone of which the
 * chain has seen more transactions than this database has signed: that is for recovery (INV-27).
 */
export async function reconcilePlatformGas(deps: CompareDeps): Promise<void> {
  for (const kind of ['treasury', 'reserve'] as const) {
    const { walletId, address } = platformSigner(deps, kind);
    const chain = await askChain(deps, address);
    await inTrx(deps, async (trx) => {
      const wallet = await walletRows.lockWallet(trx, walletId);
      if (BigInt(chain.nonce) > wallet.next_nonce) return;
      // Null where something is on its way: the ledger then knows better than a single reading.
      await walletRows.correctGas(trx, { walletId, ...chain });
    });
  }
}

/**
 * Looks for coin that has come to a treasury that runs out, so that filling it up needs no restart. Does nothing while it
 * has enough for the largest refill above its floor, where grants stop.
 */
export async function lookForTreasuryCoin(deps: CompareDeps): Promise<void> {
  const { walletId, address } = platformSigner(deps, 'treasury');
  const fee = paymentFee(deps.chain, address);
  const enough = gasLimits(deps.config.gas, fee).floor + BigInt(GAS_POLICY.reserve.target) * fee;
  if ((await walletRows.gasAvailable(deps.db, walletId)) >= enough) return;
  const chain = await askChain(deps, address);
  await inTrx(deps, async (trx) => {
    await walletRows.lockWallet(trx, walletId);
    await walletRows.correctGas(trx, { walletId, ...chain });
  });
}

/**
 * Puts right a wallet of which the chain says something else than the ledger: where its key was used outside (its next nonce moves
 * on to the chain's), or its coin has gone. What is missing for its signed transactions is granted together with the refill.
 */
export async function compareGas(deps: CompareDeps, { id, address }: walletRows.UnsureWallet): Promise<void> {
  const chain = await askChain(deps, address);
  await inTrx(deps, async (trx) => {
    const wallet = await walletRows.lockWallet(trx, id);
    await walletRows.moveNonceForward(trx, { walletId: id, nonce: chain.nonce });
    const corrected = await walletRows.correctGas(trx, { walletId: id, ...chain });
    // The figures do not fit together at this moment: the next run looks again.
    if (corrected === null) return;
    await walletRows.clearNeedsGas(trx, [id]);
    if (wallet.kind === 'treasury') return;
    await fill(deps, trx, { wallet: await walletRows.lockWallet(trx, id), missing: corrected.missing });
  });
}

async function fill(
  deps: CompareDeps,
  trx: Trx,
  { wallet, missing }: { wallet: walletRows.LockedWallet; missing: bigint },
): Promise<void> {
  if (wallet.kind === 'treasury') return;
  const fee = paymentFee(deps.chain, wallet.address);
  const amount = missing + refillAmount({ kind: wallet.kind, available: wallet.gas_available, fee });
  if (amount <= 0n) return;
  const [result] = await recordGrants(deps, trx, [{ wallet, reason: 'refill', forSource: null, amount }]);
  // Throws where nothing can be granted: then the wallet is compared again, until it can.
  outboxIdOf(result!);
}

/** Nonce and coin at the end of one block, also where one answer comes from a node that is behind another. */
async function askChain(deps: Pick<Deps, 'chain'>, address: string): Promise<{ nonce: number; gas: bigint }> {
  const { number } = await deps.chain.head();
  const state = deps.chain.stateAt(number);
  const [nonces, coins] = await Promise.all([state.nonces([address]), state.nativeBalances([address])]);
  return { nonce: nonces[0]!, gas: coins[0]! };
}

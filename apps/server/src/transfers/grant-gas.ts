/** The automatic gas charging of the paper, as grants of the treasury: each is budgeted, recorded and signed in one transaction. */
import { AppError, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import { enqueue, type EnqueueDeps } from './outbox.ts';
import { GAS_DAY_MAX_PAYMENTS, GAS_POLICY, paymentFee } from './gas-policy.ts';
import * as store from './store.ts';

export type GrantReason = 'prefund' | 'refill' | 'shortfall';

/**
 * Records a grant to `wallet` and signs it with the treasury's key. The wallet is locked; the treasury's row is locked
 * here, always after the other one. Throws 'service-busy' where the day's budget or the treasury is used up.
 */
export async function recordGrant(
  deps: EnqueueDeps,
  trx: Trx,
  input: { wallet: store.LockedWallet; reason: GrantReason; forSource: string | null; amount: bigint },
): Promise<{ grantId: string; outboxId: string }> {
  const { wallet, amount } = input;
  if (wallet.kind === 'treasury') throw busy('The treasury has no coin left for fees. Fill it up.');
  const { walletId, signer } = platformSigner(deps, 'treasury');
  const treasury = await store.lockWallet(trx, walletId);
  const now = new Date(deps.clock.nowMs());
  const fee = paymentFee(deps.chain, wallet.address);
  const onDay = now.toISOString().slice(0, 10);
  const isWithinBudget =
    (await store.reserveBudget(trx, {
      walletId: wallet.id,
      onDay,
      amount,
      max: BigInt(GAS_POLICY[wallet.kind].dayMax) * fee,
    })) && (await store.reserveBudget(trx, { walletId, onDay, amount, max: BigInt(GAS_DAY_MAX_PAYMENTS) * fee }));
  if (!isWithinBudget) throw busy('The budget of the day for fees is used up. Try again tomorrow.');

  const grantId = deps.ids.uuid(now.getTime());
  await store.insertGrant(trx, {
    id: grantId,
    walletId: wallet.id,
    reason: input.reason,
    forSource: input.forSource,
    amount,
    now,
  });
  const { outboxId } = await enqueue(deps, trx, {
    wallet: treasury,
    signer,
    intent: { kind: 'native', to: wallet.address, amount },
    purpose: 'gas_grant',
    sourceId: grantId,
  });
  return { grantId, outboxId };
}

// The detail reaches the member: it names neither gas nor the chain.
const busy = (detail: string): AppError => new AppError('service-busy', { detail, retryAfterSeconds: 60 });

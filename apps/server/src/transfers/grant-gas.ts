/** The automatic gas charging of the paper, as grants of the treasury: each is budgeted, recorded and signed in one transaction. */
import { AppError, audit, type AuditEntry, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import { costOf, signAndStore, type OutboxDeps, type OutboxEntry, type StoredTransaction } from './outbox.ts';
import { GAS_DAY_MAX_PAYMENTS, GAS_POLICY, paymentFee } from './gas-policy.ts';
import * as grantRows from './store/grants.ts';
import * as walletRows from './store/wallets.ts';

export type GrantReason = 'prefund' | 'refill' | 'shortfall';

/** Signs and stores `entry`, behind a grant where its wallet's gas does not suffice. Throws like `grantShortfall`. */
export async function enqueue(deps: OutboxDeps, trx: Trx, entry: OutboxEntry): Promise<StoredTransaction> {
  return await signAndStore(deps, trx, { ...entry, waitsFor: await grantShortfall(deps, trx, entry) });
}

/**
 * Where the wallet's gas does not suffice for `entry`, the exact shortfall is granted in the same transaction and the
 * grant's outbox row is what the entry waits for (INV-10); else null. Throws 'service-busy' where none can be granted: then
 * the transaction must roll back.
 */
export async function grantShortfall(
  deps: OutboxDeps,
  trx: Trx,
  { wallet, intent, sourceId }: OutboxEntry,
): Promise<string | null> {
  const amount = costOf(deps, intent) - wallet.gas_available;
  if (amount <= 0n) return null;
  const grant = await recordGrant(deps, trx, { wallet, reason: 'shortfall', forSource: sourceId, amount });
  return grant.outboxId;
}

/**
 * Records a grant to `wallet` and signs it with the treasury's key. The wallet is locked; the treasury's row is locked
 * here, always after the other one. Throws 'service-busy' where the day's budget or the treasury is used up.
 */
export async function recordGrant(
  deps: OutboxDeps,
  trx: Trx,
  input: { wallet: walletRows.LockedWallet; reason: GrantReason; forSource: string | null; amount: bigint },
): Promise<{ grantId: string; outboxId: string }> {
  const { wallet, amount } = input;
  if (wallet.kind === 'treasury') throw busy('The treasury cannot be granted anything.');
  const { walletId, signer } = platformSigner(deps, 'treasury');
  const treasury = await walletRows.lockWallet(trx, walletId);
  const now = new Date(deps.clock.nowMs());
  const fee = paymentFee(deps.chain, wallet.address);
  const onDay = now.toISOString().slice(0, 10);
  const isWithinBudget =
    (await grantRows.reserveBudget(trx, {
      walletId: wallet.id,
      onDay,
      amount,
      max: BigInt(GAS_POLICY[wallet.kind].dayMax) * fee,
    })) && (await grantRows.reserveBudget(trx, { walletId, onDay, amount, max: BigInt(GAS_DAY_MAX_PAYMENTS) * fee }));
  if (!isWithinBudget) throw busy('The budget of the day for gas grants is used up.');

  const grantId = deps.ids.uuid(now.getTime());
  await grantRows.insertGrant(trx, {
    id: grantId,
    walletId: wallet.id,
    reason: input.reason,
    forSource: input.forSource,
    amount,
    now,
  });
  const intent = { kind: 'native', to: wallet.address, amount } as const;
  if (costOf(deps, intent) > treasury.gas_available) throw busy('The treasury has no coin left to grant. Fill it up.');
  const { outboxId, hash } = await signAndStore(deps, trx, {
    wallet: treasury,
    signer,
    intent,
    purpose: 'gas_grant',
    sourceId: grantId,
    waitsFor: null,
  });
  await audit(deps, trx, {
    actor: actorOf(wallet, input.reason),
    act: 'gas.granted',
    subject: grantId,
    facts: { wallet: wallet.id, reason: input.reason, amount, hash },
  });
  return { grantId, outboxId };
}

/** A shortfall is granted because its holder pays; the rest by itself. */
const actorOf = (wallet: walletRows.LockedWallet, reason: GrantReason): AuditEntry['actor'] =>
  reason === 'shortfall' && wallet.member_id !== null ? `member:${wallet.member_id}` : 'job:refill-gas';

// The cause is for the log; the detail reaches the member and names neither gas nor the chain.
const busy = (cause: string): AppError =>
  new AppError('service-busy', {
    detail: 'Payments cannot be sent from this wallet at this moment.',
    retryAfterSeconds: 60,
    cause: new Error(cause),
  });

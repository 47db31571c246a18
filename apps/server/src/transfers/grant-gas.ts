/** The automatic gas charging of the paper, as grants of the treasury: each is budgeted, recorded and signed in one transaction. */
import { bytesToHex } from '@jigeum/std';
import { AppError, auditAll, type AuditEntry, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import {
  costOf,
  signAll,
  signAndStore,
  storeSigned,
  type OutboxDeps,
  type OutboxEntry,
  type StoredTransaction,
} from './outbox.ts';
import { GAS_DAY_MAX_PAYMENTS, GAS_POLICY, paymentFee } from './gas-policy.ts';
import * as grantRows from './store/grants.ts';
import * as walletRows from './store/wallets.ts';

export type GrantReason = 'prefund' | 'refill' | 'shortfall';

export interface NewGrant {
  /** Locked; no two of one call are the same. */
  wallet: walletRows.LockedWallet;
  reason: GrantReason;
  forSource: string | null;
  amount: bigint;
  /** The id of the request that asked for it, where another one is running. */
  request?: string;
}

/** Signs and stores `entry`, behind a grant where its wallet's gas does not suffice. Throws like `recordGrants`. */
export async function enqueue(deps: OutboxDeps, trx: Trx, entry: OutboxEntry): Promise<StoredTransaction> {
  const [waitsFor] = await grantShortfalls(deps, trx, [entry]);
  return await signAndStore(deps, trx, { ...entry, waitsFor: waitsFor! });
}

/**
 * What each entry waits for: null where its wallet's gas suffices, else the outbox row of a grant of the exact shortfall,
 * recorded in the same transaction (INV-10). Throws like `recordGrants`.
 */
export async function grantShortfalls(
  deps: OutboxDeps,
  trx: Trx,
  entries: readonly (OutboxEntry & { request?: string })[],
): Promise<(string | null)[]> {
  const shortfalls = entries.map(({ wallet, intent }) => costOf(deps, intent) - wallet.gas_available);
  const short = entries.flatMap(({ wallet, sourceId, request }, index) => {
    const amount = shortfalls[index]!;
    if (amount <= 0n) return [];
    return [
      { wallet, reason: 'shortfall', forSource: sourceId, amount, ...(request === undefined ? {} : { request }) },
    ];
  }) satisfies NewGrant[];
  const granted = (await recordGrants(deps, trx, short)).values();
  return shortfalls.map((amount) => (amount <= 0n ? null : granted.next().value!.outboxId));
}

/**
 * Records grants and signs them with the treasury's key. The wallets are locked; the treasury's row is locked here, always
 * after the others. Throws 'service-busy' where the day's budget of one of them, that of all, or the treasury is used up:
 * then the transaction must roll back.
 */
export async function recordGrants(
  deps: OutboxDeps,
  trx: Trx,
  grants: readonly NewGrant[],
): Promise<{ grantId: string; outboxId: string }[]> {
  if (grants.length === 0) return [];
  const { walletId, signer } = platformSigner(deps, 'treasury');
  const treasury = await walletRows.lockWallet(trx, walletId);
  await reserveBudgets(deps, trx, { treasuryId: walletId, grants });
  const now = new Date(deps.clock.nowMs());
  const rows = grants.map(({ wallet, reason, forSource, amount }) => ({
    ...{ id: deps.ids.uuid(now.getTime()), walletId: wallet.id, reason, forSource, amount },
  }));
  await grantRows.insertGrants(trx, rows, now);

  let left = treasury;
  const entries = grants.map(({ wallet, amount }, index) => {
    const intent = { kind: 'native', to: wallet.address, amount } as const;
    const cost = costOf(deps, intent);
    if (cost > left.gas_available) throw busy('The treasury has no coin left to grant. Fill it up.');
    const sender = left;
    left = { ...sender, next_nonce: sender.next_nonce + 1n, gas_available: sender.gas_available - cost };
    return { wallet: sender, signer, intent, purpose: 'gas_grant', sourceId: rows[index]!.id, waitsFor: null } as const;
  });
  const signed = await signAll(deps, trx, entries);
  await storeSigned(deps, trx, signed);
  await auditAll(
    deps,
    trx,
    grants.map((grant, index) => grantedAct(grant, rows[index]!.id, signed[index]!.signed.hash)),
  );
  return signed.map(({ outboxId }, index) => ({ grantId: rows[index]!.id, outboxId }));
}

/** Takes the amounts from the budgets of the day (UTC): of each wallet, and of all together under the treasury's own id. */
async function reserveBudgets(
  deps: OutboxDeps,
  trx: Trx,
  { treasuryId, grants }: { treasuryId: string; grants: readonly NewGrant[] },
): Promise<void> {
  const budgets = grants.map(({ wallet, amount }) => {
    if (wallet.kind === 'treasury') throw busy('The treasury cannot be granted anything.');
    const max = BigInt(GAS_POLICY[wallet.kind].dayMax) * paymentFee(deps.chain, wallet.address);
    return { walletId: wallet.id, amount, max };
  });
  budgets.push({
    walletId: treasuryId,
    amount: grants.reduce((sum, { amount }) => sum + amount, 0n),
    max: BigInt(GAS_DAY_MAX_PAYMENTS) * paymentFee(deps.chain, grants[0]!.wallet.address),
  });
  const onDay = new Date(deps.clock.nowMs()).toISOString().slice(0, 10);
  const granted = await grantRows.addToBudgets(trx, budgets, onDay);
  if (budgets.some(({ walletId, max }) => granted.get(walletId)! > max))
    throw busy('The budget of the day for gas grants is used up.');
}

const grantedAct = ({ wallet, reason, amount, request }: NewGrant, grantId: string, hash: Uint8Array): AuditEntry => ({
  actor: actorOf(wallet, reason),
  act: 'gas.granted',
  subject: grantId,
  facts: { wallet: wallet.id, reason, amount, hash: bytesToHex(hash) },
  ...(request === undefined ? {} : { request }),
});

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

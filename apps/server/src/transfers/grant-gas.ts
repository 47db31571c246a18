/** The automatic gas charging of the paper, as grants of the treasury: budgeted, recorded and signed in the transaction that needs them. */
import { assert, bytesToHex } from '@jigeum/std';
import { AppError, auditAll, type AuditEntry, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import { decideGrants, gasLimits, paymentFee, type GrantVerdict } from './gas-policy.ts';
import {
  costOf,
  signAll,
  signAndStore,
  storeSigned,
  type OutboxDeps,
  type OutboxEntry,
  type StoredTransaction,
} from './outbox.ts';
import * as grantRows from './store/grants.ts';
import * as walletRows from './store/wallets.ts';

export type GrantReason = 'prefund' | 'refill' | 'shortfall';

/** Signs and stores `entry`, behind a grant where its wallet's gas does not suffice. Throws like `grantShortfalls`. */
export async function enqueue(deps: OutboxDeps, trx: Trx, entry: OutboxEntry): Promise<StoredTransaction> {
  const [waitsFor] = await grantShortfalls(deps, trx, [entry]);
  return await signAndStore(deps, trx, { ...entry, waitsFor: waitsFor! });
}

/**
 * Where a wallet's gas does not suffice for its entry, the exact shortfall is granted in the same transaction and the grant's
 * outbox row is what the entry waits for (INV-10); else null. For entries of different wallets, in their order. Throws
 * 'service-busy' where one cannot be granted: then the transaction must roll back.
 */
export async function grantShortfalls(
  deps: OutboxDeps,
  trx: Trx,
  entries: readonly (OutboxEntry & { request?: string })[],
): Promise<(string | null)[]> {
  const short = entries.flatMap(({ wallet, intent, sourceId, request }): NewGrant[] => {
    const amount = costOf(deps, intent) - wallet.gas_available;
    if (amount <= 0n) return [];
    const asker = request === undefined ? {} : { request };
    return [{ wallet, reason: 'shortfall', forSource: sourceId, amount, ...asker }];
  });
  const results = await recordGrants(deps, trx, short);
  const rowOf = new Map(short.map(({ wallet }, index) => [wallet.id, outboxIdOf(results[index]!)]));
  return entries.map(({ wallet }) => rowOf.get(wallet.id) ?? null);
}

/** Throws 'service-busy' where nothing was granted. */
export function outboxIdOf(result: GrantResult): string {
  if (result.verdict === 'granted') return result.outboxId;
  throw busy(REFUSALS[result.verdict]);
}

const REFUSALS: Readonly<Record<Exclude<GrantVerdict, 'granted'>, string>> = {
  'member-day': 'The wallet’s budget of the day for gas grants is used up.',
  day: 'The budget of the day for all gas grants is used up.',
  floor: 'The treasury has come to its floor. Fill it up.',
};

export interface NewGrant {
  /** Locked, and not the treasury. No two of one call are the same. */
  wallet: walletRows.LockedWallet;
  reason: GrantReason;
  forSource: string | null;
  amount: bigint;
  /** The id of the request that asked for it, where another one is running. */
  request?: string;
}

export type GrantResult = { verdict: 'granted'; outboxId: string } | { verdict: Exclude<GrantVerdict, 'granted'> };

/**
 * Records grants and signs them with the treasury's key, each within the day's budgets and above the treasury's floor, or says
 * why not: what is refused leaves no trace. The treasury's row is locked here, always after the others; under that lock the budgets are
 * read and reserved.
 */
export async function recordGrants(deps: OutboxDeps, trx: Trx, asked: readonly NewGrant[]): Promise<GrantResult[]> {
  if (asked.length === 0) return [];
  const { walletId: treasuryId, signer } = platformSigner(deps, 'treasury');
  const treasury = await walletRows.lockWallet(trx, treasuryId);
  const now = new Date(deps.clock.nowMs());
  const onDay = now.toISOString().slice(0, 10);
  const granted = await grantRows.grantedOn(trx, {
    onDay,
    walletIds: [treasuryId, ...asked.map(({ wallet }) => wallet.id)],
  });
  const priced = asked.map((grant) => {
    const { wallet, amount } = grant;
    assert(wallet.kind !== 'treasury', 'the treasury is filled from outside');
    const intent = { kind: 'native', to: wallet.address, amount } as const;
    return { ...grant, walletId: wallet.id, kind: wallet.kind, intent, cost: costOf(deps, intent) };
  });
  const verdicts = decideGrants(priced, {
    limits: gasLimits(deps.config.gas, paymentFee(deps.chain, treasury.address)),
    grantedToday: granted,
    grantedTodayInAll: granted.get(treasuryId) ?? 0n,
    treasury: treasury.gas_available,
  });
  const made = priced
    .filter((_, index) => verdicts[index] === 'granted')
    .map((grant) => ({ ...grant, grantId: deps.ids.uuid(now.getTime()) }));
  if (made.length === 0) return verdicts.map((verdict) => ({ verdict }) as GrantResult);

  await grantRows.insertGrants(
    trx,
    made.map(({ grantId, ...grant }) => ({ id: grantId, ...grant })),
    now,
  );
  await grantRows.addToDay(trx, {
    onDay,
    sums: [
      ...made.map(({ walletId, amount }) => ({ walletId, amount, count: 1 })),
      { walletId: treasuryId, amount: made.reduce((sum, { amount }) => sum + amount, 0n), count: made.length },
    ],
  });
  let gas = treasury.gas_available;
  const signed = await signAll(
    deps,
    trx,
    made.map(({ grantId, intent, cost }, index) => {
      const wallet = { ...treasury, next_nonce: treasury.next_nonce + BigInt(index), gas_available: gas };
      gas -= cost;
      return { wallet, signer, intent, purpose: 'gas_grant', sourceId: grantId, waitsFor: null };
    }),
  );
  await storeSigned(deps, trx, signed);
  await auditAll(
    deps,
    trx,
    made.map((grant, index) => grantedAct(grant, grant.grantId, signed[index]!.signed.hash)),
  );
  const outboxIds = signed.map(({ outboxId }) => outboxId).values();
  return verdicts.map((verdict) =>
    verdict === 'granted' ? { verdict, outboxId: outboxIds.next().value! } : { verdict },
  );
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

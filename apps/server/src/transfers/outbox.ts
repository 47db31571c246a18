/**
 * Sign once, store, send many. `signAndStore` is the only function that signs an intent: under the wallet row's lock it takes
 * the nonce, signs, and stores bytes and hash in the transaction of the intent. Nothing is sent before that transaction commits.
 * The key being open, it also signs the cancels that the wallet waits for.
 */
import type { Signer, UnsignedIntent } from '@jigeum/chain';
import { assert, bytesToHex } from '@jigeum/std';
import { safeNumber, type Trx } from '#platform';
import { refuseStoppedOutflow, stoppedRefusal } from '#protection';
import type { Deps } from '#deps';
import { signCancels } from './cancel.ts';
import { isGasLow, paymentFee } from './gas-policy.ts';
import * as outboxRows from './store/outbox.ts';
import * as walletRows from './store/wallets.ts';

export type OutboxDeps = Pick<Deps, 'chain' | 'clock' | 'ids' | 'secrets'>;

export interface OutboxEntry {
  /** Locked by `walletRows.lockWallet` in this transaction. */
  wallet: walletRows.LockedWallet;
  signer: Signer;
  intent: UnsignedIntent;
  purpose: outboxRows.OutboxPurpose;
  sourceId: string;
}

/** What was signed and stored. */
export interface StoredTransaction {
  outboxId: string;
  /** Hex: what the audit log says was signed. */
  hash: string;
}

/** Native base units that the chain takes from the wallet at most: the fee, and the coin that is sent. */
export const costOf = (deps: Pick<Deps, 'chain'>, intent: UnsignedIntent): bigint =>
  deps.chain.feeOf(intent) + (intent.kind === 'native' ? intent.amount : 0n);

/**
 * Signs `intent` with the wallet's next nonce and stores it for sending. `waitsFor`: the outbox row of the grant that covers
 * exactly what the wallet lacks; null where the wallet has enough. Throws 'wallet-frozen' or 'outflow-stopped' where nothing
 * may be signed (INV-11); then the transaction must roll back.
 */
export async function signAndStore(
  deps: OutboxDeps,
  trx: Trx,
  input: OutboxEntry & { waitsFor: string | null },
): Promise<StoredTransaction> {
  const { wallet, intent, waitsFor } = input;
  assert(
    intent.kind !== 'native' || wallet.kind === 'treasury',
    'granted coin is never sent on by its holder (INV-10)',
  );
  await refuseStoppedOutflow(trx, { purpose: input.purpose, sourceId: input.sourceId, walletId: wallet.id });
  if (wallet.needs_cancel) await signCancels(deps, trx, { wallet, signer: input.signer });
  const nonce = safeNumber(wallet.next_nonce);
  const signed = deps.chain.sign({ intent, from: wallet.address, nonce, signer: input.signer });
  assert(signed.hash.length === 32, 'a hash has 32 bytes');
  const cost = costOf(deps, intent);
  assert(waitsFor !== null || wallet.gas_available >= cost, 'a row that waits for no grant is covered');
  // A shortfall's grant is promised to this row alone, so it never shows in gas_available.
  const gasAvailable = waitsFor === null ? wallet.gas_available - cost : 0n;
  const needsGas =
    wallet.kind !== 'treasury' &&
    isGasLow({ kind: wallet.kind, available: gasAvailable, fee: paymentFee(deps.chain, wallet.address) });
  await walletRows.takeNonce(trx, { walletId: wallet.id, nonce: wallet.next_nonce, gasAvailable, needsGas });

  const now = new Date(deps.clock.nowMs());
  const outboxId = deps.ids.uuid(now.getTime());
  const row = {
    id: outboxId,
    purpose: input.purpose,
    sourceId: input.sourceId,
    walletId: wallet.id,
    nonce: wallet.next_nonce,
    raw: signed.raw,
    hash: signed.hash,
    feeMax: signed.feeMax,
    waitsFor,
    now,
  };
  await outboxRows.insertOutbox(trx, row).catch((error: unknown) => {
    throw stoppedRefusal(error);
  });
  return { outboxId, hash: bytesToHex(signed.hash) };
}

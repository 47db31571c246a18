/**
 * Sign once, store, send many. `signAll` is the only function that signs an intent, with the nonces of wallet rows that are
 * locked; `storeSigned` takes those nonces and stores bytes and hash in the transaction of the intent. Nothing is sent before
 * it commits. The key being open, the cancels are signed too that the wallet waits for.
 */
import type { SignedTransaction, Signer, UnsignedIntent } from '@jigeum/chain';
import { assert, bytesToHex } from '@jigeum/std';
import { failpoint, safeNumber, type Trx } from '#platform';
import { refuseStoppedOutflow, stoppedRefusal } from '#protection';
import type { Deps } from '#deps';
import { signCancels } from './cancel.ts';
import { isGasLow, paymentFee } from './gas-policy.ts';
import * as outboxRows from './store/outbox.ts';
import * as walletRows from './store/wallets.ts';

export type OutboxDeps = Pick<Deps, 'chain' | 'clock' | 'ids' | 'secrets' | 'config'>;

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

/** A signed transaction that is not stored yet, and what it leaves its wallet with. */
export interface SignedEntry {
  outboxId: string;
  purpose: outboxRows.OutboxPurpose;
  sourceId: string;
  wallet: walletRows.LockedWallet;
  signed: SignedTransaction;
  waitsFor: string | null;
  gasAfter: bigint;
  /** The wallet is to be filled up. */
  needsGas: boolean;
}

/**
 * Signs each entry with its wallet's next nonce. Where one wallet has several, each is given as the one before leaves it.
 * `waitsFor`: the outbox row of the grant that covers exactly what the wallet lacks; null where the wallet has enough. Throws 'wallet-frozen' or 'outflow-stopped' where one may
 * not be signed (INV-11); then the transaction must roll back. Nothing may leave the process before `storeSigned` has committed.
 */
export async function signAll(
  deps: OutboxDeps,
  trx: Trx,
  entries: readonly (OutboxEntry & { waitsFor: string | null })[],
): Promise<SignedEntry[]> {
  await refuseStoppedOutflow(
    trx,
    entries.map(({ purpose, sourceId, wallet }) => ({ purpose, sourceId, walletId: wallet.id })),
  );
  for (const { wallet, signer } of entries) if (wallet.needs_cancel) await signCancels(deps, trx, { wallet, signer });
  const signed = entries.map((entry) => signEntry(deps, entry));
  await failpoint('F08-signed-before-commit');
  return signed;
}

function signEntry(deps: OutboxDeps, input: OutboxEntry & { waitsFor: string | null }): SignedEntry {
  const { wallet, intent, waitsFor } = input;
  assert(
    intent.kind !== 'native' || wallet.kind === 'treasury',
    'granted coin is never sent on by its holder (INV-10)',
  );
  const nonce = safeNumber(wallet.next_nonce);
  const signed = deps.chain.sign({ intent, from: wallet.address, nonce, signer: input.signer });
  assert(signed.hash.length === 32, 'a hash has 32 bytes');
  const cost = costOf(deps, intent);
  assert(waitsFor !== null || wallet.gas_available >= cost, 'a row that waits for no grant is covered');
  // A shortfall's grant is promised to this row alone, so it never shows in gas_available.
  const gasAfter = waitsFor === null ? wallet.gas_available - cost : 0n;
  return {
    outboxId: deps.ids.uuid(deps.clock.nowMs()),
    purpose: input.purpose,
    sourceId: input.sourceId,
    wallet,
    signed,
    waitsFor,
    gasAfter,
    needsGas:
      wallet.kind !== 'treasury' &&
      isGasLow({ kind: wallet.kind, available: gasAfter, fee: paymentFee(deps.chain, wallet.address) }),
  };
}

/** Takes the nonces and stores the bytes. The wallets are locked in this transaction; entries of one wallet come in its order. */
export async function storeSigned(deps: OutboxDeps, trx: Trx, entries: readonly SignedEntry[]): Promise<void> {
  await walletRows.takeNonces(
    trx,
    [...Map.groupBy(entries, ({ wallet }) => wallet.id).values()].map((ofWallet) => ({
      walletId: ofWallet[0]!.wallet.id,
      nonce: ofWallet[0]!.wallet.next_nonce,
      count: ofWallet.length,
      gasAvailable: ofWallet.at(-1)!.gasAfter,
      needsGas: ofWallet.some(({ needsGas }) => needsGas),
    })),
  );
  const now = new Date(deps.clock.nowMs());
  const rows = entries.map(({ outboxId, wallet, signed, ...entry }) => ({
    id: outboxId,
    purpose: entry.purpose,
    sourceId: entry.sourceId,
    walletId: wallet.id,
    nonce: wallet.next_nonce,
    raw: signed.raw,
    hash: signed.hash,
    feeMax: signed.feeMax,
    waitsFor: entry.waitsFor,
  }));
  await outboxRows.insertOutbox(trx, rows, now).catch((error: unknown) => {
    throw stoppedRefusal(error);
  });
}

/** Both for one: see there. */
export async function signAndStore(
  deps: OutboxDeps,
  trx: Trx,
  input: OutboxEntry & { waitsFor: string | null },
): Promise<StoredTransaction> {
  const entries = await signAll(deps, trx, [input]);
  await storeSigned(deps, trx, entries);
  const [entry] = entries;
  return { outboxId: entry!.outboxId, hash: bytesToHex(entry!.signed.hash) };
}

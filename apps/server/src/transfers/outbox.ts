/**
 * Sign once, store, send many. `enqueue` is the only function that signs: under the wallet row's lock it takes the nonce,
 * signs, and stores bytes and hash in the transaction of the intent. Nothing is sent before that transaction commits.
 */
import type { Signer, UnsignedIntent } from '@jigeum/chain';
import { assert } from '@jigeum/std';
import { safeNumber, type Trx } from '#platform';
import type { Deps } from '#deps';
import { recordGrant } from './grant-gas.ts';
import { isGasLow, paymentFee } from './gas-policy.ts';
import * as store from './store.ts';

export type EnqueueDeps = Pick<Deps, 'chain' | 'clock' | 'ids' | 'secrets'>;

/**
 * Signs `intent` with the wallet's next nonce and stores it for sending. The wallet must be locked by `store.lockWallet`
 * in this transaction. Where its gas does not suffice, the exact shortfall is granted in the same transaction and the
 * row waits for that grant (INV-10). Throws 'service-busy' where no gas can be granted: then nothing is stored.
 */
export async function enqueue(
  deps: EnqueueDeps,
  trx: Trx,
  input: {
    wallet: store.LockedWallet;
    signer: Signer;
    intent: UnsignedIntent;
    purpose: store.OutboxPurpose;
    sourceId: string;
  },
): Promise<{ outboxId: string }> {
  const { wallet, intent } = input;
  const nonce = safeNumber(wallet.next_nonce);
  const signed = deps.chain.sign({ intent, from: wallet.address, nonce, signer: input.signer });
  assert(signed.hash.length === 32, 'a hash has 32 bytes');
  const cost = signed.feeMax + (intent.kind === 'native' ? intent.amount : 0n);
  const shortfall = cost > wallet.gas_available ? cost - wallet.gas_available : 0n;

  let waitsFor: string | null = null;
  if (shortfall > 0n) {
    const grant = await recordGrant(deps, trx, {
      wallet,
      reason: 'shortfall',
      forSource: input.sourceId,
      amount: shortfall,
    });
    waitsFor = grant.outboxId;
  }
  // A shortfall's grant is promised to this row alone, so it never shows in gas_available.
  const gasAvailable = shortfall > 0n ? 0n : wallet.gas_available - cost;
  const needsGas =
    wallet.kind !== 'treasury' &&
    isGasLow({ kind: wallet.kind, available: gasAvailable, fee: paymentFee(deps.chain, wallet.address) });
  await store.takeNonce(trx, { walletId: wallet.id, nonce: wallet.next_nonce, gasAvailable, needsGas });

  const now = new Date(deps.clock.nowMs());
  const outboxId = deps.ids.uuid(now.getTime());
  await store.insertOutbox(trx, {
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
  });
  return { outboxId };
}

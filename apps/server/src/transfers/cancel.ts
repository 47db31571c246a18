/**
 * Frees a wallet whose next transaction the chain will never take. Its nonce is given to ONE recorded cancel, a transaction
 * that does nothing; whichever of the two is final then ends the row (README, "Stuck nonces"). Nothing else ever signs a nonce twice,
 * and the database takes one cancel a row, for a row whose bytes the node calls invalid.
 */
import type { Signer } from '@jigeum/chain';
import { assert, bytesToHex } from '@jigeum/std';
import { audit, inTrx, safeNumber, type Trx } from '#platform';
import type { Deps } from '#deps';
import { platformSigner } from '#wallets';
import type { DueRow } from './store/outbox.ts';
import * as cancelRows from './store/cancels.ts';
import * as walletRows from './store/wallets.ts';

/** The node has said so for this long, at several attempts: no passing mood of a node that has just started. */
const CANCEL_AFTER_MS = 10_000;

type CancelDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'log' | 'secrets' | 'wake'>;

/**
 * Looks at rows that the node has just called invalid and does not know. Where one has been refused for long and is the very
 * next that the chain wants of its wallet, a cancel is signed: now for a platform wallet, and for a member as soon as the key is open
 * next. A row behind another one waits for that one.
 */
export async function cancelBlockedRows(deps: CancelDeps, refused: readonly DueRow[]): Promise<void> {
  const at = deps.clock.nowMs();
  const old = refused.filter(
    ({ invalid_since: since, is_cancel: isCancel }) =>
      !isCancel && since !== null && at - since.getTime() >= CANCEL_AFTER_MS,
  );
  if (old.length === 0) return;
  const proofs = await deps.chain.provenAbsent(
    old.map((row) => ({ from: row.address, nonce: safeNumber(row.nonce), hash: row.hash })),
  );
  const blocking = old.filter((row, index) => BigInt(proofs[index]!.finalNonce) === row.nonce);
  for (const row of blocking) {
    deps.log.error('The chain will not take a signed transaction; its nonce is to be cancelled.', {
      outboxId: row.id,
      walletId: row.wallet_id,
    });
    if (row.wallet_kind === 'member') await walletRows.askForCancel(deps.db, row.wallet_id);
    else await cancelOfPlatform(deps, { kind: row.wallet_kind, walletId: row.wallet_id });
  }
}

async function cancelOfPlatform(
  deps: CancelDeps,
  input: { kind: 'treasury' | 'reserve'; walletId: string },
): Promise<void> {
  await inTrx(deps, async (trx) => {
    const wallet = await walletRows.lockWallet(trx, input.walletId);
    await signCancels(deps, trx, { wallet, signer: platformSigner(deps, input.kind).signer });
  });
  deps.wake('submit');
}

/** Signs and stores the cancels that a locked wallet waits for. Each takes the place of its row's bytes at the next attempt. */
export async function signCancels(
  deps: Pick<Deps, 'chain' | 'clock' | 'ids' | 'secrets'>,
  trx: Trx,
  input: { wallet: Pick<walletRows.LockedWallet, 'id' | 'address'>; signer: Signer },
): Promise<void> {
  const { wallet, signer } = input;
  const now = new Date(deps.clock.nowMs());
  const rows = await cancelRows.rowsToCancel(trx, {
    walletId: wallet.id,
    invalidBefore: new Date(now.getTime() - CANCEL_AFTER_MS),
  });
  for (const row of rows) {
    const signed = deps.chain.sign({
      // Nothing to oneself: the cheapest transaction there is, and it moves nothing (INV-10).
      intent: { kind: 'native', to: wallet.address, amount: 0n },
      from: wallet.address,
      nonce: safeNumber(row.nonce),
      signer,
    });
    assert(signed.feeMax <= row.fee_max, 'a cancel costs no more than was promised to its row');
    await cancelRows.insertCancel(trx, { outboxId: row.id, ...signed, now });
    await audit(deps, trx, {
      actor: 'job:submit',
      act: 'cancel.signed',
      subject: row.id,
      facts: { wallet: wallet.id, nonce: row.nonce, hash: bytesToHex(signed.hash) },
    });
  }
  await walletRows.clearNeedsCancel(trx, wallet.id);
}

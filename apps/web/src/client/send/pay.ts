/** Sends a prepared payment and learns its outcome, also when the screen has moved on. */
import { randomIds, systemClock } from '@jigeum/std';
import type { TransferView } from '@jigeum/api';
import { api, isCertain, queryClient, refusalOf } from '../../state/api.ts';
import { isLocked } from '../../state/session.ts';
import { pendingTransfer } from './pending.ts';
import { ask, refused, type PendingTransfer } from './pending-transfer.ts';
import { clearDraft } from './send-draft.ts';

/** A new transfer id. */
export const newTransferId = (): string => randomIds.uuid(systemClock.nowMs());

export type PayAnswer =
  | { readonly kind: 'accepted'; readonly transfer: TransferView }
  /** Nothing has left the wallet; `error` says why. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** No answer: the payment may be under way. Its id finds out. */
  | { readonly kind: 'unknown' }
  /** The request had left already: the second tap of a double tap. */
  | { readonly kind: 'already-asked' };

/**
 * The only effects of running this are: the payment's id is stored as asked before the request leaves, one request,
 * `pin` is cleared, and on an answer the store, the draft and the cache follow it.
 */
export async function pay(prepared: PendingTransfer, pin: Uint8Array): Promise<PayAnswer> {
  const asked = ask(prepared, systemClock.nowMs());
  if (asked === null || pendingTransfer.get()?.phase === 'asked') {
    pin.fill(0);
    return { kind: 'already-asked' };
  }
  pendingTransfer.set(asked);
  try {
    const transfer = await api.call('requestTransfer', {
      body: {
        payeeId: asked.payeeId,
        maskedName: asked.maskedName,
        token: asked.token,
        amount: BigInt(asked.amount),
        memo: asked.memo,
      },
      secrets: { pin },
      idempotencyKey: asked.transferId,
    });
    settle(transfer);
    return { kind: 'accepted', transfer };
  } catch (error) {
    if (!isCertain(error)) return { kind: 'unknown' };
    pendingTransfer.set(refused(asked, newTransferId));
    if (refusalOf(error) === 'wallet-locked') isLocked.set(true);
    return { kind: 'refused', error };
  } finally {
    pin.fill(0);
  }
}

/** The server knows the payment: it is the server's now. */
export function settle(transfer: TransferView): void {
  if (pendingTransfer.get()?.transferId === transfer.transferId) pendingTransfer.set(null);
  clearDraft();
  queryClient.setQueryData(['transfer', transfer.transferId], transfer);
  void queryClient.invalidateQueries({ queryKey: ['balances'] });
  void queryClient.invalidateQueries({ queryKey: ['transfers'] });
}

/**
 * A charge that was asked for and has no answer yet. Its id is the request's idempotency key: stored before the request leaves, so
 * that a reload or a lost network asks for the same charge again and not for a second one.
 */
import { createStore, type KeyValueStorage, type Store } from '../../state/store.ts';

export interface PendingCharge {
  readonly requestId: string;
  /** The member who asked; another one on the same device has nothing to do with it. */
  readonly memberId: string;
  /** Whole won, decimal digits. */
  readonly won: string;
}

/** Keeps it in `storage`. */
export const createPendingCharge = (storage: () => KeyValueStorage): Store<PendingCharge | null> =>
  createStore<PendingCharge | null>(null, { storage, key: 'jigeum.charge', decode });

/** The one charge that this device may be asking for. */
export const pendingCharge = createPendingCharge(() => localStorage);

/** The request for `order`: the same order of the same member keeps its id, another gets a new one. */
export const askFor = (
  pending: PendingCharge | null,
  order: Omit<PendingCharge, 'requestId'>,
  newId: () => string,
): PendingCharge =>
  pending?.memberId === order.memberId && pending.won === order.won ? pending : { ...order, requestId: newId() };

function decode(json: unknown): PendingCharge | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { requestId, memberId, won } = json as Partial<PendingCharge>;
  if (typeof requestId !== 'string' || typeof memberId !== 'string' || typeof won !== 'string') return undefined;
  return /^[1-9][0-9]{0,18}$/.test(won) ? { requestId, memberId, won } : undefined;
}

/**
 * A payment from the moment its id is made until its outcome is known. The id is the request's idempotency key and the
 * transfer's own id; it is stored before the request leaves, so that a reload, the back button or a lost network can
 * neither pay twice nor lose sight of a payment.
 *
 *   (none) ── prepare ──▶ ready ── ask ──▶ asked ── the server knows it ──▶ (none)
 *                          ▲                 │
 *                          ├─ refused ───────┤  with a new id: the server has answered for the old one
 *                          └─ notArrived ────┘  with the same id: it may still be on its way
 */
import { createStore, type KeyValueStorage, type Store } from '../../state/store.ts';

export interface PendingTransfer {
  readonly transferId: string;
  readonly phase: 'ready' | 'asked';
  readonly payer: string;
  readonly payeeId: string;
  readonly maskedName: string;
  readonly token: string;
  /** Base units, decimal digits. */
  readonly amount: string;
  readonly memo: string;
  /** When the request left, in milliseconds since 1970; null before. */
  readonly askedAtMs: number | null;
}

export type TransferOrder = Pick<PendingTransfer, 'payer' | 'payeeId' | 'maskedName' | 'token' | 'amount' | 'memo'>;

export const PENDING_KEY = 'jigeum.transfer';

/** Keeps the pending payment in `storage`. */
export const createPendingStore = (storage: () => KeyValueStorage): Store<PendingTransfer | null> =>
  createStore<PendingTransfer | null>(null, { storage, key: PENDING_KEY, decode: decodePending });

/**
 * The payment that `order` asks for. The same order keeps its id; another order gets a new one. While a request is out
 * nothing may take its place: the answer is null.
 */
export function prepare(
  pending: PendingTransfer | null,
  order: TransferOrder,
  newId: () => string,
): PendingTransfer | null {
  if (pending?.phase === 'asked') return null;
  if (pending?.phase === 'ready' && isSameOrder(pending, order)) return pending;
  return { ...order, transferId: newId(), phase: 'ready', askedAtMs: null };
}

/** The request leaves now. Null when it has left already: the second tap of a double tap. */
export const ask = (pending: PendingTransfer, nowMs: number): PendingTransfer | null =>
  pending.phase === 'ready' ? { ...pending, phase: 'asked', askedAtMs: nowMs } : null;

/** The server has refused: nothing left the wallet. The next try is another request and gets another id. */
export const refused = (pending: PendingTransfer, newId: () => string): PendingTransfer => ({
  ...pending,
  transferId: newId(),
  phase: 'ready',
  askedAtMs: null,
});

/** The server has never seen it. The id stays: should the request still arrive late, it is the same payment. */
export const notArrived = (pending: PendingTransfer): PendingTransfer => ({
  ...pending,
  phase: 'ready',
  askedAtMs: null,
});

/** After this long without a trace at the server, a request that left is taken to be lost. The client gives up waiting after 15 s. */
export const GRACE_MS = 20_000;

/** True once the server's "I do not know it" can be believed. */
export const isGraceOver = (pending: PendingTransfer, nowMs: number): boolean =>
  pending.askedAtMs === null || nowMs - pending.askedAtMs >= GRACE_MS;

const isSameOrder = (pending: PendingTransfer, order: TransferOrder): boolean =>
  pending.payer === order.payer &&
  pending.payeeId === order.payeeId &&
  pending.maskedName === order.maskedName &&
  pending.token === order.token &&
  pending.amount === order.amount &&
  pending.memo === order.memo;

function decodePending(json: unknown): PendingTransfer | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const stored = json as Partial<PendingTransfer>;
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (
    !isText(stored.transferId) ||
    (stored.phase !== 'ready' && stored.phase !== 'asked') ||
    !isText(stored.payer) ||
    !isText(stored.payeeId) ||
    !isText(stored.maskedName) ||
    !isText(stored.token) ||
    !isText(stored.amount) ||
    !/^[0-9]{1,78}$/.test(stored.amount) ||
    !isText(stored.memo) ||
    (stored.askedAtMs !== null && typeof stored.askedAtMs !== 'number')
  )
    return undefined;
  return stored as PendingTransfer;
}

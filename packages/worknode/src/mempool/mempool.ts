/**
 * Transactions that were accepted and wait for a block. Executable ones follow their sender's nonce without a gap and are taken
 * in order of arrival; the others are queued until the gap closes, or until they have waited too long: nothing makes a sender
 * close a gap. The two have bounds of their own, so that a queue which somebody fills takes no room from payments. Nothing is
 * ever replaced: the price is fixed, so no replacement could be better.
 *
 * A sender may spend what executable transactions before it will bring: whoever has no coin yet is paid and pays in one block.
 * Where such a credit leaves without a block, the last of what it was to pay for leaves with it.
 */
import type { Clock } from '@jigeum/std';
import { TRANSACTION_TYPE, type SymId, type Transaction } from '@jigeum/symverse';
import type { RpcRefusal } from '@jigeum/symverse/rpc';
import { counter } from '../numbers.ts';

/** An admitted transaction. */
export interface PoolTransaction {
  /** `0x` and 64 digits. */
  readonly hashHex: `0x${string}`;
  readonly hash: Uint8Array;
  readonly raw: Uint8Array;
  readonly transaction: Transaction;
  /** Hug that the sender must have: value, and gas limit at its price. */
  readonly costMax: bigint;
}

export interface MempoolBounds {
  /** Executable transactions. A gap that closes may bring more: each sender's queued ones. */
  readonly countMax: number;
  /** Executable transactions of one sender. */
  readonly perSenderMax: number;
  /** Transactions of one sender that wait behind a gap. */
  readonly queuedPerSenderMax: number;
  /** Transactions of all senders that wait behind a gap. */
  readonly queuedMax: number;
  /** The longest that a transaction waits behind a gap, in milliseconds. */
  readonly queuedMs: number;
}

/**
 * 20,000 transactions are seven full blocks of the network; one sender may fill one block and a half (the platform's treasury is one
 * sender). The queue as in the geth family, where a transaction leaves it after three hours.
 */
export const MEMPOOL_BOUNDS: MempoolBounds = {
  countMax: 20_000,
  perSenderMax: 4096,
  queuedPerSenderMax: 64,
  queuedMax: 4096,
  queuedMs: 3 * 3_600_000,
};

/** Of a token transfer, the most frequent transaction. */
const TRANSFER_GAS = 67_240n;

/** The bounds of a node whose blocks may take so much gas: two full blocks have room, so that one can wait while one is closed. */
export const mempoolBounds = (blockGasLimit: bigint): MempoolBounds => ({
  ...MEMPOOL_BOUNDS,
  countMax: Math.max(MEMPOOL_BOUNDS.countMax, 2 * counter(blockGasLimit / TRANSFER_GAS)),
});

/** Why a transaction is not admitted. `detail` says what was expected and what came. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: RpcRefusal;
  readonly detail: string;
}

/** The sender's coins and final nonce. */
export type SenderFacts = (sender: SymId) => { readonly balance: bigint; readonly nonce: bigint };

export interface Mempool {
  add(tx: PoolTransaction): { readonly kind: 'added' } | Refused;
  /** The same for one that was answered before a restart: it keeps its place though the bounds are narrower now. */
  takeBack(tx: PoolTransaction): { readonly kind: 'added' } | Refused;
  get(hashHex: string): PoolTransaction | undefined;
  /** Executable transactions in the order in which a block takes them. */
  executable(): IterableIterator<PoolTransaction>;
  /** All that waits, by whether a block could take it now. */
  waiting(): { readonly executable: Iterable<PoolTransaction>; readonly queued: Iterable<PoolTransaction> };
  /**
   * Removes transactions that are in a block now, or that no block shall take. The facts must be those after the block. What
   * follows a dropped one waits behind the gap. Gives back what has left besides, because nothing that waits pays it any more:
   * of each sender the last ones, until the rest is paid.
   */
  settle(gone: readonly PoolTransaction[]): readonly PoolTransaction[];
  /** What has waited behind a gap for too long, the longest first. It stays until `settle` is told. */
  overdue(): readonly PoolTransaction[];
  /** All that waits of one sender. */
  of(sender: SymId): readonly PoolTransaction[];
  /** The nonce that the sender's next transaction should have. */
  nextNonce(sender: SymId): bigint;
  counts(): { readonly executable: number; readonly queued: number };
}

interface Sender {
  readonly byNonce: Map<bigint, PoolTransaction>;
  /** The first nonce that is not executable. */
  next: bigint;
  /** How many are executable. */
  executable: number;
  cost: bigint;
}

const NO_BOUNDS: Omit<MempoolBounds, 'queuedMs'> = {
  countMax: Infinity,
  perSenderMax: Infinity,
  queuedPerSenderMax: Infinity,
  queuedMax: Infinity,
};

/** An empty mempool over the facts of the newest block. */
export function createMempool(
  facts: SenderFacts,
  clock: Pick<Clock, 'monotonicMs'>,
  bounds: MempoolBounds = MEMPOOL_BOUNDS,
): Mempool {
  const executable = new Map<string, PoolTransaction>();
  /** What waits behind a gap, and since when; the oldest first. */
  const queued = new Map<string, { readonly tx: PoolTransaction; readonly sinceMs: number }>();
  const senders = new Map<SymId, Sender>();
  /** Hug that executable transactions bring to an address. */
  const credits = new Map<SymId, bigint>();

  const credit = ({ transaction: { type, to, value } }: PoolTransaction, sign: 1n | -1n): void => {
    if (type !== TRANSACTION_TYPE.general || to === null || value === 0n) return;
    const sum = (credits.get(to) ?? 0n) + sign * value;
    if (sum === 0n) credits.delete(to);
    else credits.set(to, sum);
  };
  /** False where it was not executable. */
  const stopExecuting = (tx: PoolTransaction, sender: Sender): boolean => {
    if (!executable.delete(tx.hashHex)) return false;
    sender.executable--;
    credit(tx, -1n);
    return true;
  };
  const queue = (tx: PoolTransaction): void => void queued.set(tx.hashHex, { tx, sinceMs: clock.monotonicMs() });

  const nextNonce = (sender: SymId): bigint => senders.get(sender)?.next ?? facts(sender).nonce;

  const refusalOf = (tx: PoolTransaction, limits: typeof NO_BOUNDS): Refused | undefined => {
    const { from, nonce } = tx.transaction;
    const { balance, nonce: finalNonce } = facts(from);
    const sender = senders.get(from);
    const next = nextNonce(from);
    if (nonce < finalNonce) {
      return refused('nonce-too-low', `expected ${next} as the next nonce of ${from}, got ${nonce}`);
    }
    const holder = sender?.byNonce.get(nonce);
    if (holder !== undefined) {
      return refused(
        'replacement-underpriced',
        `nonce ${nonce} of ${from} belongs to the waiting transaction ${holder.hashHex}, and at a fixed price nothing is replaced; expected nonce ${next}`,
      );
    }
    const noRoom = nonce > next ? noRoomBehindGap(tx, next, limits) : noRoomForExecutable(from, limits);
    if (noRoom !== undefined) return noRoom;
    const cost = (sender?.cost ?? 0n) + tx.costMax;
    const coming = balance < cost ? (credits.get(from) ?? 0n) : 0n;
    if (balance + coming < cost) {
      return refused(
        'insufficient-funds',
        `${from} needs ${cost} hug for this and its waiting transactions, has ${balance} and is brought ${coming}`,
      );
    }
    return undefined;
  };

  const noRoomForExecutable = (from: SymId, { countMax, perSenderMax }: typeof NO_BOUNDS): Refused | undefined => {
    if (executable.size >= countMax) {
      return refused('pool-full', `${countMax} transactions wait; send the same bytes again later`);
    }
    if ((senders.get(from)?.executable ?? 0) < perSenderMax) return undefined;
    return refused('pool-full', `${perSenderMax} transactions of ${from} wait; send the same bytes again later`);
  };

  const noRoomBehindGap = (
    { transaction: { from, nonce } }: PoolTransaction,
    next: bigint,
    { queuedMax, queuedPerSenderMax }: typeof NO_BOUNDS,
  ): Refused | undefined => {
    const sender = senders.get(from);
    const behind = sender === undefined ? 0 : sender.byNonce.size - sender.executable;
    if (behind >= queuedPerSenderMax || nonce - next > queuedPerSenderMax) {
      return refused(
        'nonce-too-high',
        `expected ${next} as the next nonce of ${from}, got ${nonce}; at most ${queuedPerSenderMax} wait behind a gap`,
      );
    }
    if (queued.size < queuedMax) return undefined;
    return refused(
      'pool-full',
      `${queuedMax} transactions wait behind gaps, and this one would too: expected ${next} as the next nonce of ${from}, got ${nonce}; send that one first, or the same bytes again later`,
    );
  };

  const addWithin = (tx: PoolTransaction, limits: typeof NO_BOUNDS): { readonly kind: 'added' } | Refused => {
    const refusal = refusalOf(tx, limits);
    if (refusal !== undefined) return refusal;
    const { from, nonce } = tx.transaction;
    const sender = senders.get(from) ?? {
      byNonce: new Map<bigint, PoolTransaction>(),
      next: facts(from).nonce,
      executable: 0,
      cost: 0n,
    };
    senders.set(from, sender);
    sender.byNonce.set(nonce, tx);
    sender.cost += tx.costMax;
    if (nonce > sender.next) queue(tx);
    // The loop ends with the sender's own transactions, whose number is bounded.
    for (;;) {
      const ready: PoolTransaction | undefined = sender.byNonce.get(sender.next);
      if (ready === undefined) break;
      queued.delete(ready.hashHex);
      executable.set(ready.hashHex, ready);
      credit(ready, 1n);
      sender.executable++;
      sender.next++;
    }
    return { kind: 'added' };
  };

  /** Nothing behind this nonce is executable any more. Whom that would have paid is added to `unpaid`. */
  const openGap = (sender: Sender, nonce: bigint, unpaid: Set<SymId>): void => {
    for (const tx of sender.byNonce.values()) {
      const { to } = tx.transaction;
      if (tx.transaction.nonce <= nonce || !stopExecuting(tx, sender)) continue;
      queue(tx);
      if (to !== null) unpaid.add(to);
    }
    sender.next = nonce;
  };

  /** Takes one out. Whom it, or what it opened a gap before, would have paid is added to `unpaid`. */
  const remove = (tx: PoolTransaction, unpaid: Set<SymId>): void => {
    const { from, nonce, to } = tx.transaction;
    const sender = senders.get(from);
    if (sender === undefined || !sender.byNonce.delete(nonce)) return;
    queued.delete(tx.hashHex);
    if (stopExecuting(tx, sender) && to !== null && senders.has(to)) unpaid.add(to);
    sender.cost -= tx.costMax;
    if (sender.byNonce.size === 0) senders.delete(from);
    else if (nonce < sender.next && nonce >= facts(from).nonce) openGap(sender, nonce, unpaid);
  };

  /** Takes out the last ones of a sender until the rest is paid. Ends with the sender's own transactions. */
  const removeUnpaid = (symId: SymId, unpaid: Set<SymId>): PoolTransaction[] => {
    const gone: PoolTransaction[] = [];
    for (;;) {
      const sender = senders.get(symId);
      if (sender === undefined || facts(symId).balance + (credits.get(symId) ?? 0n) >= sender.cost) return gone;
      const [last] = [...sender.byNonce.values()].toSorted((left, right) => compare(right, left));
      remove(last!, unpaid);
      gone.push(last!);
    }
  };

  return {
    add: (tx) => addWithin(tx, bounds),
    takeBack: (tx) => addWithin(tx, NO_BOUNDS),
    get: (hashHex) => executable.get(hashHex) ?? queued.get(hashHex)?.tx,
    executable: () => executable.values(),
    waiting: () => ({
      executable: executable.values(),
      queued: queued.values().map(({ tx }) => tx),
    }),
    settle(gone) {
      const unpaid = new Set<SymId>();
      for (const tx of gone) remove(tx, unpaid);
      const left: PoolTransaction[] = [];
      // Each round takes something out of the pool or ends with one address less.
      for (const symId of unpaid) {
        unpaid.delete(symId);
        left.push(...removeUnpaid(symId, unpaid));
      }
      return left;
    },
    overdue() {
      const untilMs = clock.monotonicMs() - bounds.queuedMs;
      const overdue: PoolTransaction[] = [];
      for (const { tx, sinceMs } of queued.values()) {
        if (sinceMs > untilMs) break;
        overdue.push(tx);
      }
      return overdue;
    },
    of: (sender) => [...(senders.get(sender)?.byNonce.values() ?? [])],
    nextNonce,
    counts: () => ({ executable: executable.size, queued: queued.size }),
  };
}

const refused = (reason: RpcRefusal, detail: string): Refused => ({ kind: 'refused', reason, detail });

const compare = (left: PoolTransaction, right: PoolTransaction): number =>
  left.transaction.nonce < right.transaction.nonce ? -1 : 1;

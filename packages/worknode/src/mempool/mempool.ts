/**
 * Transactions that were accepted and wait for a block. Executable ones follow their sender's nonce without a gap and are taken
 * in order of arrival; the others are queued until the gap closes. Nothing is ever replaced: the price is fixed, so no
 * replacement could be better.
 */
import type { SymId, Transaction } from '@jigeum/symverse';
import type { RpcRefusal } from '@jigeum/symverse/rpc';

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
  /** All transactions, executable and queued. */
  readonly countMax: number;
  /** Transactions of one sender. */
  readonly perSenderMax: number;
  /** Transactions of one sender that wait behind a gap. */
  readonly queuedPerSenderMax: number;
}

/** 20,000 transactions are seven full blocks; one sender may fill one block and a half (the platform's treasury is one sender). */
export const MEMPOOL_BOUNDS: MempoolBounds = { countMax: 20_000, perSenderMax: 4096, queuedPerSenderMax: 64 };

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
   * follows a dropped one waits behind the gap.
   */
  settle(gone: readonly PoolTransaction[]): void;
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
  cost: bigint;
}

const NO_BOUNDS: MempoolBounds = { countMax: Infinity, perSenderMax: Infinity, queuedPerSenderMax: Infinity };

/** An empty mempool over the facts of the newest block. */
export function createMempool(facts: SenderFacts, bounds: MempoolBounds = MEMPOOL_BOUNDS): Mempool {
  const byHash = new Map<string, PoolTransaction>();
  const executable = new Map<string, PoolTransaction>();
  const senders = new Map<SymId, Sender>();

  const nextNonce = (sender: SymId): bigint => senders.get(sender)?.next ?? facts(sender).nonce;

  const refusalOf = (tx: PoolTransaction, { countMax, perSenderMax, queuedPerSenderMax }: MempoolBounds) => {
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
    const queued = sender === undefined ? 0 : sender.byNonce.size - counterBetween(finalNonce, sender.next);
    if (nonce > next && (queued >= queuedPerSenderMax || nonce - next > queuedPerSenderMax)) {
      return refused(
        'nonce-too-high',
        `expected ${next} as the next nonce of ${from}, got ${nonce}; at most ${queuedPerSenderMax} wait behind a gap`,
      );
    }
    if (byHash.size >= countMax) {
      return refused('pool-full', `${countMax} transactions wait; send the same bytes again later`);
    }
    if (sender !== undefined && sender.byNonce.size >= perSenderMax) {
      return refused('pool-full', `${perSenderMax} transactions of ${from} wait; send the same bytes again later`);
    }
    const cost = (sender?.cost ?? 0n) + tx.costMax;
    if (balance < cost) {
      return refused(
        'insufficient-funds',
        `${from} needs ${cost} hug for this and its waiting transactions, and has ${balance}`,
      );
    }
    return undefined;
  };

  const addWithin = (tx: PoolTransaction, limits: MempoolBounds): { readonly kind: 'added' } | Refused => {
    const refusal = refusalOf(tx, limits);
    if (refusal !== undefined) return refusal;
    const { from, nonce } = tx.transaction;
    const sender = senders.get(from) ?? {
      byNonce: new Map<bigint, PoolTransaction>(),
      next: facts(from).nonce,
      cost: 0n,
    };
    senders.set(from, sender);
    byHash.set(tx.hashHex, tx);
    sender.byNonce.set(nonce, tx);
    sender.cost += tx.costMax;
    // The loop ends with the sender's own transactions, whose number is bounded.
    for (;;) {
      const ready: PoolTransaction | undefined = sender.byNonce.get(sender.next);
      if (ready === undefined) break;
      executable.set(ready.hashHex, ready);
      sender.next++;
    }
    return { kind: 'added' };
  };

  /** Nothing behind this nonce is executable any more. */
  const openGap = (sender: Sender, nonce: bigint): void => {
    for (const { hashHex, transaction } of sender.byNonce.values())
      if (transaction.nonce > nonce) executable.delete(hashHex);
    sender.next = nonce;
  };

  return {
    add: (tx) => addWithin(tx, bounds),
    takeBack: (tx) => addWithin(tx, NO_BOUNDS),
    get: (hashHex) => byHash.get(hashHex),
    executable: () => executable.values(),
    waiting: () => ({
      executable: executable.values(),
      queued: byHash.values().filter(({ hashHex }) => !executable.has(hashHex)),
    }),
    settle(gone) {
      for (const { hashHex, transaction, costMax } of gone) {
        const { from, nonce } = transaction;
        byHash.delete(hashHex);
        executable.delete(hashHex);
        const sender = senders.get(from);
        if (sender === undefined || !sender.byNonce.delete(nonce)) continue;
        sender.cost -= costMax;
        if (sender.byNonce.size === 0) senders.delete(from);
        else if (nonce < sender.next && nonce >= facts(from).nonce) openGap(sender, nonce);
      }
    },
    of: (sender) => [...(senders.get(sender)?.byNonce.values() ?? [])],
    nextNonce,
    counts: () => ({ executable: executable.size, queued: byHash.size - executable.size }),
  };
}

const refused = (reason: RpcRefusal, detail: string): Refused => ({ kind: 'refused', reason, detail });

const counterBetween = (from: bigint, to: bigint): number => Number.parseInt((to - from).toString(), 10);

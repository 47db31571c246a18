/**
 * A work node: takes transactions, writes them into its journal before it answers, closes blocks, and keeps the chain.
 *
 *   bytes → admit (rules of one transaction) → mempool (nonce, funds, bounds) → journal (durable) → answer with the hash
 *   timer → build a block of what waits → seal → commit (durable, whole) → state and mempool move on
 *   record of a CA → check → citizen block (durable) → in effect
 *
 * Everything below this file is deterministic: time, randomness and waiting come in through `WorkNodeDeps`. A block is final
 * when it is committed, because one sealer alone closes blocks; a network's consensus is not here.
 */
import { equalBytes, toHex0x, type Clock } from '@jigeum/std';
import { transactionHash, type ProtocolCrypto, type SymId } from '@jigeum/symverse';
import type { RpcRefusal } from '@jigeum/symverse/rpc';
import { BLOCK_GAS_LIMIT } from './block/build-block.ts';
import { openChain, type Chain } from './chain.ts';
import { mayPay } from './citizens/citizen-chain.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Genesis } from './genesis.ts';
import { admit, admitSigned, checkTransaction, signerOf } from './mempool/admission.ts';
import { createJournal } from './mempool/journal.ts';
import {
  createMempool,
  mempoolBounds,
  type Mempool,
  type MempoolBounds,
  type PoolTransaction,
} from './mempool/mempool.ts';
import type { SignerFinder } from './mempool/signer-pool.ts';
import { counter } from './numbers.ts';
import { accountOf } from './state/accounts.ts';
import type { NodeStorage, StoredBlock } from './storage/storage.ts';
import type { Timers } from './timers.ts';

export interface WorkNodeDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly storage: NodeStorage;
  readonly crypto: ProtocolCrypto;
  /** Finds signers on other threads; left out, they are found in this one. */
  readonly signers?: Pick<SignerFinder, 'find'>;
  /** Told what happened; must not throw. */
  readonly report?: (event: WorkNodeEvent) => void;
}

export interface WorkNodeOptions {
  /** Left out: the chain that is in the storage. */
  readonly genesis?: Genesis;
  /** 32 bytes: the key of the genesis's sealer. Kept for the life of the node. */
  readonly sealerKey: Uint8Array;
  /** Milliseconds between two looks at what waits: the longest that a transaction waits for its block. */
  readonly blockMs?: number;
  /** Milliseconds after which a block is closed although nothing waits; null for never. Default: `blockMs`, as on the network. */
  readonly emptyBlockMs?: number | null;
  /** Also close a block as soon as something waits. */
  readonly sealWhenBusy?: boolean;
  readonly blockGasLimit?: bigint;
  readonly pool?: Partial<MempoolBounds>;
}

export type WorkNodeEvent =
  | { readonly kind: 'sealed'; readonly number: number; readonly transactions: number; readonly tookMs: number }
  /** The block was not written; what waits still waits, and the next tick tries again. */
  | { readonly kind: 'seal-failed'; readonly error: unknown }
  /**
   * The journal was not written. Those who wait for an answer get an error, and the outcome of their transaction is open; what has
   * left the pool may be in the journal still, and is looked at again at the next start.
   */
  | { readonly kind: 'journal-failed'; readonly error: unknown }
  /** A journaled transaction that the chain no longer admits: after a restart, when its block was built, when its CA stopped its sender, or after hours behind a gap. */
  | { readonly kind: 'dropped'; readonly hashHex: string; readonly why: string }
  /** One who listens for blocks or transactions failed; the node goes on. */
  | { readonly kind: 'listener-failed'; readonly error: unknown };

/** What became of bytes that were handed in. `accepted` and `already-known` are told only when the transaction is durable. */
export type SubmitOutcome =
  | { readonly kind: 'accepted' | 'already-known'; readonly hash: `0x${string}` }
  | { readonly kind: 'refused'; readonly reason: RpcRefusal; readonly detail: string };

export interface WorkNode {
  readonly chain: Chain;
  readonly pool: Pick<Mempool, 'get' | 'nextNonce' | 'counts' | 'waiting'>;
  /** Each new main block, when it is durable. */
  readonly heads: Feed<StoredBlock>;
  /** The hash of each transaction that is accepted, when it is durable. */
  readonly accepted: Feed<`0x${string}`>;
  /** Begins to close blocks. */
  start(): void;
  /** Stops closing blocks and writes what is still to be written. The storage stays open. */
  stop(): void;
  /** Takes a transaction. Rejects when the journal cannot be written: then nobody knows yet whether it will be in a block. */
  submit(raw: Uint8Array): Promise<SubmitOutcome>;
  /** Takes a CA's record; it is in effect when this returns. */
  submitCitizen(
    raw: Uint8Array,
  ): { readonly kind: 'recorded'; readonly hash: `0x${string}` } | { readonly kind: 'refused'; readonly text: string };
  /** Closes a block now, empty or not. Throws when it cannot be written. */
  seal(): StoredBlock;
}

const UNPAID = 'nothing that waits brings the coin that it needs any more';

const BLOCK_MS = 1000;
/** Signatures under check at once: with 70 microseconds each, more would wait for over a second. */
const CHECKING_MAX = 20_000;
/** Of the time between two blocks: the least in which none is closed. */
const BREATH_SHARE = 0.25;
/** With `sealWhenBusy`: transactions that arrive within this time share a block. */
const BUSY_MS = 10;

/** Opens the chain and takes over the journal. Nothing happens on its own before `start`. */
export function createWorkNode(deps: WorkNodeDeps, options: WorkNodeOptions): WorkNode {
  const { clock, timers, storage, crypto } = deps;
  const { blockMs = BLOCK_MS, blockGasLimit = BLOCK_GAS_LIMIT, sealWhenBusy = false } = options;
  const emptyBlockMs = options.emptyBlockMs === undefined ? blockMs : options.emptyBlockMs;
  const report = deps.report ?? (() => undefined);
  const listenerFailed = (error: unknown): void => report({ kind: 'listener-failed', error });
  const heads = createFeed<StoredBlock>(listenerFailed);
  const accepted = createFeed<`0x${string}`>(listenerFailed);
  const chain = openChain({
    genesis: options.genesis,
    sealerKey: options.sealerKey,
    crypto,
    storage,
    gasLimit: blockGasLimit,
  });
  const { genesis } = chain;
  const bounds: MempoolBounds = { ...mempoolBounds(blockGasLimit), ...options.pool };
  const pool = createMempool((symId) => accountOf(chain.state, symId), clock, bounds);
  const journal = createJournal(deps, {
    failed: (error) => report({ kind: 'journal-failed', error }),
    isWaiting: (hashHex) => pool.get(hashHex) !== undefined,
  });
  // A node that was away begins with a block: who asks whether the chain lives looks at the newest block's age.
  const awayMs = Math.max(0, clock.nowMs() - counter(chain.head().header.time) * 1000);
  /** When the newest block was begun. */
  let begunAtMs = clock.monotonicMs() - awayMs;
  let isRunning = false;
  let cancelTick = (): void => undefined;
  let cancelBusy: (() => void) | undefined;

  const checkRules = {
    crypto,
    state: chain.state,
    chainId: genesis.chainId,
    blockGasLimit,
    sealer: genesis.sealer.symId,
  };
  const signers = deps.signers ?? { find: async ({ transaction }) => signerOf(checkRules, transaction) };
  /** Transactions whose signature is being checked: the same bytes, sent twice at once, are checked once. */
  const checking = new Map<string, Promise<SubmitOutcome>>();

  const take = async (raw: Uint8Array): Promise<SubmitOutcome> => {
    const hash = transactionHash(raw, crypto.sha3);
    const hashHex = toHex0x(hash);
    const known: SubmitOutcome = { kind: 'already-known', hash: hashHex };
    if (pool.get(hashHex) !== undefined) return known;
    const first = checking.get(hashHex);
    if (first !== undefined) {
      const outcome = await first;
      return outcome.kind === 'accepted' ? known : outcome;
    }
    const outcome = admitUnlessInBlock(raw, hash);
    checking.set(hashHex, outcome);
    try {
      return await outcome;
    } finally {
      checking.delete(hashHex);
    }
  };

  /** Whatever else is wrong with it now, a transaction of a block is known. Others need not be looked for: their nonce is new. */
  const admitUnlessInBlock = async (raw: Uint8Array, hash: Uint8Array): Promise<SubmitOutcome> => {
    const outcome = await admitToPool(raw, hash);
    if (outcome.kind !== 'refused' || storage.transaction(hash) === undefined) return outcome;
    return { kind: 'already-known', hash: toHex0x(hash) };
  };

  const admitToPool = async (raw: Uint8Array, hash: Uint8Array): Promise<SubmitOutcome> => {
    if (checking.size >= CHECKING_MAX) {
      return {
        kind: 'refused',
        reason: 'pool-full',
        detail: `${CHECKING_MAX} signatures are being checked; send the same bytes again later`,
      };
    }
    const checked = checkTransaction(checkRules, raw, hash);
    if (checked.kind === 'refused') return checked;
    const admission = admitSigned(checkRules, checked.tx, await signers.find(checked.tx));
    if (admission.kind === 'refused') return admission;
    const added = pool.add(admission.tx);
    if (added.kind === 'refused') return added;
    journal.add(admission.tx);
    return { kind: 'accepted', hash: admission.tx.hashHex };
  };

  const seal = (): StoredBlock => {
    const startedAtMs = clock.monotonicMs();
    // A row that is written after its block would come back from the dead at the next start.
    journal.flush();
    const time = Math.floor(clock.nowMs() / 1000);
    const built = chain.addBlock({ time, gasLimit: blockGasLimit, waiting: pool.executable() });
    begunAtMs = startedAtMs;
    // In memory alone: who hears of the block finds a pool that knows it.
    const unpaid = pool.settle(built.included);
    const { number } = built.block;
    const tookMs = clock.monotonicMs() - startedAtMs;
    report({ kind: 'sealed', number, transactions: built.included.length, tookMs });
    heads.tell(built.block);
    forget(unpaid, UNPAID);
    // The pool's rules keep this list empty; were they wrong, one bad transaction must not stop all blocks.
    leave(built.dropped, 'its sender cannot pay, or its nonce is spent');
    return built.block;
  };

  const leave = (dropped: readonly PoolTransaction[], why: string): void => {
    if (dropped.length === 0) return;
    // Out of the pool first: whatever becomes of the journal, no block shall take them.
    const unpaid = pool.settle(dropped);
    forget(dropped, why);
    forget(unpaid, UNPAID);
  };

  /**
   * Out of the journal, for what has left the pool. Never throws: the block or record that it follows from is written. Rows that
   * stay are admitted anew, or dropped, at the next start.
   */
  const forget = (gone: readonly PoolTransaction[], why: string): void => {
    if (gone.length === 0) return;
    removeRows(gone);
    for (const { hashHex } of gone) report({ kind: 'dropped', hashHex, why });
  };

  /** Never throws; false where the rows stay. */
  const removeRows = (gone: readonly PoolTransaction[]): boolean => {
    try {
      // What is removed from the journal must not be written into it afterwards.
      journal.flush();
      storage.journalRemove(gone.map(({ hash }) => hash));
      return true;
    } catch (error) {
      report({ kind: 'journal-failed', error });
      return false;
    }
  };

  /** Out of the journal first: no start brings it back, and where the rows stay, it waits until the next tick tries again. */
  const leaveWhenOverdue = (): void => {
    const overdue = pool.overdue();
    if (overdue.length === 0 || !removeRows(overdue)) return;
    pool.settle(overdue);
    const why = `it waited behind a gap for ${bounds.queuedMs / 1000} s`;
    for (const { hashHex } of overdue) report({ kind: 'dropped', hashHex, why });
  };

  /**
   * What waits of a SymID whose CA has locked it, or given it another key, leaves without a block: whoever has the old key must
   * not be paid after the CA was told of the theft. A crash before this changes nothing: the journal is admitted anew at the next start.
   */
  const leaveUnlessStillGood = (symId: SymId, keyHashBefore: Uint8Array | undefined): void => {
    const waiting = pool.of(symId);
    const now = chain.state.get('citizen', symId);
    if (waiting.length === 0 || now === undefined || keyHashBefore === undefined) return;
    if (mayPay(now) && equalBytes(now.keyHash, keyHashBefore)) return;
    leave(waiting, mayPay(now) ? 'its sender has another key now' : 'its sender may not pay any more');
  };

  const sealUnlessItFails = (): void => {
    try {
      seal();
    } catch (error) {
      report({ kind: 'seal-failed', error });
    }
  };

  const tick = (): void => {
    const nowMs = clock.monotonicMs();
    const isDue = emptyBlockMs !== null && nowMs - begunAtMs >= emptyBlockMs - blockMs / 2;
    leaveWhenOverdue();
    if (pool.counts().executable > 0 || isDue) sealUnlessItFails();
    if (!isRunning) return;
    // From beginning to beginning. Where a block takes longer than it may, others have their time all the same.
    const leftMs = blockMs - (clock.monotonicMs() - nowMs);
    cancelTick = timers.after(Math.max(leftMs, blockMs * BREATH_SHARE), tick);
  };

  const sealSoon = (): void => {
    if (!sealWhenBusy || !isRunning) return;
    cancelBusy ??= timers.after(BUSY_MS, () => {
      cancelBusy = undefined;
      if (pool.counts().executable > 0) sealUnlessItFails();
      if (pool.counts().executable > 0) sealSoon();
    });
  };

  restoreJournal();

  function restoreJournal(): void {
    const gone: Uint8Array[] = [];
    const drop = (hash: Uint8Array, why: string | undefined): void => {
      gone.push(hash);
      if (why !== undefined) report({ kind: 'dropped', hashHex: toHex0x(hash), why });
    };
    const refusedAtFirst: PoolTransaction[] = [];
    for (const { raw, hash } of storage.journal()) {
      const admission = storage.transaction(hash) === undefined ? admit(checkRules, raw) : undefined;
      if (admission?.kind !== 'admitted') drop(hash, admission?.detail);
      else if (pool.takeBack(admission.tx).kind !== 'added') refusedAtFirst.push(admission.tx);
    }
    // A row that was written at a second try stands behind what it pays for.
    for (const tx of refusedAtFirst) {
      const added = pool.takeBack(tx);
      if (added.kind !== 'added') drop(tx.hash, added.detail);
    }
    storage.journalRemove(gone);
  }

  return {
    chain,
    pool,
    heads,
    accepted,
    start() {
      if (isRunning) return;
      isRunning = true;
      cancelTick = timers.after(blockMs, tick);
      sealSoon();
    },
    stop() {
      isRunning = false;
      cancelTick();
      cancelBusy?.();
      cancelBusy = undefined;
      journal.flush();
    },
    async submit(raw) {
      const outcome = await take(raw);
      if (outcome.kind === 'refused') return outcome;
      await journal.written(outcome.hash);
      if (outcome.kind === 'accepted') accepted.tell(outcome.hash);
      sealSoon();
      return outcome;
    },
    submitCitizen(raw) {
      const checked = chain.checkCitizen(raw);
      if (checked.kind === 'refused') return checked;
      const { symId } = checked.citizen;
      const keyHashBefore = chain.state.get('citizen', symId)?.keyHash;
      chain.addCitizen(checked);
      leaveUnlessStillGood(symId, keyHashBefore);
      return { kind: 'recorded', hash: toHex0x(checked.stored.hash) };
    },
    seal,
  };
}

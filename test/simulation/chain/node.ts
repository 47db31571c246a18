/**
 * The simulated node: a pool, blocks that follow one another, and finality some blocks later. A block that is not final yet may
 * be taken back, the pool may be lost, and nobody is told. Only final blocks are executed and shown.
 */
import { createHash } from 'node:crypto';
import type { BroadcastOutcome, TransactionOutcome } from '@jigeum/chain';
import type { Faults } from '../faults.ts';
import type { Owner, Scheduler } from '../scheduler.ts';
import type { ChainState, Executed } from './state.ts';
import { costOf, read, type Transaction } from './transaction.ts';

export interface NodeRules {
  blockMs: number;
  /** Blocks on top of a block that make it final; 0: at once. */
  finalityDepth: number;
  transactionsPerBlock: number;
  /** How far ahead of the next nonce the pool takes transactions. */
  nonceGapMax: number;
  /** Whether coin that waits in the pool counts for who will receive it. */
  countsComingCoin: boolean;
}

interface Block {
  number: number;
  hash: string;
  parentHash: string;
  atMs: number;
  transactions: Transaction[];
}

const POOL_MAX = 4_000;
/** As far back as the state of a block is kept. */
const HISTORY_BLOCKS = 30;

export class SimulatedNode implements Owner {
  readonly name = 'node';
  isAlive = true;
  readonly state: ChainState;
  readonly rules: NodeRules;
  /** Final blocks, from genesis on. */
  readonly blocks: Block[];
  /** On top of the final ones: may be taken back. */
  readonly #open: Block[] = [];
  /** By hash: those that are waiting for a block. */
  readonly #pool = new Map<string, Transaction>();
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  #isTicking = false;
  #haltedUntilMs = 0;
  readonly #read = new Map<string, Transaction | undefined>();
  readonly #history = new Map<number, ChainState>();
  readonly #headCalls = new Set<() => void>();
  /** Every transaction that was ever sent to a node, by sender and nonce: never two for one nonce (INV-04). */
  readonly sent = new Map<string, Set<string>>();
  /** The first sender and nonce that got two. */
  conflict: string | undefined;
  /** The figures before the newest final block: what a node tells that lags behind. */
  #before: { state: ChainState; number: number } | undefined;

  constructor(scheduler: Scheduler, faults: Faults, start: { state: ChainState; blocks: Block[]; rules: NodeRules }) {
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.state = start.state.copy();
    this.blocks = [...start.blocks];
    this.rules = start.rules;
  }

  static genesis(): Block[] {
    return [{ number: 0, hash: hashOf('genesis'), parentHash: '0x', atMs: 0, transactions: [] }];
  }

  get isHalted(): boolean {
    return this.#scheduler.elapsedMs < this.#haltedUntilMs;
  }

  heal(): void {
    this.#haltedUntilMs = 0;
    this.#tick();
  }

  /** Calls at each new final block. */
  onHead(call: () => void): () => void {
    this.#headCalls.add(call);
    return () => this.#headCalls.delete(call);
  }

  get head(): Block {
    return this.blocks.at(-1)!;
  }

  /** A node that lags shows the figures before the newest final block. */
  view(isStale: boolean): { state: ChainState; number: number } {
    return isStale && this.#before !== undefined ? this.#before : { state: this.state, number: this.head.number };
  }

  /** The figures at the end of a final block. Undefined where it is too old or beyond the head. */
  stateAt(number: number): ChainState | undefined {
    return number === this.head.number ? this.state : this.#history.get(number);
  }

  receive(raw: Uint8Array): BroadcastOutcome {
    const transaction = this.#readOnce(raw);
    if (transaction === undefined) return refused('invalid', 'no transaction');
    const { from, nonce, hash, intent } = transaction;
    const account = this.state.accounts.get(from);
    if (account === undefined || account.keyHash !== transaction.keyHash) return refused('invalid', 'signature');
    const key = `${from} ${nonce}`;
    const hashes = (this.sent.get(key) ?? new Set()).add(hash);
    this.sent.set(key, hashes);
    if (hashes.size > 1) this.conflict ??= key;
    if (this.state.executed.has(hash)) return { kind: 'already-known' };
    if (this.#pool.has(hash) || this.#open.some((block) => block.transactions.some((each) => each.hash === hash)))
      return { kind: 'already-known' };
    const under = this.#underWay(from);
    if (nonce < account.nonce || under.some((each) => each.nonce === nonce))
      return refused('nonce-too-low', `expected ${account.nonce + under.length}`);
    if (nonce > account.nonce + under.length + this.rules.nonceGapMax)
      return refused('nonce-too-high', `expected ${account.nonce + under.length}`);
    const promised = under.reduce((sum, each) => sum + costOf(each.intent), 0n);
    const left = account.native - promised + (this.rules.countsComingCoin ? this.#coming(from) : 0n);
    if (left < costOf(intent)) return refused('funds-too-low', `has ${left}`);
    if (this.#pool.size >= POOL_MAX || this.#faults.happens('poolFull')) return refused('pool-full', 'full');
    this.#pool.set(hash, transaction);
    this.#tick();
    return { kind: 'accepted' };
  }

  /** What is known of a hash. `isStale`: by a node that lags. */
  outcome(hash: string, isStale: boolean): TransactionOutcome {
    const executed = this.state.executed.get(hash);
    if (executed !== undefined && executed.blockNumber <= this.view(isStale).number) return finalOutcome(executed);
    const isKnown =
      this.#pool.has(hash) || this.#open.some((block) => block.transactions.some((each) => each.hash === hash));
    return isKnown ? { kind: 'pending' } : { kind: 'absent' };
  }

  /** Coin on its way to an address. */
  #coming(to: string): bigint {
    let sum = 0n;
    for (const { intent } of [...this.#pool.values(), ...this.#open.flatMap((block) => block.transactions)])
      if (intent.kind === 'native' && intent.to === to) sum += intent.amount;
    return sum;
  }

  /** Transactions of a sender that have no final block. */
  #underWay(from: string): Transaction[] {
    return [...this.#pool.values(), ...this.#open.flatMap((block) => block.transactions)].filter(
      (each) => each.from === from,
    );
  }

  #readOnce(raw: Uint8Array): Transaction | undefined {
    const key = Buffer.from(raw).toString('latin1');
    if (!this.#read.has(key)) this.#read.set(key, read(raw));
    return this.#read.get(key);
  }

  /** Makes blocks while there is something to put in, or something that is not final. */
  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#scheduler.after(this.rules.blockMs, this, 'block', () => {
      this.#isTicking = false;
      if (!this.isHalted) this.#makeBlock();
      if (this.#pool.size > 0 || this.#open.length > 0) this.#tick();
    });
  }

  #makeBlock(): void {
    if (this.#faults.happens('nodeHalts')) {
      this.#haltedUntilMs = this.#scheduler.elapsedMs + this.#scheduler.random.between(1_000, 30_000);
      return;
    }
    if (this.#faults.happens('poolDropped')) {
      this.#scheduler.trace.note('  the pool is lost');
      this.#pool.clear();
    }
    if (this.#open.length > 0 && this.#faults.happens('blockTakenBack')) {
      this.#scheduler.trace.note('  the newest block is taken back');
      const gone = this.#open.pop()!;
      if (this.#scheduler.random.oneIn(2)) for (const each of gone.transactions) this.#pool.set(each.hash, each);
      return;
    }
    const parent = this.#open.at(-1) ?? this.head;
    const number = parent.number + 1;
    const transactions = this.#choose();
    const hash = hashOf(`${parent.hash} ${transactions.map((each) => each.hash).join(' ')}`);
    this.#open.push({ number, hash, parentHash: parent.hash, atMs: this.#scheduler.nowMs, transactions });
    while (this.#open.length > this.rules.finalityDepth) this.#makeFinal(this.#open.shift()!);
  }

  #makeFinal(block: Block): void {
    this.#before = { state: this.state.copyFigures(), number: this.head.number };
    this.#history.set(this.head.number, this.#before.state);
    this.#history.delete(this.head.number - HISTORY_BLOCKS);
    for (const [position, transaction] of block.transactions.entries()) {
      const { isSuccess } = this.state.execute(transaction, { number: block.number, hash: block.hash, position });
      this.#scheduler.trace.note(
        `  final ${block.number} ${transaction.hash.slice(0, 12)} ${transaction.intent.kind} ${isSuccess}`,
      );
    }
    this.blocks.push(block);
    for (const call of this.#headCalls) call();
  }

  /** Transactions whose turn it is and whose cost is covered, also by coin that comes earlier in the block. */
  #choose(): Transaction[] {
    const senders = new Map<string, { next: number; left: bigint }>();
    const of = (address: string) => {
      const account = this.state.accounts.get(address)!;
      const known = senders.get(address) ?? { next: account.nonce, left: account.native };
      senders.set(address, known);
      return known;
    };
    const take = ({ from, intent }: Transaction) => {
      const sender = of(from);
      sender.next++;
      sender.left -= costOf(intent);
      if (intent.kind === 'native' && this.state.accounts.has(intent.to)) of(intent.to).left += intent.amount;
    };
    for (const block of this.#open) block.transactions.forEach(take);
    const chosen: Transaction[] = [];
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      const order = [...this.#pool.values()];
      for (let at = order.length; at > 1; at--) {
        const other = this.#scheduler.random.below(at);
        [order[at - 1], order[other]] = [order[other]!, order[at - 1]!];
      }
      for (const transaction of order) {
        const { next, left } = of(transaction.from);
        if (transaction.nonce < next) this.#pool.delete(transaction.hash);
        if (transaction.nonce !== next || costOf(transaction.intent) > left) continue;
        if (chosen.length >= this.rules.transactionsPerBlock) return chosen;
        this.#pool.delete(transaction.hash);
        take(transaction);
        chosen.push(transaction);
        isMoving = true;
      }
    }
    return chosen;
  }
}

const hashOf = (text: string): string => `0x${createHash('sha256').update(text).digest('hex')}`;

const refused = (reason: Extract<BroadcastOutcome, { kind: 'refused' }>['reason'], text: string): BroadcastOutcome => ({
  kind: 'refused',
  reason,
  text,
});

export const finalOutcome = (executed: Executed): Extract<TransactionOutcome, { kind: 'final' }> => ({
  kind: 'final',
  isSuccess: executed.isSuccess,
  errorCode: executed.errorCode,
  blockNumber: executed.blockNumber,
  blockHash: executed.blockHash,
  fee: executed.fee,
  contract: executed.contract,
});

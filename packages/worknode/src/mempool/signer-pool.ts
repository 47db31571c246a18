/**
 * Finds signers on all processors. Recovering a key takes most of the time that a transaction costs. Questions lie on a board that
 * the threads share (`signer-board.ts`): the other threads answer what they find there, and so does this one whenever it has nothing
 * else to do, so that no processor waits for another.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ProtocolCrypto } from '@jigeum/symverse';
import type { Timers } from '../timers.ts';
import type { Signer } from './admission.ts';
import type { PoolTransaction } from './mempool.ts';
import { createBoardMemory, openBoard, type BoardMemory } from './signer-board.ts';
import { answerTo, signerQuestion, type SignerQuestion } from './signer-question.ts';

/** Finds signers, in any thread. */
export interface SignerFinder {
  /**
   * The signer of a transaction that decoded. Answers come in the order of the questions, also those of different senders: a payment
   * that came behind the grant that pays its gas must reach the mempool behind it, or it is refused for want of coin.
   */
  find(tx: Pick<PoolTransaction, 'raw' | 'transaction'>): Promise<Signer>;
  /** Ends the threads. Questions that are still open are answered in this thread. */
  stop(): Promise<void>;
}

/** What a thread is started with. */
export interface SignerWorkerData {
  readonly memory: BoardMemory;
  /** From 1. */
  readonly thread: number;
}

/** One thread feeds blocks and sockets; more than this would wait for it. */
const WORKERS_MAX = 3;
const THIS_THREAD = 0;
/** Nothing that a thread makes outlives a question. */
const WORKER_YOUNG_MB = 4;

interface Asked {
  readonly question: SignerQuestion;
  readonly resolve: (signer: Signer) => void;
  readonly reject: (error: unknown) => void;
  /** Undefined while the board is full. */
  slot?: number;
  /** Found in this thread. */
  outcome?: { readonly signer: Signer } | { readonly error: unknown };
}

/** A finder with a thread for each processor but this one's, three at most; on a single processor this thread does it all. */
export function createSignerPool(
  deps: { readonly crypto: ProtocolCrypto; readonly timers: Pick<Timers, 'soon'> },
  options: {
    readonly chainId: bigint;
    readonly workers?: number;
    /** Left out: `signer-worker.ts`. */
    readonly program?: URL;
    /** Told when a thread has ended by itself; its questions are answered in this thread. */
    readonly report: (error: unknown) => void;
  },
): SignerFinder {
  const { crypto, timers } = deps;
  const { chainId, report, program = new URL('./signer-worker.ts', import.meta.url) } = options;
  const count = options.workers ?? Math.min(availableParallelism() - 1, WORKERS_MAX);
  const memory = createBoardMemory();
  const board = openBoard(memory);
  /** In the order in which they were asked; answered from the front. */
  const open: Asked[] = [];
  const bySlot = new Map<number, Asked>();
  /** How many of the open ones, from the end, are not on the board. */
  let beyond = 0;
  /** How many have come onto the board since a turn looked: somebody has to be told of them. */
  let fresh = 0;
  let isScheduled = false;
  let isWaiting = false;
  const workers = new Set<Worker>();

  const fillBoard = (): void => {
    for (; beyond > 0; beyond--) {
      const asked = open[open.length - beyond]!;
      const slot = board.ask(asked.question);
      if (slot === undefined) return;
      fresh++;
      asked.slot = slot;
      bySlot.set(slot, asked);
    }
  };
  const findHere = (asked: Asked): void => {
    try {
      asked.outcome = { signer: answerTo(asked.question, crypto) };
    } catch (error) {
      asked.outcome = { error };
    }
  };
  const outcomeOf = ({ slot, outcome }: Asked): Asked['outcome'] => {
    if (slot === undefined || outcome !== undefined) return outcome;
    const signer = board.answerIn(slot);
    return signer && { signer };
  };
  /** True when it has an answer, and has been told it. */
  const settle = (asked: Asked): boolean => {
    const outcome = outcomeOf(asked);
    if (asked.slot === undefined || outcome === undefined) return false;
    board.free(asked.slot);
    bySlot.delete(asked.slot);
    if ('signer' in outcome) asked.resolve(outcome.signer);
    else asked.reject(outcome.error);
    return true;
  };
  const settleFirst = (): void => {
    let settled = 0;
    while (settled < open.length && settle(open[settled]!)) settled++;
    open.splice(0, settled);
    fillBoard();
  };

  const turn = (): void => {
    isScheduled = false;
    // Before it is looked who has an answer: one that comes after that look must end the wait for it.
    const answered = board.answered();
    // A single question is answered here before another thread is awake. After several, this one looks first what else has arrived.
    const leavesThem = fresh > 1 && workers.size > 0;
    fresh = 0;
    if (leavesThem) board.wake(workers.size);
    const claimed = leavesThem ? undefined : board.claim(THIS_THREAD);
    if (claimed !== undefined) findHere(bySlot.get(claimed)!);
    settleFirst();
    // What has found room only now lies there unseen: the other threads may be asleep.
    if (leavesThem || claimed !== undefined || fresh > 0) turnSoon();
    else if (open.length > 0) turnWhenAnswered(answered);
  };
  const turnSoon = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    timers.soon(turn);
  };
  const turnWhenAnswered = (answered: number): void => {
    if (isWaiting) return;
    isWaiting = true;
    void board.untilAnswered(answered).then(() => {
      isWaiting = false;
      turnSoon();
    });
  };

  for (let thread = 1; thread <= count; thread++) {
    const workerData: SignerWorkerData = { memory, thread };
    const worker = new Worker(program, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: WORKER_YOUNG_MB },
    });
    // The node's services decide how long the process lives.
    worker.unref();
    workers.add(worker);
    worker.once('error', report);
    worker.once('exit', () => {
      workers.delete(worker);
      for (const [slot, asked] of bySlot) if (board.isClaimedBy(slot, thread)) findHere(asked);
      turnSoon();
    });
  }

  return {
    find(tx) {
      return new Promise((resolve, reject) => {
        open.push({ question: signerQuestion(tx, { crypto, chainId }), resolve, reject });
        beyond++;
        fillBoard();
        turnSoon();
      });
    },
    async stop() {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

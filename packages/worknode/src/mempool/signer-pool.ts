/**
 * Finds signers on other threads. Recovering a key takes most of the time that a transaction costs, so that a node that does
 * it beside its other work takes twice as many. What arrives in one turn goes to one worker in one message, as raw bytes; while
 * all workers have two messages, what arrives waits for the next: a message costs as much as half a signature.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { decodeTransaction, SignatureError, type ProtocolCrypto } from '@jigeum/symverse';
import type { Timers } from '../timers.ts';
import { signerOf, type Signer } from './admission.ts';

/** Finds signers, in any thread. */
export interface SignerFinder {
  /**
   * The signer of signed bytes that decode. Answers come in the order of the questions, also those of different senders: a payment
   * that came behind the grant that pays its gas must reach the mempool behind it, or it is refused for want of coin.
   */
  find(raw: Uint8Array): Promise<Signer>;
  /** Ends the threads. Questions that are still open are answered in this thread. */
  stop(): Promise<void>;
}

/** To a worker: for each transaction its length (4 bytes, big-endian) and its bytes. */
export type SignerOrder = Uint8Array;

/** From a worker, for each transaction: 1 and the key hash (20 bytes), or 0 and nothing where no key signed it. */
export type SignerAnswer = Uint8Array;

/** Bytes of one transaction in an answer. */
export const ANSWER_BYTES = 21;

/** So many take a worker 20 milliseconds, after which the first of them is answered. */
const ORDER_MAX = 256;
/** One that is worked on and one that lies ready. */
const ORDERS_PER_WORKER_MAX = 2;
/** One thread feeds blocks and sockets; more than this would wait for it. */
const WORKERS_MAX = 3;

interface Question {
  readonly raw: Uint8Array;
  readonly resolve: (signer: Signer) => void;
  answer?: Signer;
}

/**
 * A finder with a thread for each processor, three at most; on a single processor it works in this thread. One thread fewer would
 * leave a processor idle whenever the node waits for signatures or for its disk.
 */
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
  const processors = availableParallelism();
  const { chainId, report, program = new URL('./signer-worker.ts', import.meta.url) } = options;
  const count = options.workers ?? (processors > 1 ? Math.min(processors, WORKERS_MAX) : 0);
  /** In the order in which they were asked; answered from the front. */
  const open: Question[] = [];
  const waiting: Question[] = [];
  let isScheduled = false;

  const here = ({ raw }: Question): Signer => signerOf({ crypto, chainId }, decodeTransaction(raw));
  const tell = (): void => {
    let told = 0;
    for (const { answer, resolve } of open) {
      if (answer === undefined) break;
      resolve(answer);
      told++;
    }
    open.splice(0, told);
  };
  const answerHere = (questions: readonly Question[]): void => {
    for (const question of questions) question.answer ??= here(question);
    tell();
  };
  const workers = new Set<SignerWorker>();
  for (let index = 0; index < count; index++) {
    const worker = startWorker(program, chainId, {
      answered() {
        tell();
        sendOut();
      },
      ended(error, unanswered) {
        workers.delete(worker);
        if (error !== undefined) report(error);
        answerHere(unanswered);
        sendOut();
      },
    });
    workers.add(worker);
  }

  const sendOut = (): void => {
    if (workers.size === 0) answerHere(waiting.splice(0));
    while (waiting.length > 0) {
      const [idlest] = [...workers].toSorted((left, right) => left.orders() - right.orders());
      if (idlest === undefined || idlest.orders() >= ORDERS_PER_WORKER_MAX) return;
      idlest.ask(waiting.splice(0, ORDER_MAX));
    }
  };

  return {
    find(raw) {
      return new Promise((resolve) => {
        const question: Question = { raw, resolve };
        open.push(question);
        waiting.push(question);
        if (isScheduled) return;
        isScheduled = true;
        timers.soon(() => {
          isScheduled = false;
          sendOut();
        });
      });
    },
    async stop() {
      await Promise.all([...workers].map((worker) => worker.stop()));
    },
  };
}

interface SignerWorker {
  ask(questions: readonly Question[]): void;
  /** How many of its messages are not answered. */
  orders(): number;
  stop(): Promise<void>;
}

function startWorker(
  program: URL,
  chainId: bigint,
  told: { readonly answered: () => void; readonly ended: (error: unknown, unanswered: readonly Question[]) => void },
): SignerWorker {
  const worker = new Worker(program, { workerData: { chainId } });
  // The node's services decide how long the process lives.
  worker.unref();
  const orders: (readonly Question[])[] = [];
  let failure: unknown;
  worker.on('message', (answer: SignerAnswer) => {
    const questions = orders.shift() ?? [];
    questions.forEach((question, index) => (question.answer = readAnswer(answer, index)));
    told.answered();
  });
  worker.once('error', (error) => (failure = error));
  worker.once('exit', () => {
    told.ended(failure, orders.splice(0).flat());
  });
  return {
    ask(questions) {
      orders.push(questions);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(orderOf(questions.map(({ raw }) => raw)));
    },
    orders: () => orders.length,
    async stop() {
      await worker.terminate();
    },
  };
}

function orderOf(raws: readonly Uint8Array[]): SignerOrder {
  const order = new Uint8Array(raws.reduce((size, raw) => size + 4 + raw.length, 0));
  const view = new DataView(order.buffer);
  let at = 0;
  for (const raw of raws) {
    view.setUint32(at, raw.length);
    order.set(raw, at + 4);
    at += 4 + raw.length;
  }
  return order;
}

function readAnswer(answer: SignerAnswer, index: number): Signer {
  const at = index * ANSWER_BYTES;
  if (answer[at] === 1) return answer.slice(at + 1, at + ANSWER_BYTES);
  return new SignatureError('Expected a signature that some key made, got one that belongs to no key.');
}

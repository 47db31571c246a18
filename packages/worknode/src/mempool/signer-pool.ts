/**
 * Finds signers on other threads. Recovering a key takes most of the time that a transaction costs, so that a node that does
 * it beside its other work takes twice as many. What arrives in one turn is shared out between the workers, each share in one message
 * of raw bytes; while all workers have two messages, what arrives waits for the next: a message costs as much as half a signature.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { decodeTransaction, SignatureError, type ProtocolCrypto, type SymId } from '@jigeum/symverse';
import type { Timers } from '../timers.ts';
import { signerOf, type Signer } from './admission.ts';

/** Finds signers, in any thread. */
export interface SignerFinder {
  /**
   * The signer of signed bytes that decode. Answers of one sender come in the order of its questions, so that its transactions
   * reach the mempool by their nonces; of two senders, whichever is found first.
   */
  find(raw: Uint8Array, sender: SymId): Promise<Signer>;
  /** Ends the threads. Questions that are still open are answered in this thread. */
  stop(): Promise<void>;
}

/** To a worker: for each transaction its length (4 bytes, big-endian) and its bytes. */
export type SignerOrder = Uint8Array;

/** From a worker, for each transaction: 1 and the key hash (20 bytes), or 0 and nothing where no key signed it. */
export type SignerAnswer = Uint8Array;

/** Bytes of one transaction in an answer. */
export const ANSWER_BYTES = 21;

/** Fewer are not shared out: a message would cost as much as what it saves. */
const ORDER_MIN = 3;
/** So many take a worker 20 milliseconds, after which the first of them is answered. */
const ORDER_MAX = 256;
/** One that is worked on and one that lies ready. */
const ORDERS_PER_WORKER_MAX = 2;
/** One thread feeds blocks and sockets; more than this would wait for it. */
const WORKERS_MAX = 3;

interface Question {
  readonly raw: Uint8Array;
  readonly sender: SymId;
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
  /** Of each sender, in the order in which they were asked; answered from the front. */
  const open = new Map<SymId, Question[]>();
  const waiting: Question[] = [];
  let isScheduled = false;

  const here = ({ raw }: Question): Signer => signerOf({ crypto, chainId }, decodeTransaction(raw));
  const tell = (answered: readonly Question[]): void => {
    for (const { sender } of answered) {
      const asked = open.get(sender) ?? [];
      while (asked[0]?.answer !== undefined) {
        const [{ answer, resolve }] = asked.splice(0, 1) as [Required<Question>];
        resolve(answer);
      }
      if (asked.length === 0) open.delete(sender);
    }
  };
  const answerHere = (questions: readonly Question[]): void => {
    for (const question of questions) question.answer ??= here(question);
    tell(questions);
  };
  const workers = new Set<SignerWorker>();
  for (let index = 0; index < count; index++) {
    const worker = startWorker(program, chainId, {
      answered(questions) {
        tell(questions);
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
    const share = Math.min(ORDER_MAX, Math.max(ORDER_MIN, Math.ceil(waiting.length / workers.size)));
    while (waiting.length > 0) {
      const [idlest] = [...workers].toSorted((left, right) => left.orders() - right.orders());
      if (idlest === undefined || idlest.orders() >= ORDERS_PER_WORKER_MAX) return;
      idlest.ask(waiting.splice(0, share));
    }
  };

  return {
    find(raw, sender) {
      return new Promise((resolve) => {
        const question: Question = { raw, sender, resolve };
        const asked = open.get(sender);
        if (asked === undefined) open.set(sender, [question]);
        else asked.push(question);
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
  told: {
    readonly answered: (questions: readonly Question[]) => void;
    readonly ended: (error: unknown, unanswered: readonly Question[]) => void;
  },
): SignerWorker {
  const worker = new Worker(program, { workerData: { chainId } });
  // The node's services decide how long the process lives.
  worker.unref();
  const orders: (readonly Question[])[] = [];
  let failure: unknown;
  worker.on('message', (answer: SignerAnswer) => {
    const questions = orders.shift() ?? [];
    questions.forEach((question, index) => (question.answer = readAnswer(answer, index)));
    told.answered(questions);
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

/**
 * Finds signers on other threads. Recovering a key takes most of the time that a transaction costs, so that a node that does
 * it beside its other work takes twice as many. What arrives in one turn goes to one worker in one message, as raw bytes.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { concatBytes } from '@jigeum/std';
import { decodeTransaction, SignatureError, type ProtocolCrypto } from '@jigeum/symverse';
import type { Timers } from '../timers.ts';
import { signerOf, type Signer } from './admission.ts';

/** Finds signers, in any thread. */
export interface SignerFinder {
  /** The signer of signed bytes that decode. Answers come in the order of the questions. */
  find(raw: Uint8Array): Promise<Signer>;
  /** Ends the threads. Questions that are still open are answered in this thread. */
  stop(): Promise<void>;
}

/** To a worker: transactions one after the other, and where each ends. */
export interface SignerOrder {
  readonly raws: Uint8Array;
  readonly ends: Uint32Array;
}

/** From a worker, for each transaction: 1 and the key hash (20 bytes), or 0 and nothing where no key signed it. */
export type SignerAnswer = Uint8Array;

/** Bytes of one transaction in an answer. */
export const ANSWER_BYTES = 21;

/** A worker that has this many at once is busy for five milliseconds: enough to hide the messages, little to wait for. */
const ORDER_MAX = 64;
/** One thread feeds blocks and sockets; more than this would wait for it. */
const WORKERS_MAX = 3;

interface Question {
  readonly raw: Uint8Array;
  readonly resolve: (signer: Signer) => void;
  answer?: Signer;
}

/** A finder with a thread for each further processor, three at most; on a single processor it works in this thread. */
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
  /** In the order in which they were asked; answered from the front. */
  const open: Question[] = [];
  let waiting: Question[] = [];
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
      answered: tell,
      ended(error, unanswered) {
        workers.delete(worker);
        if (error !== undefined) report(error);
        answerHere(unanswered);
      },
    });
    workers.add(worker);
  }

  const sendOut = (): void => {
    isScheduled = false;
    for (let start = 0; start < waiting.length; start += ORDER_MAX) {
      const questions = waiting.slice(start, start + ORDER_MAX);
      const [idlest] = [...workers].toSorted((left, right) => left.load() - right.load());
      if (idlest === undefined) answerHere(questions);
      else idlest.ask(questions);
    }
    waiting = [];
  };

  return {
    find(raw) {
      return new Promise((resolve) => {
        const question: Question = { raw, resolve };
        open.push(question);
        waiting.push(question);
        if (isScheduled) return;
        isScheduled = true;
        timers.soon(sendOut);
      });
    },
    async stop() {
      await Promise.all([...workers].map((worker) => worker.stop()));
    },
  };
}

interface SignerWorker {
  ask(questions: readonly Question[]): void;
  /** Questions that it has not answered. */
  load(): number;
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
  let load = 0;
  let failure: unknown;
  worker.on('message', (answer: SignerAnswer) => {
    const questions = orders.shift() ?? [];
    load -= questions.length;
    questions.forEach((question, index) => (question.answer = readAnswer(answer, index)));
    told.answered();
  });
  worker.once('error', (error) => (failure = error));
  worker.once('exit', () => {
    load = 0;
    told.ended(failure, orders.splice(0).flat());
  });
  return {
    ask(questions) {
      orders.push(questions);
      load += questions.length;
      const raws = concatBytes(...questions.map(({ raw }) => raw));
      const ends = new Uint32Array(questions.length);
      let end = 0;
      questions.forEach(({ raw }, index) => (ends[index] = end += raw.length));
      const order: SignerOrder = { raws, ends };
      worker.postMessage(order, [raws.buffer as ArrayBuffer, ends.buffer]);
    },
    load: () => load,
    async stop() {
      await worker.terminate();
    },
  };
}

function readAnswer(answer: SignerAnswer, index: number): Signer {
  const at = index * ANSWER_BYTES;
  if (answer[at] === 1) return answer.slice(at + 1, at + ANSWER_BYTES);
  return new SignatureError('Expected a signature that some key made, got one that belongs to no key.');
}

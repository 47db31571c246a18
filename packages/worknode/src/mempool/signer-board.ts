/**
 * Questions for signers in memory that threads share. Each is claimed by one thread, whichever comes first, and answered in its
 * slot. Beside this a message to a thread costs a quarter of a signature, and what was sent to one cannot be done by another.
 *
 *   free → open → claimed by a thread → answered, or nobody's → free
 *
 * One thread asks and frees; all claim and answer. The bytes of a slot are written before the state that tells of them and read
 * after it, and a state goes from open to claimed in one step: that is all that the threads agree by.
 */
import { signatureFromBytes, signatureToBytes, SignatureError } from '@jigeum/symverse';
import type { Signer } from './admission.ts';
import type { SignerQuestion } from './signer-question.ts';

/** A question: the digest, then r and s, then the recovery id. */
const SIGNATURE_AT = 32;
const RECOVERY_ID_AT = 96;
const QUESTION_BYTES = 97;
/** The hash of a key. */
const ANSWER_BYTES = 20;
/** A power of two, because positions run over. Half a second of what a node on two processors accepts. */
const SLOTS = 4096;

/** Where the counters lie: what was ever asked; the first that may be open; what was ever answered; who sleeps. */
const ASKED = 0;
const NEXT = 1;
const ANSWERED = 2;
const SLEEPERS = 3;
/** And behind them the state of each slot. */
const STATES = 4;

const FREE = 0;
const OPEN = 1;
const SIGNED = 2;
const NOBODYS = 3;
/** And the number of the thread. */
const CLAIMED = 4;

/** What threads are given to take part. */
export type BoardMemory = SharedArrayBuffer;

/** Memory for a board without questions. */
export const createBoardMemory = (): BoardMemory =>
  new SharedArrayBuffer((STATES + SLOTS) * 4 + SLOTS * (QUESTION_BYTES + ANSWER_BYTES));

/** A thread's view of a board. Threads have numbers from 0, each its own. */
export interface SignerBoard {
  /** For the thread that asks: the slot of the question, or undefined while all are taken. */
  ask(question: SignerQuestion): number | undefined;
  /** For the thread that asks: what became of a question, undefined while it has no answer. */
  answerIn(slot: number): Signer | undefined;
  /** For the thread that asks: makes room for another question. */
  free(slot: number): void;
  /** The slot of the first open question, which is this thread's to answer from now on; undefined when there is none. */
  claim(thread: number): number | undefined;
  questionIn(slot: number): SignerQuestion;
  isClaimedBy(slot: number, thread: number): boolean;
  /** Writes the answer to a question that was claimed. */
  answer(slot: number, signer: Signer): void;
  /** Takes the thread's time until something has been asked since `asked()` was this. */
  sleep(asked: number): void;
  /** Ends the sleep of so many threads. */
  wake(count: number): void;
  /** How much has ever been asked; only whether it changed means anything. */
  asked(): number;
  /** How much has ever been answered; only whether it changed means anything. */
  answered(): number;
  /** Resolves when something has been answered since `answered()` was this. Does not keep the process alive. */
  untilAnswered(answered: number): Promise<unknown>;
}

/** Opens a board in this thread. */
export function openBoard(memory: BoardMemory): SignerBoard {
  const control = new Int32Array(memory, 0, STATES + SLOTS);
  const questions = new Uint8Array(memory, control.byteLength, SLOTS * QUESTION_BYTES);
  const answers = new Uint8Array(memory, control.byteLength + questions.byteLength, SLOTS * ANSWER_BYTES);

  return {
    ask({ digest, signature }) {
      const position = Atomics.load(control, ASKED);
      const slot = slotOf(position);
      if (Atomics.load(control, STATES + slot) !== FREE) return undefined;
      const at = slot * QUESTION_BYTES;
      questions.set(digest, at);
      questions.set(signatureToBytes(signature), at + SIGNATURE_AT);
      questions[at + RECOVERY_ID_AT] = signature.v;
      Atomics.store(control, STATES + slot, OPEN);
      Atomics.store(control, ASKED, position + 1);
      return slot;
    },
    answerIn(slot) {
      const state = Atomics.load(control, STATES + slot);
      if (state === NOBODYS)
        return new SignatureError('Expected a signature that some key made, got one that belongs to no key.');
      return state === SIGNED ? answers.slice(slot * ANSWER_BYTES, (slot + 1) * ANSWER_BYTES) : undefined;
    },
    free: (slot) => void Atomics.store(control, STATES + slot, FREE),
    claim(thread) {
      const end = Atomics.load(control, ASKED);
      for (let position = Atomics.load(control, NEXT); position !== end; position = (position + 1) | 0) {
        const slot = slotOf(position);
        if (Atomics.compareExchange(control, STATES + slot, OPEN, CLAIMED + thread) !== OPEN) continue;
        // Nothing before it is open. Where another thread has got further, this sets it back, and it passes over the same again.
        Atomics.store(control, NEXT, position + 1);
        return slot;
      }
      return undefined;
    },
    questionIn(slot) {
      const bytes = questions.slice(slot * QUESTION_BYTES, (slot + 1) * QUESTION_BYTES);
      const recoveryId = bytes[RECOVERY_ID_AT] === 0 ? 0 : 1;
      return {
        digest: bytes.subarray(0, SIGNATURE_AT),
        signature: signatureFromBytes(bytes.subarray(SIGNATURE_AT, RECOVERY_ID_AT), recoveryId),
      };
    },
    isClaimedBy: (slot, thread) => Atomics.load(control, STATES + slot) === CLAIMED + thread,
    answer(slot, signer) {
      const isSigned = signer instanceof Uint8Array;
      if (isSigned) answers.set(signer, slot * ANSWER_BYTES);
      Atomics.store(control, STATES + slot, isSigned ? SIGNED : NOBODYS);
      Atomics.add(control, ANSWERED, 1);
      Atomics.notify(control, ANSWERED);
    },
    sleep(asked) {
      Atomics.add(control, SLEEPERS, 1);
      Atomics.wait(control, ASKED, asked);
      Atomics.sub(control, SLEEPERS, 1);
    },
    wake(count) {
      if (Atomics.load(control, SLEEPERS) > 0) Atomics.notify(control, ASKED, count);
    },
    asked: () => Atomics.load(control, ASKED),
    answered: () => Atomics.load(control, ANSWERED),
    untilAnswered: async (answered) => Atomics.waitAsync(control, ANSWERED, answered).value,
  };
}

const slotOf = (position: number): number => position & (SLOTS - 1);

import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createBoardMemory, openBoard, type BoardMemory } from './signer-board.ts';
import type { SignerQuestion } from './signer-question.ts';

const SLOTS = 4096;

const question = (number: number): SignerQuestion => ({
  digest: new Uint8Array(32).fill(number % 251),
  signature: { r: BigInt(number) + 1n, s: (1n << 250n) + BigInt(number), v: number % 2 === 0 ? 0 : 1 },
});
const signer = (number: number): Uint8Array => new Uint8Array(20).fill(number % 251);
const isSigner = (answer: unknown, number: number): boolean =>
  answer instanceof Uint8Array && Buffer.compare(answer, signer(number)) === 0;

/** Memory whose positions are near the end of their range, as after two thousand million questions. */
function oldMemory(): BoardMemory {
  const memory = createBoardMemory();
  new Int32Array(memory).fill(0x7fff_ffff - 5, 0, 2);
  return memory;
}

describe.each([
  ['a new board', createBoardMemory],
  ['a board whose positions run over', oldMemory],
])('%s', (_what, create) => {
  it('passes questions and answers on as they are, in order', () => {
    const memory = create();
    const control = new Int32Array(memory);
    const [, before] = control;
    const board = openBoard(memory);
    const slots = Array.from({ length: 20 }, (_, number) => board.ask(question(number))!);
    for (const [number, slot] of slots.entries()) {
      expect(board.claim(number)).toBe(slot);
      expect(board.questionIn(slot)).toEqual(question(number));
      expect([board.isClaimedBy(slot, number), board.isClaimedBy(slot, number + 1)]).toEqual([true, false]);
      expect(board.answerIn(slot)).toBeUndefined();
      board.answer(slot, signer(number));
    }
    expect(board.claim(0)).toBeUndefined();
    expect(slots.map((slot) => board.answerIn(slot))).toEqual(slots.map((_, number) => signer(number)));
    // A slow thread may set the place of the first open question back: then all that is claimed is passed over.
    control[1] = before!;
    expect(board.claim(0)).toBeUndefined();
    control[1] = before!;
    const last = board.ask(question(20));
    expect(board.claim(0)).toBe(last);
  });

  it('takes no more than it has slots, and more when one is free', () => {
    const board = openBoard(create());
    const first = board.ask(question(0))!;
    for (let number = 1; number < SLOTS; number++) expect(board.ask(question(number))).toBeDefined();
    expect(board.ask(question(SLOTS))).toBeUndefined();
    expect(board.claim(1)).toBe(first);
    board.answer(first, signer(0));
    expect(board.ask(question(SLOTS))).toBeUndefined();
    board.free(first);
    expect(board.ask(question(SLOTS))).toBe(first);
    const claimed = Array.from({ length: SLOTS }, () => board.questionIn(board.claim(1)!));
    expect(claimed).toEqual(Array.from({ length: SLOTS }, (_, index) => question(index + 1)));
    expect(board.claim(1)).toBeUndefined();
  });
});

describe('an answer', () => {
  it('may be that no key made the signature', async () => {
    const board = openBoard(createBoardMemory());
    const slot = board.ask(question(1))!;
    const { SignatureError } = await import('@jigeum/symverse');
    board.answer(board.claim(0)!, new SignatureError('whatever'));
    expect(board.answerIn(slot)).toMatchObject({ name: 'SignatureError', message: expect.stringContaining('no key') });
  });

  it('is told to who waits for it, at once when it came before', async () => {
    const board = openBoard(createBoardMemory());
    const before = board.answered();
    let isTold = false;
    const waiting = board.untilAnswered(before).then(() => (isTold = true));
    await new Promise((resume) => setTimeout(resume, 5));
    expect(isTold).toBe(false);
    board.answer(board.ask(question(1))!, signer(1));
    await waiting;
    await board.untilAnswered(before);
  });
});

describe('threads at one board', () => {
  const THREADS = 3;
  const ROUNDS = 40;
  /** Claims what it can until it is told to stop, counts each claim of a slot, and answers with the beginning of the digest. */
  const program = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { workerData } from 'node:worker_threads';
      const { openBoard } = await import(workerData.board);
      const board = openBoard(workerData.memory);
      const { claims, isOver, ready } = workerData;
      Atomics.add(ready, 0, 1);
      while (Atomics.load(isOver, 0) === 0) {
        const asked = board.asked();
        const slot = board.claim(workerData.thread);
        if (slot === undefined) { board.sleep(asked); continue; }
        Atomics.add(claims, slot, 1);
        board.answer(slot, board.questionIn(slot).digest.slice(0, 20));
      }`)}`,
  );

  it('share the questions, each of which is claimed once', async () => {
    const memory = createBoardMemory();
    const board = openBoard(memory);
    const shared = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(count * 4));
    const [claims, isOver, ready] = [shared(SLOTS), shared(1), shared(1)];
    const workers = Array.from({ length: THREADS }, (_, index) => {
      const data = { board: new URL('signer-board.ts', import.meta.url).href, ...{ claims, isOver, ready } };
      return new Worker(program, { workerData: { memory, thread: index + 1, ...data } });
    });
    const untilAll = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) await new Promise((resume) => setTimeout(resume, 1));
    };
    await untilAll(() => Atomics.load(ready, 0) === THREADS);
    const numbers = Array.from({ length: SLOTS }, (_, number) => number);
    for (let round = 0; round < ROUNDS; round++) {
      const slots = numbers.map((number) => {
        const slot = board.ask(question(number + round));
        if (number === 0) board.wake(THREADS);
        return slot;
      });
      // An 'expect' for each of a third of a million values takes longer than all the rest.
      expect(slots.filter((slot, number) => slot !== number)).toEqual([]);
      board.wake(THREADS);
      await untilAll(() => {
        board.wake(THREADS);
        return numbers.every((slot) => board.answerIn(slot) !== undefined);
      });
      expect(claims.every((count) => count === round + 1)).toBe(true);
      expect(numbers.filter((slot) => !isSigner(board.answerIn(slot), slot + round))).toEqual([]);
      for (const slot of numbers) board.free(slot);
    }
    Atomics.store(isOver, 0, 1);
    board.ask(question(0));
    board.wake(THREADS);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});

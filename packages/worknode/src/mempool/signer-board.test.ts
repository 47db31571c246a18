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
    const board = openBoard(create());
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
  /** Takes part as a thread, and tells what it has claimed once the board has been empty after `until` questions. */
  const program = (memory: BoardMemory, thread: number, until: number): Worker =>
    new Worker(
      new URL(
        `data:text/javascript,${encodeURIComponent(`
          import { parentPort, workerData } from 'node:worker_threads';
          const { openBoard } = await import(workerData.board);
          const board = openBoard(workerData.memory);
          const claimed = [];
          for (;;) {
            const asked = board.asked();
            const slot = board.claim(workerData.thread);
            if (slot !== undefined) { claimed.push(slot); board.answer(slot, board.questionIn(slot).digest.slice(0, 20)); }
            else if (asked === workerData.until) break;
            else board.sleep(asked);
          }
          parentPort.postMessage(claimed);`)}`,
      ),
      { workerData: { memory, thread, until, board: new URL('signer-board.ts', import.meta.url).href } },
    );

  it('share the questions, each of which is claimed once', async () => {
    const memory = createBoardMemory();
    const board = openBoard(memory);
    const claims = [1, 2, 3].map(async (thread) => {
      const worker = program(memory, thread, SLOTS);
      return new Promise<number[]>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    });
    for (let number = 0; number < SLOTS; number++) {
      board.ask(question(number));
      if (number % 64 === 0) {
        board.wake(3);
        await new Promise((resume) => setImmediate(resume));
      }
    }
    const here: number[] = [];
    for (let slot = board.claim(0); slot !== undefined; slot = board.claim(0)) {
      here.push(slot);
      board.answer(slot, signer(slot));
    }
    const waking = setInterval(() => board.wake(3), 10);
    const all = [...(await Promise.all(claims)).flat(), ...here];
    clearInterval(waking);
    expect(all.toSorted((left, right) => left - right)).toEqual(Array.from({ length: SLOTS }, (_, slot) => slot));
    for (let slot = 0; slot < SLOTS; slot++) expect(board.answerIn(slot)).toEqual(signer(slot));
  });
});

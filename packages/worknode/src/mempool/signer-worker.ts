/** A thread of `signer-pool.ts`: answers what is on the board, and sleeps while nothing is. Ended from outside. */
import { workerData } from 'node:worker_threads';
import { nativeCrypto } from '@jigeum/symverse/native';
import { openBoard } from './signer-board.ts';
import type { SignerWorkerData } from './signer-pool.ts';
import { answerTo } from './signer-question.ts';

const { memory, thread } = workerData as SignerWorkerData;
const board = openBoard(memory);

for (;;) {
  const asked = board.asked();
  const slot = board.claim(thread);
  if (slot === undefined) board.sleep(asked);
  else board.answer(slot, answerTo(board.questionIn(slot), nativeCrypto));
}

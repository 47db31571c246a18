/** The thread of `signer-pool.ts`: finds the signer of each transaction of an order. The bytes were decoded once already. */
import { parentPort, workerData } from 'node:worker_threads';
import { decodeTransaction } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { signerOf } from './admission.ts';
import { ANSWER_BYTES, type SignerAnswer, type SignerOrder } from './signer-pool.ts';

const { chainId } = workerData as { readonly chainId: bigint };

parentPort?.on('message', ({ raws, ends }: SignerOrder) => {
  const answer: SignerAnswer = new Uint8Array(ends.length * ANSWER_BYTES);
  let start = 0;
  ends.forEach((end, index) => {
    const signer = signerOf({ crypto: nativeCrypto, chainId }, decodeTransaction(raws.subarray(start, end)));
    if (signer instanceof Uint8Array) {
      answer[index * ANSWER_BYTES] = 1;
      answer.set(signer, index * ANSWER_BYTES + 1);
    }
    start = end;
  });
  parentPort?.postMessage(answer, [answer.buffer as ArrayBuffer]);
});

/** The thread of `signer-pool.ts`: finds the signer of each transaction of an order. The bytes were decoded once already. */
import { parentPort, workerData } from 'node:worker_threads';
import { decodeTransaction } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { signerOf } from './admission.ts';
import { ANSWER_BYTES, type SignerAnswer, type SignerOrder } from './signer-pool.ts';

const { chainId } = workerData as { readonly chainId: bigint };

parentPort?.on('message', (order: SignerOrder) => {
  const raws = rawsOf(order);
  const answer: SignerAnswer = new Uint8Array(raws.length * ANSWER_BYTES);
  raws.forEach((raw, index) => {
    const signer = signerOf({ crypto: nativeCrypto, chainId }, decodeTransaction(raw));
    if (!(signer instanceof Uint8Array)) return;
    answer[index * ANSWER_BYTES] = 1;
    answer.set(signer, index * ANSWER_BYTES + 1);
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(answer);
});

function rawsOf(order: SignerOrder): Uint8Array[] {
  const view = new DataView(order.buffer, order.byteOffset, order.length);
  const raws: Uint8Array[] = [];
  for (let at = 0; at < order.length;) {
    const end = at + 4 + view.getUint32(at);
    raws.push(order.subarray(at + 4, end));
    at = end;
  }
  return raws;
}

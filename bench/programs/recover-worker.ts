/**
 * The bare limit of a work node: `recover` of libsecp256k1 for the transactions that the node gets, on one thread, with digests
 * made before. Takes one order at a time and answers with how many it did in a second.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { hexToBytes, systemClock } from '@jigeum/std';
import { decodeTransaction, signingHash } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { CHAIN_ID } from '../transfers/people.ts';
import { readSlots, SLOT_BYTES } from '../transfers/slots.ts';

export interface RecoverOrder {
  readonly file: string;
  readonly seconds: number;
}

/** More than fit into a cache of the processor. */
const DIFFERENT = 4_000;
/** Between two looks at the clock. */
const STRIDE = 100;

process.on('disconnect', () => process.exit(0));
process.on('message', (order: RecoverOrder) => process.send?.({ perSecond: recover(order) }));
process.send?.({ kind: 'ready' });

function recover({ file, seconds }: RecoverOrder): number {
  const slots = Buffer.alloc(DIFFERENT * SLOT_BYTES);
  const handle = openSync(file, 'r');
  const read = readSync(handle, slots, 0, slots.length, 0);
  closeSync(handle);
  const signed = readSlots(slots.subarray(0, read - (read % SLOT_BYTES))).map((hex) => {
    const transaction = decodeTransaction(hexToBytes(hex));
    return { digest: signingHash(transaction, CHAIN_ID, nativeCrypto.sha3), transaction };
  });
  const startedMs = systemClock.monotonicMs();
  let count = 0;
  for (;;) {
    for (let index = 0; index < STRIDE; index++) {
      const { digest, transaction } = signed[(count + index) % signed.length]!;
      nativeCrypto.recover(digest, transaction);
    }
    count += STRIDE;
    const elapsedMs = systemClock.monotonicMs() - startedMs;
    if (elapsedMs >= seconds * 1_000) return count / (elapsedMs / 1_000);
  }
}

/** `txpool_*`: what waits for a block. */
import { arrayOf, mapOf, object, quantity, text, type Codec } from '../codec.ts';
import { method } from './method.ts';
import { rpcTransaction } from './sym.ts';

/** Waiting transactions by sender and nonce (decimal). gsym lists them: several may share a nonce there. */
const bySender = <T>(codec: Codec<T>) => mapOf(mapOf(arrayOf(codec)));
const poolOf = <T>(codec: Codec<T>) => object({ pending: bySender(codec), queued: bySender(codec) });

export const TXPOOL_METHODS = {
  txpool_content: method([], poolOf(rpcTransaction)),
  txpool_inspect: method([], poolOf(text())),
  txpool_status: method([], object({ pending: quantity, queued: quantity })),
} as const;

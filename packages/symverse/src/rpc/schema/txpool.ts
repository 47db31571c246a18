/** `txpool_*`: what waits for a block. */
import { object, quantity } from '../codec.ts';
import { method } from './method.ts';

export const TXPOOL_METHODS = {
  txpool_status: method([], object({ pending: quantity, queued: quantity })),
} as const;

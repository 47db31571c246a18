/** `sym_subscribe` and `sym_unsubscribe`: what a node tells without being asked, over WebSocket. The envelope is the geth family's. */
import { boolean, literal, text } from '../codec.ts';
import { method } from './method.ts';

/** The id of a subscription: `0x` and 32 hex digits here, up to any node's choice elsewhere. */
const id = text(128);

export const SUBSCRIPTION_METHODS = {
  sym_subscribe: method([['kind', literal('newHeads', 'newPendingTransactions')]], id),
  sym_unsubscribe: method([['subscription', id]], boolean),
} as const;

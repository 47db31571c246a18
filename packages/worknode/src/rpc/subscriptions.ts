/**
 * What subscribers are told: new heads, and hashes of accepted transactions. A notification is written once for all of its
 * subscribers. It has the geth family's envelope:
 *
 *   {"jsonrpc":"2.0","method":"sym_subscription","params":{"subscription":id,"result":header or hash}}
 *
 * A subscription tells from the moment it is made. Within a batch that has to wait, its first notification may therefore come before
 * the answer that names its id.
 */
import { toHex0x, type Ids } from '@jigeum/std';
import { decodeHeader } from '@jigeum/symverse';
import { encodeRpcHead, RPC_CODE, type RpcHandlers, type RpcSubscriptionMethod } from '@jigeum/symverse/rpc';
import type { WorkNode } from '../node.ts';
import { RpcFault } from './fault.ts';
import { headView } from './views.ts';

type Kind = Parameters<RpcHandlers['sym_subscribe']>[0];

/** Subscriptions of one connection. */
export interface Subscriber {
  readonly handlers: Pick<RpcHandlers, RpcSubscriptionMethod>;
  /** Ends all of them. */
  end(): void;
}

export interface Subscriptions {
  /** A connection's own subscriptions; `send` gets the text of each notification. */
  subscriber(send: (text: string) => void): Subscriber;
  /** Listens to the node no more. */
  stop(): void;
}

/** Of one connection. The platform needs one. */
export const SUBSCRIPTIONS_MAX = 16;

/** Subscriptions to a node. */
export function createSubscriptions(
  node: Pick<WorkNode, 'heads' | 'accepted'>,
  ids: Pick<Ids, 'bytes'>,
): Subscriptions {
  const subscribers: Record<Kind, Map<string, (text: string) => void>> = {
    newHeads: new Map(),
    newPendingTransactions: new Map(),
  };
  const tell = (kind: Kind, result: () => string): void => {
    if (subscribers[kind].size === 0) return;
    const text = result();
    for (const [id, send] of subscribers[kind])
      send(`{"jsonrpc":"2.0","method":"sym_subscription","params":{"subscription":"${id}","result":${text}}}`);
  };
  const stops = [
    node.heads.listen(({ hash, header }) =>
      tell('newHeads', () => JSON.stringify(encodeRpcHead(headView(hash, decodeHeader(header))))),
    ),
    node.accepted.listen((hash) => tell('newPendingTransactions', () => JSON.stringify(hash))),
  ];

  return {
    subscriber(send) {
      const mine = new Map<string, Kind>();
      return {
        handlers: {
          sym_subscribe(kind) {
            if (mine.size >= SUBSCRIPTIONS_MAX) {
              throw fault(`too many subscriptions: expected at most ${SUBSCRIPTIONS_MAX} on one connection`);
            }
            const id = toHex0x(ids.bytes(16));
            mine.set(id, kind);
            subscribers[kind].set(id, send);
            return id;
          },
          sym_unsubscribe(id) {
            const kind = mine.get(id);
            if (kind === undefined) throw fault('subscription not found: expected the id of one on this connection');
            mine.delete(id);
            return subscribers[kind].delete(id);
          },
        },
        end() {
          for (const [id, kind] of mine) subscribers[kind].delete(id);
          mine.clear();
        },
      };
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

const fault = (message: string): RpcFault => new RpcFault({ code: RPC_CODE.serverError, message });

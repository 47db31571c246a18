/** The methods of a work node, checked against the schema of `@jigeum/symverse/rpc`. All but sending answer without waiting. */
import type { Clock } from '@jigeum/std';
import type { RpcHandlers, RpcKeyMethod } from '@jigeum/symverse/rpc';
import type { Keyring } from '../keys/keyring.ts';
import type { WorkNode } from '../node.ts';
import { citizenHandlers } from './methods/citizen.ts';
import { debugHandlers } from './methods/debug.ts';
import { jigeumHandlers } from './methods/jigeum.ts';
import { keyHandlers } from './methods/keys.ts';
import { nodeHandlers } from './methods/node.ts';
import { oracleHandlers } from './methods/oracle.ts';
import { sctHandlers } from './methods/sct.ts';
import { symHandlers } from './methods/sym.ts';
import { txpoolHandlers } from './methods/txpool.ts';
import { warrantHandlers } from './methods/warrant.ts';
import { createReads, type NodeMethod } from './reads.ts';

/** What a node serves that keeps no keys. */
export type NodeHandlers = Pick<RpcHandlers, NodeMethod>;

/** Handlers over a node. */
export function rpcHandlers(node: WorkNode): NodeHandlers {
  const reads = createReads(node);
  return withModules({
    ...nodeHandlers(reads),
    ...symHandlers(reads),
    ...sctHandlers(reads),
    ...citizenHandlers(reads),
    ...warrantHandlers,
    ...oracleHandlers,
    ...txpoolHandlers(reads),
    ...debugHandlers(reads),
    ...jigeumHandlers(reads),
  });
}

/** Handlers over a node that keeps keys for others. */
export const rpcHandlersWithKeys = (
  node: WorkNode,
  { keyring, clock }: { readonly keyring: Keyring; readonly clock: Clock },
): NodeHandlers & Pick<RpcHandlers, RpcKeyMethod> =>
  withModules({ ...rpcHandlers(node), ...keyHandlers(node, keyring, clock) });

/** Adds `rpc_modules`, which names every namespace that is served, as version 1.0. */
function withModules<T extends object>(handlers: T): T & Pick<RpcHandlers, 'rpc_modules'> {
  const namespaces = new Set([...Object.keys(handlers), 'rpc_'].map((name) => name.slice(0, name.indexOf('_'))));
  const modules = Object.fromEntries([...namespaces].toSorted().map((name) => [name, '1.0']));
  return { ...handlers, rpc_modules: () => modules };
}

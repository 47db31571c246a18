/** The methods of a work node, checked against the schema of `@jigeum/symverse/rpc`. All but sending answer without waiting. */
import type { RpcHandlers } from '@jigeum/symverse/rpc';
import type { WorkNode } from '../node.ts';
import { citizenHandlers } from './methods/citizen.ts';
import { debugHandlers } from './methods/debug.ts';
import { jigeumHandlers } from './methods/jigeum.ts';
import { nodeHandlers } from './methods/node.ts';
import { oracleHandlers } from './methods/oracle.ts';
import { sctHandlers } from './methods/sct.ts';
import { symHandlers } from './methods/sym.ts';
import { txpoolHandlers } from './methods/txpool.ts';
import { warrantHandlers } from './methods/warrant.ts';
import { createReads, type NodeMethod } from './reads.ts';

/** Handlers over a node. */
export function rpcHandlers(node: WorkNode): Pick<RpcHandlers, NodeMethod> {
  const reads = createReads(node);
  return {
    ...nodeHandlers(reads),
    ...symHandlers(reads),
    ...sctHandlers(reads),
    ...citizenHandlers(reads),
    ...warrantHandlers,
    ...oracleHandlers,
    ...txpoolHandlers(reads),
    ...debugHandlers(reads),
    ...jigeumHandlers(reads),
  };
}

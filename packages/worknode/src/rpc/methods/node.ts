/** `web3_*`, `net_*` and `rpc_*`: what the node says of itself. */
import { toHex0x } from '@jigeum/std';
import { sha3_256 } from '@jigeum/symverse';
import type { HandlersOf, Reads } from '../reads.ts';

/** What `web3_clientVersion` says. */
const CLIENT_VERSION = 'Jigeum/worknode/v0.1.0';

/** Handlers over a node. It has no peers. */
export const nodeHandlers = ({ node }: Reads): HandlersOf<'web3' | 'net' | 'rpc'> => ({
  web3_clientVersion: () => CLIENT_VERSION,
  web3_sha3: (bytes) => toHex0x(sha3_256(bytes)),
  net_version: () => node.chain.genesis.chainId.toString(),
  net_listening: () => true,
  net_peerCount: () => 0n,
  rpc_modules: () => ({
    citizen: '1.0',
    jigeum: '1.0',
    net: '1.0',
    rpc: '1.0',
    sct: '1.0',
    sym: '1.0',
    txpool: '1.0',
    web3: '1.0',
  }),
});

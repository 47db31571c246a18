/** `web3_*`, `net_*`, `admin_*` and `pon_*`: what the node says of itself. */
import { toHex0x } from '@jigeum/std';
import { sha3_256 } from '@jigeum/symverse';
import { counter } from '../../numbers.ts';
import type { HandlersOf, Reads } from '../reads.ts';

/** What `web3_clientVersion` says. */
const CLIENT_VERSION = 'Jigeum/worknode/v0.1.0';

/** Handlers over a node. It has no peers, and one sealer, which is always at work. */
export function nodeHandlers({ node, blockAt }: Reads): HandlersOf<'web3' | 'net' | 'admin' | 'pon'> {
  const { chain } = node;
  const { genesis } = chain;
  const chainId = counter(genesis.chainId);
  return {
    web3_clientVersion: () => CLIENT_VERSION,
    web3_sha3: (bytes) => toHex0x(sha3_256(bytes)),
    net_version: () => genesis.chainId.toString(),
    net_listening: () => true,
    net_peerCount: () => 0n,
    admin_nodeInfo: () => ({
      name: CLIENT_VERSION,
      ports: { discovery: 0, listener: 0 },
      protocols: {
        sym: {
          config: { chainId, masterCA: genesis.ca.symId },
          genesis: toHex0x(blockAt(0n)!.hash),
          head: toHex0x(chain.head().hash),
          network: chainId,
        },
      },
    }),
    admin_peers: () => [],
    pon_currentPrimary: () => genesis.sealer.symId,
    pon_working: () => true,
  };
}

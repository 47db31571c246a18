/** `web3_*`, `net_*`, `rpc_*`, `admin_*` and `pon_*`: what a node says of itself. */
import { address, arrayOf, boolean, data, hash, object, quantity, text, textMap, wholeNumber } from '../codec.ts';
import { method } from './method.ts';

/** What a node is and which chain it keeps. A node without peers has no network address. */
export const rpcNodeInfo = object(
  {
    name: text(),
    ports: object({ discovery: wholeNumber, listener: wholeNumber }),
    protocols: object({
      sym: object({
        config: object({ chainId: wholeNumber, masterCA: address }, { oraclizer: address }),
        genesis: hash,
        head: hash,
        network: wholeNumber,
      }),
    }),
  },
  { enode: text(), id: text(), ip: text(), listenAddr: text() },
);

export const NODE_METHODS = {
  web3_clientVersion: method([], text()),
  web3_sha3: method([['data', data]], hash),
  net_version: method([], text(32)),
  net_listening: method([], boolean),
  net_peerCount: method([], quantity),
  rpc_modules: method([], textMap),
  admin_nodeInfo: method([], rpcNodeInfo),
  admin_peers: method([], arrayOf(object({ id: text(), name: text() }))),
  pon_currentPrimary: method([], address),
  pon_working: method([], boolean),
} as const;

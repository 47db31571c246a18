/** `web3_*`, `net_*` and `rpc_*`. */
import { boolean, data, hash, quantity, text, textMap } from '../codec.ts';
import { method } from './method.ts';

export const NODE_METHODS = {
  web3_clientVersion: method([], text()),
  web3_sha3: method([['data', data]], hash),
  net_version: method([], text(32)),
  net_listening: method([], boolean),
  net_peerCount: method([], quantity),
  rpc_modules: method([], textMap),
} as const;

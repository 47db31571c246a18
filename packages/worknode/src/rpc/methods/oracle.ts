/**
 * `oracle_*` on a chain without an oracle: rewards are not computed here, so that nothing reads an oracle's parameters.
 * The chain's height is 0 and its blocks do not exist; records are refused rather than kept for nobody.
 */
import { RPC_CODE } from '@jigeum/symverse/rpc';
import { RpcFault } from '../fault.ts';
import type { HandlersOf } from '../reads.ts';

const refuse = (): never => {
  throw new RpcFault({
    code: RPC_CODE.serverError,
    message:
      'oracle records are not taken: expected a chain with an oracle, this one pays its fees to its sealer and has none',
  });
};

/** Handlers of a node without an oracle chain. */
export const oracleHandlers: HandlersOf<'oracle'> = {
  oracle_blockNumber: () => 0n,
  oracle_getOracleByHash: () => null,
  oracle_getRawOracleByHash: () => null,
  oracle_getOracleCount: () => 0n,
  oracle_pendingOracles: () => [],
  oracle_getBlockByHash: () => null,
  oracle_getBlockByNumber: () => null,
  oracle_sendOracle: refuse,
  oracle_sendOracleJSON: refuse,
  oracle_sendRawOracle: refuse,
};

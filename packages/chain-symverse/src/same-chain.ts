/**
 * A node's JSON-RPC, believed only while the node belongs to one chain. Whoever answers at an address may change at any time, so
 * each request carries the question for the chain itself: what one node answers in one request is of one chain.
 */
import { ChainUnreachable, OtherChain } from '@jigeum/chain';
import { assert } from '@jigeum/std';
import {
  createRpcClient,
  RpcResponseError,
  RpcUnknownError,
  type RpcCall,
  type RpcMethod,
  type RpcOutcome,
  type RpcTransport,
} from '@jigeum/symverse/rpc';

/** Calls in one request, those for the chain not counted. */
export const CALLS_MAX = 200;
/** For `net_version` and the question for block 0. */
const CHAIN_CALLS = 2;
/** The longest answer of our node, and what the answers to the two questions add to it. */
const RESPONSE_BYTES_MAX = 8 * 1024 * 1024 + 1024;

export interface SameChainClient {
  /**
   * Sends 1 to `CALLS_MAX` calls in one request; each has its own outcome, in order. Throws `OtherChain` where the node that
   * answered is of another chain: it may have done what was asked. Where it did not say of which, every outcome is unknown.
   */
  ask(calls: readonly RpcCall[]): Promise<RpcOutcome<RpcMethod>[]>;
}

/**
 * A client for the chain of this id and block 0. Where the hash of block 0 is not given it is learned from the first node of the id
 * that answers; from then on a node with another block 0 is one of another chain, whatever its id.
 */
export function createSameChainClient(options: {
  readonly transport: RpcTransport;
  readonly timeoutMs: number;
  readonly chainId: number;
  readonly genesisHash?: `0x${string}` | undefined;
}): SameChainClient {
  const { transport, timeoutMs, chainId } = options;
  const rpc = createRpcClient({
    transport,
    timeoutMs,
    batchMax: CALLS_MAX + CHAIN_CALLS,
    responseBytesMax: RESPONSE_BYTES_MAX,
  });
  let { genesisHash } = options;

  function expectId(version: string): void {
    if (version === String(chainId)) return;
    throw new OtherChain(`Expected a node of chain ${chainId}, got one of chain ${version}. Check the node's address.`);
  }

  /** Once a process, where nobody knows it: the hash of block 0, by which two chains of one id differ. */
  async function learnGenesisHash(): Promise<`0x${string}`> {
    const [version, first] = await rpc.batch([
      { method: 'net_version', params: [] },
      { method: 'sym_getBlockByNumber', params: [0n, false] },
    ]);
    if (!version.ok) throw unreachable('net_version', version.error);
    expectId(version.result);
    if (!first.ok) throw unreachable('sym_getBlockByNumber', first.error);
    if (first.result === null) throw new ChainUnreachable('Expected block 0 of the chain, got none.');
    return first.result.hash;
  }

  return {
    async ask(calls) {
      assert(calls.length >= 1 && calls.length <= CALLS_MAX, `1 to ${CALLS_MAX} calls at once`);
      const hash = genesisHash ?? (await learnGenesisHash());
      // Of two that learn it at once, the first one counts for both.
      genesisHash ??= hash;
      const [version, first, ...outcomes] = await rpc.batch([
        { method: 'net_version', params: [] } as const,
        { method: 'sym_getBlockTransactionCountByHash', params: [genesisHash] } as const,
        ...calls,
      ]);
      if (!version.ok) return calls.map(() => unsaid(version.error));
      expectId(version.result);
      if (!first.ok) return calls.map(() => unsaid(first.error));
      if (first.result === null)
        throw new OtherChain(
          `Expected a node whose block 0 is ${genesisHash}, got one of chain ${chainId} that has no such block. Check the node's address; a chain that was made anew needs a database of its own.`,
        );
      return outcomes;
    },
  };
}

/** What a call's outcome is where the node did not say of which chain it is. Not even a refusal is believed then. */
const unsaid = (error: RpcResponseError | RpcUnknownError): RpcOutcome<RpcMethod> => ({
  ok: false,
  error:
    error instanceof RpcUnknownError
      ? error
      : new RpcUnknownError(
          'garbage',
          `Expected the node to say of which chain it is, got an error. ${error.message}`,
          {
            cause: error,
          },
        ),
});

/** A call's error in the platform's words: nothing may be concluded from it. Anything else is our own mistake and stays what it is. */
export function unreachable(method: RpcMethod, cause: unknown): unknown {
  if (cause instanceof RpcUnknownError || cause instanceof RpcResponseError)
    return new ChainUnreachable(`The node gave no usable answer to ${method}. ${cause.message}`, { cause });
  return cause;
}

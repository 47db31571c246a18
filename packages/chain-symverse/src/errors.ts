/** What a node's answer to a broadcast means. The reasons are read from the answer by `@jigeum/symverse/rpc`; here they get our words. */
import type { BroadcastOutcome } from '@jigeum/chain';
import { RpcResponseError, RpcUnknownError, RPC_CODE, type RpcRefusal } from '@jigeum/symverse/rpc';

type Meaning = 'already-known' | Extract<BroadcastOutcome, { kind: 'refused' }>['reason'];

/** Node error → outcome, whole. A reason that is missing here does not compile. */
export const MEANING_OF_REFUSAL: Readonly<Record<RpcRefusal, Meaning>> = {
  'already-known': 'already-known',
  'nonce-too-low': 'nonce-too-low',
  'nonce-too-high': 'nonce-too-high',
  // Another transaction of the same nonce waits in the pool. It is not ours: ours would be already known.
  'replacement-underpriced': 'invalid',
  'insufficient-funds': 'funds-too-low',
  'gas-too-low': 'invalid',
  'gas-over-block-limit': 'invalid',
  'wrong-gas-price': 'invalid',
  'invalid-sender': 'invalid',
  'too-large': 'invalid',
  'pool-full': 'pool-full',
  'deposit-bound': 'invalid',
  malformed: 'invalid',
};

/**
 * The outcome of a broadcast that did not end with the hash. An answer that the table does not know, a timeout, a reset,
 * garbage and another id are `unknown`: the node may have taken the transaction. Throws what is no error of a call.
 */
export function outcomeOfError(error: unknown): BroadcastOutcome {
  if (error instanceof RpcUnknownError) return { kind: 'unknown', cause: `${error.kind}: ${error.message}` };
  if (!(error instanceof RpcResponseError)) throw error;
  if (error.reason !== undefined) {
    const meaning = MEANING_OF_REFUSAL[error.reason];
    return meaning === 'already-known'
      ? { kind: 'already-known' }
      : { kind: 'refused', reason: meaning, text: error.nodeMessage };
  }
  // These three say that the call itself was not understood; nothing else is known to come before the pool is asked.
  const isNotUnderstood =
    error.code === RPC_CODE.invalidParams ||
    error.code === RPC_CODE.invalidRequest ||
    error.code === RPC_CODE.methodNotFound;
  return isNotUnderstood
    ? { kind: 'refused', reason: 'invalid', text: error.nodeMessage }
    : { kind: 'unknown', cause: `The node answered with an error that no table knows: ${error.nodeMessage}` };
}

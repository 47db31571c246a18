/** What a node's refusal of a broadcast means. The one place that reads a node's error texts: they have no codes of their own. */
import type { BroadcastOutcome } from '@jigeum/chain';

type Meaning = 'already-known' | Extract<BroadcastOutcome, { kind: 'refused' }>['reason'];

/** Texts of the geth family (gsym descends from it) and of our work node, in the order in which they are tried. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [/already known|known transaction|already imported/i, 'already-known'],
  [/nonce (is )?too low|invalid nonce.*low|nonce.*already used/i, 'nonce-too-low'],
  [/nonce (is )?too high|gapped nonce|nonce gap/i, 'nonce-too-high'],
  [/insufficient (funds|balance)|balance (is )?too low|not enough/i, 'funds-too-low'],
  [/pool (is )?full|txpool is full|too many (pending|queued|transactions)|limit exceeded|exceeds.*(pool|slots|account)/i, 'pool-full'],
];

/** JSON-RPC codes with which a node says that it failed itself: nothing follows about the transaction. */
const NODE_FAILURE_CODES = new Set([-32603, -32005, -32002]);

/** The outcome of a broadcast that the node answered with a JSON-RPC error. */
export function outcomeOfNodeError(error: { code: number; message: string }): BroadcastOutcome {
  const text = error.message.slice(0, 300);
  const meaning = MEANINGS.find(([pattern]) => pattern.test(error.message))?.[1];
  if (meaning === 'already-known') return { kind: 'already-known' };
  if (meaning !== undefined) return { kind: 'refused', reason: meaning, text };
  if (NODE_FAILURE_CODES.has(error.code)) return { kind: 'unknown', cause: `The node failed (${error.code}): ${text}` };
  return { kind: 'refused', reason: 'invalid', text };
}

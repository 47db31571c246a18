/** Error codes of JSON-RPC, the reasons for which a node refuses a transaction, and the two ways in which a call can fail. */

/** The codes of JSON-RPC 2.0, and those under which nodes of the geth family put everything else (-32000 unless it is a limit). */
export const RPC_CODE = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  serverError: -32000,
  timedOut: -32002,
  resultTooLarge: -32003,
} as const;

/**
 * Why a node refuses a transaction, with the text by which geth-like nodes say it. gsym publishes neither codes nor texts;
 * its code base is go-ethereum's, so that family's texts are assumed until a node has been asked. Our work node sends
 * these texts and, so that nobody must read text, the reason itself in `data.reason`.
 */
export const RPC_REFUSALS = {
  'already-known': 'already known',
  'nonce-too-low': 'nonce too low',
  'nonce-too-high': 'nonce too high',
  'replacement-underpriced': 'replacement transaction underpriced',
  'insufficient-funds': 'insufficient funds for gas * price + value',
  'gas-too-low': 'intrinsic gas too low',
  'gas-over-block-limit': 'exceeds block gas limit',
  'wrong-gas-price': 'transaction underpriced',
  'invalid-sender': 'invalid sender',
  'too-large': 'oversized data',
  'pool-full': 'txpool is full',
  'deposit-bound': 'deposit cannot be restored',
  malformed: 'malformed transaction',
} as const;
export type RpcRefusal = keyof typeof RPC_REFUSALS;

/** Older texts of the same family. */
const OTHER_TEXTS: readonly (readonly [prefix: string, reason: RpcRefusal])[] = [
  ['known transaction', 'already-known'],
  ['insufficient funds', 'insufficient-funds'],
  ['rlp: ', 'malformed'],
];

/** An error as it stands in an answer. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** The error object of a refused transaction: the family's text, then what was expected and what came. */
export const refusal = (
  reason: RpcRefusal,
  detail: string,
): RpcErrorObject & { readonly data: { readonly reason: RpcRefusal } } => ({
  code: RPC_CODE.serverError,
  message: `${RPC_REFUSALS[reason]}: ${detail}`,
  data: { reason },
});

/** The reason in an error object, or undefined when the node said something that this table does not know. */
export function refusalReason({ message, data }: RpcErrorObject): RpcRefusal | undefined {
  const named = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : undefined;
  if (typeof named === 'string' && Object.hasOwn(RPC_REFUSALS, named)) return named as RpcRefusal;
  const text = message.toLowerCase();
  const entries = Object.entries(RPC_REFUSALS) as readonly [RpcRefusal, string][];
  return (
    entries.find(([, known]) => text.startsWith(known))?.[0] ??
    OTHER_TEXTS.find(([prefix]) => text.startsWith(prefix))?.[1]
  );
}

/** The node answered with an error: it has read the call and says no. */
export class RpcResponseError extends Error {
  override readonly name = 'RpcResponseError';
  readonly method: string;
  readonly code: number;
  readonly data: unknown;
  /** The node's own words, shortened. */
  readonly nodeMessage: string;
  /** The refusal that the answer stands for, where the table knows it. */
  readonly reason: RpcRefusal | undefined;
  constructor(method: string, error: RpcErrorObject) {
    const words = shorten(error.message);
    super(`The node refused ${method}: ${words} (code ${error.code}).`);
    this.method = method;
    this.code = error.code;
    this.data = error.data;
    this.nodeMessage = words;
    this.reason = refusalReason(error);
  }
}

/** Why no answer could be read. */
export type RpcUnknownKind = 'timeout' | 'connection' | 'garbage';

/** No usable answer came. Whether the node has carried the call out is unknown: never read this as a failure of the call. */
export class RpcUnknownError extends Error {
  override readonly name = 'RpcUnknownError';
  readonly kind: RpcUnknownKind;
  constructor(kind: RpcUnknownKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

// A stranger's text goes into logs and onto screens: bounded, and without characters that could disguise it.
const shorten = (message: string): string => message.slice(0, 300).replace(/\p{C}/gu, ' ');

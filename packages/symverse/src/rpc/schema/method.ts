/** What one method is, and parameters that many share. */
import { blockTag, boolean, dataOf, hash, optionalParam, type Codec } from '../codec.ts';
import { TRANSACTION_BYTES_MAX } from '../../transaction/transaction.ts';

export interface Method<P extends readonly Codec<unknown>[], R> {
  readonly params: P;
  readonly names: readonly string[];
  readonly result: Codec<R>;
}

/** A method: its parameters as [name, codec] in order (optional ones last), and its result. */
export function method<const P extends readonly (readonly [string, Codec<unknown>])[], R>(
  params: P,
  result: Codec<R>,
): Method<{ [I in keyof P]: P[I][1] }, R> {
  return {
    params: params.map(([, codec]) => codec) as { [I in keyof P]: P[I][1] },
    names: params.map(([name]) => name),
    result,
  };
}

/** The block at whose end something is read; the newest unless given. */
export const atLatest = ['block', optionalParam(blockTag, 'latest')] as const;
/** A signed transaction or record. */
export const raw = dataOf(TRANSACTION_BYTES_MAX);
/**
 * A signed transaction that is sent. What is too large gets its own reason from the pool, not a complaint about its form; what is
 * four times too large, the family's own bound, gets no further than this.
 */
export const sentTransaction = dataOf(4 * TRANSACTION_BYTES_MAX);

/** Whether a block is shown with its content, or with the hashes of it. */
const isFull = ['isFull', optionalParam(boolean, false)] as const;
/** A block by its hash, and how much of it. */
export const blockByHash = [['hash', hash], isFull] as const;
/** A block by its number, and how much of it. */
export const blockByNumber = [['block', blockTag], isFull] as const;

/** A transaction as the index keeps it: the chain's own facts, amounts as decimal text in JSON. Pure. */
import type { CallValue, ChainTransaction } from '@jigeum/chain';

/** The content of a row of `scan_transactions`; hash and signed bytes stand beside it. */
export interface StoredTransaction {
  from: string;
  to: string | null;
  nonce: number;
  value: string;
  kind: ChainTransaction['kind'];
  isSuccess: boolean | null;
  errorCode: number | null;
  fee: string | null;
  gasUsed: number | null;
  call: {
    template: string;
    method: string;
    contract: string | null;
    from: string | null;
    to: string | null;
    amount: string | null;
    args: Record<string, CallValue>;
  } | null;
}

export function storedOf(transaction: ChainTransaction): StoredTransaction {
  const { outcome, call } = transaction;
  const end = outcome.kind === 'final' ? outcome : null;
  return {
    from: transaction.from,
    to: transaction.to,
    nonce: transaction.nonce,
    value: transaction.value.toString(),
    kind: transaction.kind,
    isSuccess: end?.isSuccess ?? null,
    errorCode: end?.errorCode ?? null,
    fee: end?.fee.toString() ?? null,
    gasUsed: transaction.gasUsed,
    call: call === null ? null : { ...call, amount: call.amount?.toString() ?? null },
  };
}

/** Everybody whom a transaction concerns: sender, receiver, contract, and the two sides of a call. */
export function partiesOf(transaction: ChainTransaction): string[] {
  const { call } = transaction;
  const named = [transaction.from, transaction.to, call?.contract, call?.from, call?.to];
  return [...new Set(named.filter((address): address is string => typeof address === 'string'))];
}

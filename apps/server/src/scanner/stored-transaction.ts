/** A transaction as the index keeps it and as the API shows it: the chain's own facts, amounts as decimal text in JSON. */
import type { ScanTransactionView } from '@jigeum/api';
import type { ChainTransaction } from '@jigeum/chain';
import { sctFailure } from '@jigeum/symverse';

/** The content of a row of `scan_transactions`. */
export interface StoredTransaction {
  hash: string;
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
  } | null;
  raw: string | null;
}

export function storedOf(transaction: ChainTransaction): StoredTransaction {
  const { outcome, call } = transaction;
  const end = outcome.kind === 'final' ? outcome : null;
  return {
    hash: transaction.hash,
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
    raw: transaction.raw,
  };
}

/** Everybody whom a transaction concerns: sender, receiver, contract, and the two sides of a call. */
export function partiesOf(transaction: ChainTransaction): string[] {
  const { call } = transaction;
  const named = [transaction.from, transaction.to, call?.contract, call?.from, call?.to];
  return [...new Set(named.filter((address): address is string => typeof address === 'string'))];
}

/** What of a contract a transaction has changed; null where it changed no balances. */
export function holdersTouched(transaction: ChainTransaction): { contract: string; addresses: string[] } | null {
  const { call, outcome } = transaction;
  if (outcome.kind !== 'final' || !outcome.isSuccess) return null;
  if (call === null || call.contract === null || call.amount === null) return null;
  const addresses = [transaction.from, call.from, call.to].filter((address): address is string => address !== null);
  return { contract: call.contract, addresses: [...new Set(addresses)] };
}

/** As the API shows it. `tokens`: what the platform knows of contracts. `blockNumber` and `at` are null while it waits. */
export function transactionView(
  stored: StoredTransaction,
  input: {
    blockNumber: number | null;
    at: Date | null;
    tokens: ReadonlyMap<string, { symbol: string; decimals: number }>;
  },
): ScanTransactionView {
  const { call } = stored;
  const token = call?.contract == null ? undefined : input.tokens.get(call.contract);
  const failure = stored.errorCode === null ? undefined : sctFailure(stored.errorCode);
  return {
    hash: stored.hash,
    blockNumber: input.blockNumber,
    at: input.at?.toISOString() ?? null,
    state: stored.isSuccess === null ? 'pending' : stored.isSuccess ? 'final' : 'reverted',
    kind: stored.kind,
    from: stored.from,
    to: stored.to,
    nonce: stored.nonce,
    valueHug: BigInt(stored.value),
    gasUsed: stored.gasUsed,
    feeHug: stored.fee === null ? null : BigInt(stored.fee),
    call:
      call === null
        ? null
        : {
            ...call,
            amount: call.amount === null ? null : BigInt(call.amount),
            tokenSymbol: token?.symbol ?? null,
            tokenDecimals: token?.decimals ?? null,
          },
    error:
      stored.errorCode === null
        ? null
        : {
            code: stored.errorCode,
            ko: failure?.ko ?? '알려지지 않은 오류입니다.',
            en: failure?.en ?? 'An error that no document names.',
          },
    rawTransaction: stored.raw,
  };
}

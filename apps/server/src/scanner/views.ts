/** Rows of the index as the API shows them. Pure. */
import type { ScanBlockView, ScanItemView, ScanTokenRowView, ScanTransactionView } from '@jigeum/api';
import { sctErrorText } from '@jigeum/symverse';
import { safeNumber } from '#platform';
import type { BlockRow, TransactionRow } from './public-store.ts';
import type { ItemRow, TokenRow } from './public-token-store.ts';
import type { StoredTransaction } from './stored-transaction.ts';

/** How the platform writes its own tokens, by contract. */
export type Decimals = ReadonlyMap<string, { symbol: string; decimals: number }>;

/** Explorers show tokens whose decimals nobody has told them with 18 (sct-kor). */
export const DECIMALS_OF_STRANGERS = 18;

export const blockView = (row: BlockRow): ScanBlockView => ({
  number: safeNumber(row.number),
  hash: row.hash,
  at: row.at.toISOString(),
  transactionCount: row.transaction_count,
});

export const rowView = (row: TransactionRow, decimals: Decimals): ScanTransactionView =>
  transactionView(row.content, {
    hash: row.hash,
    place: { blockNumber: safeNumber(row.block_number), position: row.position, at: row.at },
    symbol: row.token_symbol,
    decimals,
  });

/** `place` is null while the transaction waits; only its block is known until it is indexed. */
export function transactionView(
  stored: StoredTransaction,
  input: {
    hash: string;
    place: { blockNumber: number; position: number | null; at: Date | null } | null;
    /** The contract's own symbol, where somebody knows it. */
    symbol: string | null;
    decimals: Decimals;
  },
): ScanTransactionView {
  const { call, errorCode } = stored;
  const token = call?.contract == null ? undefined : input.decimals.get(call.contract);
  return {
    hash: input.hash,
    blockNumber: input.place?.blockNumber ?? null,
    position: input.place?.position ?? null,
    at: input.place?.at?.toISOString() ?? null,
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
            tokenSymbol: token?.symbol ?? input.symbol,
            tokenDecimals: token?.decimals ?? (call.amount === null ? null : DECIMALS_OF_STRANGERS),
          },
    error: errorCode === null ? null : { code: errorCode, ...sctErrorText(errorCode) },
  };
}

export const itemView = (row: ItemRow): ScanItemView => ({
  contract: row.contract,
  symbol: row.symbol ?? '?',
  index: safeNumber(row.item),
  owner: row.owner,
  facts: row.content,
});

export const tokenRowView = (row: TokenRow, decimals: Decimals): ScanTokenRowView => ({
  contract: row.contract,
  type: row.type,
  name: row.name,
  symbol: row.symbol,
  decimals: decimals.get(row.contract)?.decimals ?? DECIMALS_OF_STRANGERS,
  supply: row.supply,
  state: row.state,
  holderCount: safeNumber(row.holder_count),
  callCount: safeNumber(row.call_count),
});

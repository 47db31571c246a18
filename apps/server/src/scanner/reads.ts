/** The public pages of blocks and transactions: from the index, and from the node what is not indexed yet. */
import type { CallOutput, ScanWholeTransactionView } from '@jigeum/api';
import type { Deps } from '#deps';
import { AppError, pageOf, readCursor, safeNumber } from '#platform';
import * as store from './public-store.ts';
import { decimalsByContract } from './public-token-store.ts';
import { storedOf } from './stored-transaction.ts';
import { blockView, rowView, transactionView, type Decimals } from './views.ts';

export type ReadDeps = Pick<Deps, 'scanDb' | 'chain'>;

/** Which part of a list is asked for. */
export interface PageInput {
  cursor: string | undefined;
  limit: number;
}

export async function scanBlocks(deps: ReadDeps, input: PageInput): Promise<CallOutput<'scanBlocks'>> {
  const [below] = readDigits(input.cursor, [BLOCK_MAX]) ?? [];
  const rows = await store.blocksBelow(deps.scanDb, { below, limit: input.limit + 1 });
  return pageOf(rows, input.limit, blockView, (row) => [row.number.toString()]);
}

/** Throws 'not-found' beyond what is indexed. */
export async function scanBlock(
  deps: ReadDeps,
  input: PageInput & { number: number },
): Promise<CallOutput<'scanBlock'>> {
  const [after] = readDigits(input.cursor, [POSITION_MAX]) ?? [];
  const [block, rows, newest, decimals] = await Promise.all([
    store.blockAt(deps.scanDb, input.number),
    store.transactionsOfBlock(deps.scanDb, { number: input.number, after, limit: input.limit + 1 }),
    store.blocksBelow(deps.scanDb, { below: undefined, limit: 1 }),
    decimalsByContract(deps.scanDb),
  ]);
  if (block === undefined) throw new AppError('not-found');
  const page = pageOf(
    rows,
    input.limit,
    (row) => rowView(row, decimals),
    (row) => [String(row.position)],
  );
  return {
    ...blockView(block),
    header: deps.chain.headerFacts(block.header),
    rawHeader: block.header,
    seal: block.seal,
    size: block.size,
    isNewest: newest[0]?.number === block.number,
    transactions: page.items,
    nextCursor: page.nextCursor,
  };
}

export async function scanTransactions(deps: ReadDeps, input: PageInput): Promise<CallOutput<'scanTransactions'>> {
  const [rows, decimals] = await Promise.all([
    store.newestTransactions(deps.scanDb, { after: readPlace(input.cursor), limit: input.limit + 1 }),
    decimalsByContract(deps.scanDb),
  ]);
  return pageOfTransactions(rows, input.limit, decimals);
}

/**
 * Also finds what is not indexed yet, in the node: without its place, whose block would have to be read whole. `beforeNode` is
 * called before the node is asked. Throws 'not-found'.
 */
export async function scanTransaction(
  deps: ReadDeps,
  hash: string,
  beforeNode: () => void = () => undefined,
): Promise<ScanWholeTransactionView> {
  const [row, decimals] = await Promise.all([
    store.transactionByHash(deps.scanDb, hash),
    decimalsByContract(deps.scanDb),
  ]);
  if (row !== undefined) return { ...rowView(row, decimals), rawTransaction: row.raw };
  beforeNode();
  const transaction = await deps.chain.transaction(hash);
  if (transaction === null) throw new AppError('not-found');
  const { blockNumber } = transaction;
  const place = blockNumber === null ? null : { blockNumber, position: null, at: null };
  const view = transactionView(storedOf(transaction), { hash, place, symbol: null, decimals });
  return { ...view, rawTransaction: transaction.raw };
}

/** A page of a list that is ordered by place. */
export const pageOfTransactions = (rows: readonly store.TransactionRow[], limit: number, decimals: Decimals) =>
  pageOf(
    rows,
    limit,
    (row) => rowView(row, decimals),
    (row) => [safeNumber(row.block_number).toString(), String(row.position)],
  );

/** The place that a page begins after. Throws 'request-invalid' where the cursor is not one of ours. */
export function readPlace(cursor: string | undefined): store.Place | undefined {
  const digits = readDigits(cursor, [BLOCK_MAX, POSITION_MAX]);
  return digits && { block: digits[0]!, position: digits[1]! };
}

/** The largest figures that the index can hold: a block's number or an item's, and a place in a block. */
export const BLOCK_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const POSITION_MAX = 2n ** 31n - 1n;

/** The figures that a page begins after, each up to its maximum. Throws 'request-invalid' where the cursor is not one of ours. */
export function readDigits(cursor: string | undefined, maxima: readonly bigint[]): readonly string[] | undefined {
  const values = readCursor(cursor, maxima.length);
  const isOurs = (value: string, index: number): boolean =>
    /^(?:0|[1-9][0-9]{0,15})$/.test(value) && BigInt(value) <= maxima[index]!;
  if (values !== undefined && !values.every(isOurs))
    throw new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page.' });
  return values;
}

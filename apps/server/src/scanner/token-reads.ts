/** The public pages of accounts and tokens: history and holders from the index, what is true at the head from the node. */
import type { CallOutput } from '@jigeum/api';
import type { Deps } from '#deps';
import { AppError, pageOf, readCursor, safeNumber } from '#platform';
import { transactionsOfAddress } from './public-store.ts';
import * as store from './public-token-store.ts';
import { BLOCK_MAX, pageOfTransactions, readDigits, readPlace, type PageInput, type ReadDeps } from './reads.ts';
import { DECIMALS_OF_STRANGERS, itemView, tokenRowView } from './views.ts';

/** Tokens and items that come with an account; the rest have pages of their own. */
const HOLDINGS_SHOWN = 20;

/** Throws 'not-found' for an address that the chain has never named. */
export async function scanAccount(
  deps: ReadDeps,
  input: PageInput & { symId: string },
): Promise<CallOutput<'scanAccount'>> {
  const { symId } = input;
  const first = { symId, cursor: undefined, limit: HOLDINGS_SHOWN };
  const [rows, tokens, items, decimals, identity] = await Promise.all([
    transactionsOfAddress(deps.scanDb, { address: symId, after: readPlace(input.cursor), limit: input.limit + 1 }),
    scanAccountTokens(deps, first),
    scanAccountItems(deps, first),
    store.decimalsByContract(deps.scanDb),
    deps.chain.identity(symId),
  ]);
  if (identity === null && rows.length === 0 && tokens.items.length === 0) throw new AppError('not-found');
  const [balanceHug, depositHug, nonce] = await Promise.all([
    deps.chain.nativeBalance(symId),
    deps.chain.deposit(symId),
    deps.chain.finalNonce(symId),
  ]);
  const page = pageOfTransactions(rows, input.limit, decimals);
  return {
    symId,
    balanceHug,
    depositHug,
    nonce,
    citizen: identity,
    tokens: tokens.items,
    tokensCursor: tokens.nextCursor,
    items: items.items,
    itemsCursor: items.nextCursor,
    transactions: page.items,
    nextCursor: page.nextCursor,
  };
}

/** Empty for an address that holds no token. */
export async function scanAccountTokens(
  deps: Pick<Deps, 'scanDb'>,
  { symId, cursor, limit }: PageInput & { symId: string },
): Promise<CallOutput<'scanAccountTokens'>> {
  const [after] = readCursor(cursor, 1) ?? [];
  if (after !== undefined && !ADDRESS.test(after)) throw notOurs();
  const [rows, decimals] = await Promise.all([
    store.holdingsOf(deps.scanDb, { address: symId, after, limit: limit + 1 }),
    store.decimalsByContract(deps.scanDb),
  ]);
  return pageOf(
    rows,
    limit,
    (row) => ({
      contract: row.contract,
      symbol: decimals.get(row.contract)?.symbol ?? row.symbol ?? '?',
      name: row.name ?? '',
      decimals: decimals.get(row.contract)?.decimals ?? DECIMALS_OF_STRANGERS,
      balance: row.balance,
    }),
    (row) => [row.contract],
  );
}

/** Empty for an address that owns no item and no coupon. */
export async function scanAccountItems(
  deps: Pick<Deps, 'scanDb'>,
  { symId, cursor, limit }: PageInput & { symId: string },
): Promise<CallOutput<'scanAccountItems'>> {
  const after = readPair(cursor, /^[0-9]{1,15}$/);
  const rows = await store.itemsOfOwner(deps.scanDb, {
    address: symId,
    after: after && { item: after[0], contract: after[1] },
    limit: limit + 1,
  });
  return pageOf(rows, limit, itemView, (row) => [row.item.toString(), row.contract]);
}

/** Empty for a contract that has no items or coupons. */
export async function scanItems(
  deps: Pick<Deps, 'scanDb'>,
  input: PageInput & { contract: string },
): Promise<CallOutput<'scanItems'>> {
  const [below] = readDigits(input.cursor, [BLOCK_MAX]) ?? [];
  const rows = await store.itemsOfContract(deps.scanDb, { contract: input.contract, below, limit: input.limit + 1 });
  return pageOf(rows, input.limit, itemView, (row) => [row.item.toString()]);
}

export async function scanTokens(deps: Pick<Deps, 'scanDb'>, input: PageInput): Promise<CallOutput<'scanTokens'>> {
  const after = readPair(input.cursor, /^[0-9]{1,18}$/);
  const [rows, decimals] = await Promise.all([
    store.tokensByRank(deps.scanDb, {
      after: after && { holders: after[0], contract: after[1] },
      limit: input.limit + 1,
    }),
    store.decimalsByContract(deps.scanDb),
  ]);
  return pageOf(
    rows,
    input.limit,
    (row) => tokenRowView(row, decimals),
    (row) => [row.holder_count.toString(), row.contract],
  );
}

/** Throws 'not-found' where the chain has no such contract. */
export async function scanToken(
  deps: ReadDeps,
  input: PageInput & { contract: string },
): Promise<CallOutput<'scanToken'>> {
  const { contract } = input;
  const [facts, row, rows, decimals] = await Promise.all([
    deps.chain.contractFacts(contract),
    store.tokenAt(deps.scanDb, contract),
    transactionsOfAddress(deps.scanDb, { address: contract, after: readPlace(input.cursor), limit: input.limit + 1 }),
    store.decimalsByContract(deps.scanDb),
  ]);
  if (facts === null) throw new AppError('not-found');
  const page = pageOfTransactions(rows, input.limit, decimals);
  return {
    ...facts,
    decimals: decimals.get(contract)?.decimals ?? DECIMALS_OF_STRANGERS,
    holderCount: safeNumber(row?.holder_count ?? 0n),
    callCount: safeNumber(row?.call_count ?? 0n),
    transfers: page.items,
    nextCursor: page.nextCursor,
  };
}

/** Empty for a contract that nobody holds anything of. */
export async function scanHolders(
  deps: Pick<Deps, 'scanDb'>,
  input: PageInput & { contract: string },
): Promise<CallOutput<'scanHolders'>> {
  const after = readPair(input.cursor, /^[0-9]{1,78}$/);
  const rows = await store.holdersByRank(deps.scanDb, {
    contract: input.contract,
    after: after && { balance: after[0], address: after[1] },
    limit: input.limit + 1,
  });
  return pageOf(
    rows,
    input.limit,
    (row) => ({ symId: row.address, balance: row.balance }),
    (row) => [row.balance.toString(), row.address],
  );
}

/** A figure and an address that a list goes on after. Throws 'request-invalid' where the cursor is not one of ours. */
function readPair(cursor: string | undefined, figure: RegExp): readonly [string, string] | undefined {
  const values = readCursor(cursor, 2);
  if (values === undefined) return undefined;
  const [first = '', second = ''] = values;
  if (!figure.test(first) || !ADDRESS.test(second)) throw notOurs();
  return [first, second];
}

const ADDRESS = /^0x[0-9a-f]{20}$/;

const notOurs = (): AppError =>
  new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page.' });

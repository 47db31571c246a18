/** The public pages: what the chain shows, from the index; balances, nonces and what is not indexed yet, from the node. */
import type { CallOutput, ScanTransactionView } from '@jigeum/api';
import type { Deps } from '#deps';
import { AppError, pageOf, readCursor, safeNumber } from '#platform';
import { storedOf, transactionView } from './stored-transaction.ts';
import * as store from './store.ts';

type ReadDeps = Pick<Deps, 'db' | 'chain'>;

const OVERVIEW_ROWS = 10;
const HOLDERS_SHOWN = 50;
/** Explorers show tokens whose decimals nobody has told them with 18 (sct-kor). */
const DECIMALS_OF_STRANGERS = 18;

export async function scanOverview(deps: ReadDeps): Promise<CallOutput<'scanOverview'>> {
  const [blocks, rows, tokens] = await Promise.all([
    store.newestBlocks(deps.db, OVERVIEW_ROWS),
    store.newestTransactions(deps.db, OVERVIEW_ROWS),
    store.tokensByContract(deps.db),
  ]);
  const head = blocks[0] === undefined ? await headOfNode(deps) : blockView(blocks[0]);
  return {
    chainId: deps.chain.chainId,
    head,
    blocks: blocks.map(blockView),
    transactions: rows.map((row) => rowView(row, tokens)),
  };
}

/** Also finds what is still waiting in the node. Throws 'not-found'. */
export async function scanTransaction(deps: ReadDeps, hash: string): Promise<ScanTransactionView> {
  const tokens = await store.tokensByContract(deps.db);
  const row = await store.transactionByHash(deps.db, hash);
  if (row !== undefined) return rowView(row, tokens);
  const transaction = await deps.chain.transaction(hash);
  if (transaction === null) throw new AppError('not-found');
  const block = transaction.blockNumber === null ? null : await deps.chain.block(transaction.blockNumber);
  return transactionView(storedOf(transaction), {
    blockNumber: transaction.blockNumber,
    at: block === null ? null : new Date(block.atMs),
    tokens,
  });
}

/** Throws 'not-found' beyond what is indexed. */
export async function scanBlock(deps: ReadDeps, number: number): Promise<CallOutput<'scanBlock'>> {
  const block = await store.blockAt(deps.db, number);
  if (block === undefined) throw new AppError('not-found');
  const [rows, tokens] = await Promise.all([
    store.transactionsOfBlock(deps.db, number),
    store.tokensByContract(deps.db),
  ]);
  return { ...blockView(block), transactions: rows.map((row) => rowView(row, tokens)) };
}

/** Throws 'not-found' for an address that the chain has never named. */
export async function scanAccount(
  deps: ReadDeps,
  input: { symId: string; cursor: string | undefined; limit: number },
): Promise<CallOutput<'scanAccount'>> {
  const { symId } = input;
  const [rows, holdings, tokens, identity] = await Promise.all([
    historyOf(deps, { address: symId, cursor: input.cursor, limit: input.limit }),
    store.holdingsOf(deps.db, symId),
    store.tokensByContract(deps.db),
    deps.chain.identity(symId),
  ]);
  if (identity === null && rows.length === 0 && holdings.length === 0) throw new AppError('not-found');
  const [balanceHug, nonce] = await Promise.all([deps.chain.nativeBalance(symId), deps.chain.finalNonce(symId)]);
  const page = pageOfRows(rows, input.limit, tokens);
  return {
    symId,
    balanceHug,
    nonce,
    citizen: identity,
    tokens: await Promise.all(
      holdings.map(async (row) => ({
        contract: row.contract,
        symbol: tokens.get(row.contract)?.symbol ?? (await deps.chain.contractFacts(row.contract))?.symbol ?? '?',
        decimals: tokens.get(row.contract)?.decimals ?? DECIMALS_OF_STRANGERS,
        balance: row.balance,
      })),
    ),
    transactions: page.items,
    nextCursor: page.nextCursor,
  };
}

/** Throws 'not-found' where the chain has no such contract. */
export async function scanToken(
  deps: ReadDeps,
  input: { contract: string; cursor: string | undefined; limit: number },
): Promise<CallOutput<'scanToken'>> {
  const { contract } = input;
  const facts = await deps.chain.contractFacts(contract);
  if (facts === null) throw new AppError('not-found');
  const [rows, holders, holderCount, tokens] = await Promise.all([
    historyOf(deps, { address: contract, cursor: input.cursor, limit: input.limit }),
    store.holdersOf(deps.db, { contract, limit: HOLDERS_SHOWN }),
    store.holderCount(deps.db, contract),
    store.tokensByContract(deps.db),
  ]);
  const page = pageOfRows(rows, input.limit, tokens);
  return {
    contract,
    name: facts.name,
    symbol: facts.symbol,
    decimals: tokens.get(contract)?.decimals ?? DECIMALS_OF_STRANGERS,
    type: facts.type,
    creator: facts.creator,
    owner: facts.owner,
    state: facts.state,
    stateCode: facts.stateCode,
    supply: facts.supply,
    holders: holders.map((row) => ({ symId: row.address, balance: row.balance })),
    holderCount: safeNumber(holderCount),
    transfers: page.items,
    nextCursor: page.nextCursor,
  };
}

async function historyOf(
  deps: ReadDeps,
  input: { address: string; cursor: string | undefined; limit: number },
): Promise<store.TransactionRow[]> {
  const cursor = readCursor(input.cursor, 2);
  if (cursor !== undefined && !cursor.every((value) => /^[0-9]{1,9}$/.test(value)))
    throw new AppError('request-invalid', { detail: 'Expected the nextCursor of an earlier page.' });
  return await store.transactionsOfAddress(deps.db, {
    address: input.address,
    after: cursor === undefined ? undefined : { block: cursor[0]!, position: cursor[1]! },
    limit: input.limit + 1,
  });
}

type Tokens = ReadonlyMap<string, { symbol: string; decimals: number }>;

const pageOfRows = (rows: readonly store.TransactionRow[], limit: number, tokens: Tokens) =>
  pageOf(
    rows,
    limit,
    (row) => rowView(row, tokens),
    (row) => [row.block_number.toString(), String(row.position)],
  );

const rowView = (row: store.TransactionRow, tokens: Tokens): ScanTransactionView =>
  transactionView(row.content, { blockNumber: safeNumber(row.block_number), at: row.at, tokens });

const blockView = (row: store.BlockRow) => ({
  number: safeNumber(row.number),
  hash: row.hash,
  at: row.at.toISOString(),
  transactionCount: row.transaction_count,
});

async function headOfNode(deps: ReadDeps) {
  const head = await deps.chain.head();
  return { number: head.number, hash: head.hash, at: new Date(head.atMs).toISOString(), transactionCount: 0 };
}

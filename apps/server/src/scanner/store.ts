/** Every statement over the scan tables. They hold what the chain shows and nothing about people. */
import { sql } from 'kysely';
import type { ChainBlock } from '@jigeum/chain';
import type { Db, Trx } from '#platform';
import type { StoredTransaction } from './stored-transaction.ts';

export async function newestBlock(db: Db): Promise<BlockRow | undefined> {
  const { rows } = await sql<BlockRow>`
    select number, hash, at, transaction_count from scan_blocks order by number desc limit 1
  `.execute(db);
  return rows[0];
}

/** One indexer writes at a time; the number is this lock's name. */
export async function lockIndex(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7_162_002)`.execute(trx);
}

/** The block with its transactions and the addresses that they concern. */
export async function insertBlock(
  trx: Trx,
  block: ChainBlock,
  transactions: readonly { stored: StoredTransaction; parties: readonly string[] }[],
): Promise<void> {
  await sql`
    insert into scan_blocks (number, hash, parent_hash, at, transaction_count)
    values (${block.number}, ${block.hash}, ${block.parentHash}, ${new Date(block.atMs)}, ${transactions.length})
  `.execute(trx);
  if (transactions.length === 0) return;
  const positions = transactions.map((_, index) => index);
  await sql`
    insert into scan_transactions (hash, block_number, position, content)
    select h, ${block.number}::bigint, p, c from unnest(
      ${transactions.map((each) => each.stored.hash)}::text[], ${positions}::int[],
      ${transactions.map((each) => JSON.stringify(each.stored))}::jsonb[]) as t (h, p, c)
  `.execute(trx);
  const parties = transactions.flatMap((each, position) =>
    each.parties.map((address) => ({ address, position, hash: each.stored.hash })),
  );
  await sql`
    insert into scan_parties (address, block_number, position, hash)
    select a, ${block.number}::bigint, p, h from unnest(
      ${parties.map((each) => each.address)}::text[], ${parties.map((each) => each.position)}::int[],
      ${parties.map((each) => each.hash)}::text[]) as t (a, p, h)
  `.execute(trx);
}

export async function saveHolders(
  trx: Trx,
  input: { contract: string; holders: readonly { address: string; balance: bigint }[] },
): Promise<void> {
  for (const { address, balance } of input.holders) {
    if (balance === 0n) {
      await sql`delete from scan_holders where contract = ${input.contract} and address = ${address}`.execute(trx);
    } else {
      await sql`
        insert into scan_holders (contract, address, balance) values (${input.contract}, ${address}, ${balance})
        on conflict (contract, address) do update set balance = excluded.balance
      `.execute(trx);
    }
  }
}

export interface BlockRow {
  number: bigint;
  hash: string;
  at: Date;
  transaction_count: number;
}

export async function newestBlocks(db: Db, limit: number): Promise<BlockRow[]> {
  const { rows } = await sql<BlockRow>`
    select number, hash, at, transaction_count from scan_blocks order by number desc limit ${limit}
  `.execute(db);
  return rows;
}

export async function blockAt(db: Db, number: number): Promise<BlockRow | undefined> {
  const { rows } = await sql<BlockRow>`
    select number, hash, at, transaction_count from scan_blocks where number = ${number}
  `.execute(db);
  return rows[0];
}

export interface TransactionRow {
  block_number: bigint;
  position: number;
  at: Date;
  content: StoredTransaction;
}

export async function transactionByHash(db: Db, hash: string): Promise<TransactionRow | undefined> {
  const { rows } = await sql<TransactionRow>`
    select t.block_number, t.position, b.at, t.content
    from scan_transactions t join scan_blocks b on b.number = t.block_number where t.hash = ${hash}
  `.execute(db);
  return rows[0];
}

export async function newestTransactions(db: Db, limit: number): Promise<TransactionRow[]> {
  const { rows } = await sql<TransactionRow>`
    select t.block_number, t.position, b.at, t.content
    from scan_transactions t join scan_blocks b on b.number = t.block_number
    order by t.block_number desc, t.position desc limit ${limit}
  `.execute(db);
  return rows;
}

export async function transactionsOfBlock(db: Db, number: number): Promise<TransactionRow[]> {
  const { rows } = await sql<TransactionRow>`
    select t.block_number, t.position, b.at, t.content
    from scan_transactions t join scan_blocks b on b.number = t.block_number
    where t.block_number = ${number} order by t.position
  `.execute(db);
  return rows;
}

/** Newest first, of one account or contract. */
export async function transactionsOfAddress(
  db: Db,
  input: { address: string; after: { block: string; position: string } | undefined; limit: number },
): Promise<TransactionRow[]> {
  const { after } = input;
  const { rows } = await sql<TransactionRow>`
    select p.block_number, p.position, b.at, t.content
    from scan_parties p join scan_transactions t on t.hash = p.hash join scan_blocks b on b.number = p.block_number
    where p.address = ${input.address}
      ${after === undefined ? sql`` : sql`and (p.block_number, p.position) < (${after.block}::bigint, ${after.position}::int)`}
    order by p.block_number desc, p.position desc limit ${input.limit}
  `.execute(db);
  return rows;
}

export interface HoldingRow {
  contract: string;
  balance: bigint;
}

export async function holdingsOf(db: Db, address: string): Promise<HoldingRow[]> {
  const { rows } = await sql<HoldingRow>`
    select contract, balance from scan_holders where address = ${address} order by contract limit 100
  `.execute(db);
  return rows;
}

export async function holdersOf(
  db: Db,
  input: { contract: string; limit: number },
): Promise<{ address: string; balance: bigint }[]> {
  const { rows } = await sql<{ address: string; balance: bigint }>`
    select address, balance from scan_holders where contract = ${input.contract}
    order by balance desc, address limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function holderCount(db: Db, contract: string): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from scan_holders where contract = ${contract}
  `.execute(db);
  return rows[0]?.count ?? 0n;
}

/** The platform's tokens by contract: few, and the only source of decimals. */
export async function tokensByContract(db: Db): Promise<Map<string, { symbol: string; decimals: number }>> {
  const { rows } = await sql<{ contract: string; symbol: string; decimals: number }>`
    select contract, symbol, decimals from tokens where contract is not null limit 200
  `.execute(db);
  return new Map(rows.map((row) => [row.contract, { symbol: row.symbol, decimals: row.decimals }]));
}

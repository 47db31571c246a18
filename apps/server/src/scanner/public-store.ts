/** What the public pages read. Runs with a role that can read the scan tables and nothing else; every list is bounded. */
import { fromHex0x } from '@jigeum/std';
import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#platform';
import type { StoredTransaction } from './stored-transaction.ts';

const hexOf = (column: string): RawBuilder<string> => sql<string>`'0x' || encode(${sql.ref(column)}, 'hex')`;
const bytea = (hex: string): Buffer => Buffer.from(fromHex0x(hex));

export interface BlockRow {
  number: bigint;
  hash: string;
  at: Date;
  transaction_count: number;
}

const blockColumns = sql`number, ${hexOf('hash')} as hash, at, transaction_count`;

/** Newest first, those below `below` where it is given. */
export async function blocksBelow(db: Db, input: { below: string | undefined; limit: number }): Promise<BlockRow[]> {
  const { rows } = await sql<BlockRow>`
    select ${blockColumns} from scan_blocks
    ${input.below === undefined ? sql`` : sql`where number < ${input.below}::bigint`}
    order by number desc limit ${input.limit}
  `.execute(db);
  return rows;
}

export interface WholeBlockRow extends BlockRow {
  header: string;
  seal: string | null;
  size: number;
}

export async function blockAt(db: Db, number: number): Promise<WholeBlockRow | undefined> {
  const { rows } = await sql<WholeBlockRow>`
    select ${blockColumns}, ${hexOf('header')} as header, ${hexOf('seal')} as seal, size
    from scan_blocks where number = ${number}
  `.execute(db);
  return rows[0];
}

export async function blockNumberOf(db: Db, hash: string): Promise<bigint | undefined> {
  const { rows } = await sql<{ number: bigint }>`
    select number from scan_blocks where hash = ${bytea(hash)}
  `.execute(db);
  return rows[0]?.number;
}

export interface TransactionRow {
  block_number: bigint;
  position: number;
  at: Date;
  hash: string;
  content: StoredTransaction;
  /** Of the contract that it calls, where the index knows it. */
  token_symbol: string | null;
}

const transactionColumns = sql`
  t.block_number, t.position, b.at, ${hexOf('t.hash')} as hash, t.content,
  (select s.symbol from scan_tokens s
   where s.contract = decode(substr(t.content -> 'call' ->> 'contract', 3), 'hex')) as token_symbol`;

/** A place in the chain: lists go on after it. Both are digits that a cursor has carried. */
export interface Place {
  block: string;
  position: string;
}

export async function transactionByHash(
  db: Db,
  hash: string,
): Promise<(TransactionRow & { raw: string | null }) | undefined> {
  const { rows } = await sql<TransactionRow & { raw: string | null }>`
    select ${transactionColumns}, ${hexOf('t.raw')} as raw
    from scan_transactions t join scan_blocks b on b.number = t.block_number where t.hash = ${bytea(hash)}
  `.execute(db);
  return rows[0];
}

/** Newest first. */
export async function newestTransactions(
  db: Db,
  input: { after: Place | undefined; limit: number },
): Promise<TransactionRow[]> {
  const { after } = input;
  const { rows } = await sql<TransactionRow>`
    select ${transactionColumns}
    from scan_transactions t join scan_blocks b on b.number = t.block_number
    ${after === undefined ? sql`` : sql`where (t.block_number, t.position) < (${after.block}::bigint, ${after.position}::int)`}
    order by t.block_number desc, t.position desc limit ${input.limit}
  `.execute(db);
  return rows;
}

/** In the order of the block. */
export async function transactionsOfBlock(
  db: Db,
  input: { number: number; after: string | undefined; limit: number },
): Promise<TransactionRow[]> {
  const { rows } = await sql<TransactionRow>`
    select ${transactionColumns}
    from scan_transactions t join scan_blocks b on b.number = t.block_number
    where t.block_number = ${input.number}
      ${input.after === undefined ? sql`` : sql`and t.position > ${input.after}::int`}
    order by t.position limit ${input.limit}
  `.execute(db);
  return rows;
}

/** Newest first, of one account or contract. The places are found before any row is read. */
export async function transactionsOfAddress(
  db: Db,
  input: { address: string; after: Place | undefined; limit: number },
): Promise<TransactionRow[]> {
  const { after } = input;
  const { rows } = await sql<TransactionRow>`
    with p as materialized (
      select block_number, position from scan_parties
      where address = ${bytea(input.address)}
        ${after === undefined ? sql`` : sql`and (block_number, position) < (${after.block}::bigint, ${after.position}::int)`}
      order by block_number desc, position desc limit ${input.limit}
    )
    select ${transactionColumns}
    from p join scan_transactions t on t.block_number = p.block_number and t.position = p.position
      join scan_blocks b on b.number = p.block_number
    order by t.block_number desc, t.position desc
  `.execute(db);
  return rows;
}

/** How much went into the newest blocks. */
export async function pace(
  db: Db,
  blocks: number,
): Promise<{ transactions: bigint; blocks: bigint; first: Date | null; last: Date | null }> {
  const { rows } = await sql<{ transactions: bigint; blocks: bigint; first: Date | null; last: Date | null }>`
    select coalesce(sum(transaction_count), 0)::bigint as transactions, count(*) as blocks, min(at) as first, max(at) as last
    from (select transaction_count, at from scan_blocks order by number desc limit ${blocks}) as newest
  `.execute(db);
  return rows[0]!;
}

export async function totals(db: Db): Promise<{ transactions: bigint; tokens: bigint }> {
  const { rows } = await sql<{ transactions: bigint; tokens: bigint }>`
    select transaction_count as transactions, (select count(*) from scan_tokens) as tokens from scan_totals
  `.execute(db);
  return rows[0]!;
}

/** Every statement over `tokens` but the change of state that an outcome on the chain brings (`transfers`). */
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';

export interface TokenRow {
  id: string;
  symbol: string;
  name: string;
  decimals: number;
  won_per_token: bigint | null;
  state: 'creating' | 'active' | 'paused' | 'failed';
  contract: string | null;
}

const columns = sql`id, symbol, name, decimals, won_per_token, state, contract`;

export async function findToken(db: Db, symbol: string): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`select ${columns} from tokens where symbol = ${symbol}`.execute(db);
  return rows[0];
}

/** By symbol; those that exist. */
export async function findTokens(db: Db, symbols: readonly string[]): Promise<Map<string, TokenRow>> {
  const { rows } = await sql<TokenRow>`/*prepare*/
    select ${columns} from tokens where symbol = any(${[...symbols]}::text[])
  `.execute(db);
  return new Map(rows.map((row) => [row.symbol, row]));
}

export async function findTokenById(db: Db, id: string): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`select ${columns} from tokens where id = ${id}`.execute(db);
  return rows[0];
}

/** Platforms have a handful of tokens: the list is not paged. */
export async function tokensOnChain(db: Db): Promise<TokenRow[]> {
  const { rows } = await sql<TokenRow>`
    select ${columns} from tokens where state in ('active', 'paused') order by created_at, symbol limit 200
  `.execute(db);
  return rows;
}

/** In state `creating`. */
export async function insertToken(
  trx: Trx,
  token: {
    id: string;
    symbol: string;
    name: string;
    decimals: number;
    wonPerToken: bigint | null;
    chainId: number;
    now: Date;
  },
): Promise<void> {
  await sql`
    insert into tokens (id, symbol, name, decimals, won_per_token, chain_id, state, created_at)
    values (${token.id}, ${token.symbol}, ${token.name}, ${token.decimals}, ${token.wonPerToken}, ${token.chainId},
            'creating', ${token.now})
  `.execute(trx);
}

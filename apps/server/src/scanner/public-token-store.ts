/** What the public pages read of tokens and who holds them. Same role and bounds as `public-store.ts`. */
import { fromHex0x } from '@jigeum/std';
import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#platform';

const hexOf = (column: string): RawBuilder<string> => sql<string>`'0x' || encode(${sql.ref(column)}, 'hex')`;
const bytea = (hex: string): Buffer => Buffer.from(fromHex0x(hex));

export interface TokenRow {
  contract: string;
  type: string;
  name: string;
  symbol: string;
  supply: bigint;
  state: string;
  holder_count: bigint;
  call_count: bigint;
}

const tokenColumns = sql`${hexOf('contract')} as contract, type, name, symbol, supply, state, holder_count, call_count`;

/** Those with the most holders first. */
export async function tokensByRank(
  db: Db,
  input: { after: { holders: string; contract: string } | undefined; limit: number },
): Promise<TokenRow[]> {
  const { after } = input;
  const { rows } = await sql<TokenRow>`
    select ${tokenColumns} from scan_tokens
    ${after === undefined ? sql`` : sql`where holder_count < ${after.holders}::bigint or (holder_count = ${after.holders}::bigint and contract > ${bytea(after.contract)})`}
    order by holder_count desc, scan_tokens.contract limit ${input.limit}
  `.execute(db);
  return rows;
}

/** By the beginning of symbol or name, upper and lower case alike; the exact symbol first, then by holders. */
export async function tokensNamed(db: Db, input: { text: string; limit: number }): Promise<TokenRow[]> {
  const text = input.text.toLowerCase();
  const pattern = `${text.replaceAll(/[\\%_]/g, (special) => `\\${special}`)}%`;
  const { rows } = await sql<TokenRow>`
    select ${tokenColumns} from scan_tokens
    where lower(symbol) like ${pattern} or lower(name) like ${pattern}
    order by lower(symbol) = ${text} desc, holder_count desc, scan_tokens.contract limit ${input.limit}
  `.execute(db);
  return rows;
}

export async function tokenAt(db: Db, contract: string): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`
    select ${tokenColumns} from scan_tokens where scan_tokens.contract = ${bytea(contract)}
  `.execute(db);
  return rows[0];
}

export interface HoldingRow {
  contract: string;
  balance: bigint;
  symbol: string | null;
  name: string | null;
}

/** Of one account, by contract. */
export async function holdingsOf(
  db: Db,
  input: { address: string; after: string | undefined; limit: number },
): Promise<HoldingRow[]> {
  const { rows } = await sql<HoldingRow>`
    select ${hexOf('h.contract')} as contract, h.balance, t.symbol, t.name
    from scan_holders h left join scan_tokens t on t.contract = h.contract
    where h.address = ${bytea(input.address)}
      ${input.after === undefined ? sql`` : sql`and h.contract > ${bytea(input.after)}`}
    order by h.contract limit ${input.limit}
  `.execute(db);
  return rows;
}

export interface HolderRow {
  address: string;
  balance: bigint;
}

/** Those with the most first. */
export async function holdersByRank(
  db: Db,
  input: { contract: string; after: { balance: string; address: string } | undefined; limit: number },
): Promise<HolderRow[]> {
  const { after } = input;
  const { rows } = await sql<HolderRow>`
    select ${hexOf('address')} as address, balance from scan_holders
    where contract = ${bytea(input.contract)}
      ${after === undefined ? sql`` : sql`and balance <= ${after.balance}::numeric and (balance < ${after.balance}::numeric or scan_holders.address > ${bytea(after.address)})`}
    order by balance desc, scan_holders.address limit ${input.limit}
  `.execute(db);
  return rows;
}

export interface ItemRow {
  contract: string;
  item: bigint;
  owner: string | null;
  content: Record<string, string>;
  symbol: string | null;
}

const itemColumns = sql`${hexOf('i.contract')} as contract, i.item, ${hexOf('i.owner')} as owner, i.content, t.symbol`;

/** The newest first. */
export async function itemsOfContract(
  db: Db,
  input: { contract: string; below: string | undefined; limit: number },
): Promise<ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select ${itemColumns} from scan_items i left join scan_tokens t on t.contract = i.contract
    where i.contract = ${bytea(input.contract)}
      ${input.below === undefined ? sql`` : sql`and i.item < ${input.below}::bigint`}
    order by i.item desc limit ${input.limit}
  `.execute(db);
  return rows;
}

/** Of one account, by contract. */
export async function itemsOfOwner(
  db: Db,
  input: { address: string; after: { contract: string; item: string } | undefined; limit: number },
): Promise<ItemRow[]> {
  const { after } = input;
  const { rows } = await sql<ItemRow>`
    select ${itemColumns} from scan_items i left join scan_tokens t on t.contract = i.contract
    where i.owner = ${bytea(input.address)}
      ${after === undefined ? sql`` : sql`and (i.contract, i.item) > (${bytea(after.contract)}, ${after.item}::bigint)`}
    order by i.contract, i.item limit ${input.limit}
  `.execute(db);
  return rows;
}

/** How the platform writes its own tokens: few, and the only source of decimals. */
export async function decimalsByContract(db: Db): Promise<Map<string, { symbol: string; decimals: number }>> {
  const { rows } = await sql<{ contract: string; symbol: string; decimals: number }>`
    select contract, symbol, decimals from tokens where contract is not null limit 200
  `.execute(db);
  return new Map(rows.map((row) => [row.contract, { symbol: row.symbol, decimals: row.decimals }]));
}

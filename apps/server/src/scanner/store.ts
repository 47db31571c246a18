/** What the index job writes. A block goes in whole, in one statement a table, however many transactions it has. */
import { fromHex0x } from '@jigeum/std';
import type { ChainBlock, ChainItem, ContractFacts } from '@jigeum/chain';
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';
import { partiesOf, storedOf } from './stored-transaction.ts';

/** The newest block of the index; undefined while it is empty. */
export async function newestIndexed(db: Db): Promise<{ number: number; hash: string } | undefined> {
  const { rows } = await sql<{ number: bigint; hash: string }>`
    select number, '0x' || encode(hash, 'hex') as hash from scan_blocks order by number desc limit 1
  `.execute(db);
  const row = rows[0];
  return row && { number: Number(row.number), hash: row.hash };
}

/** The hash of block 0, by which a chain is told from another of its id; undefined while the index is empty. */
export async function indexedGenesis(db: Db): Promise<`0x${string}` | undefined> {
  const { rows } = await sql<{ hash: `0x${string}` }>`
    select '0x' || encode(hash, 'hex') as hash from scan_blocks where number = 0
  `.execute(db);
  return rows[0]?.hash;
}

/** One indexer writes at a time; the number is this lock's name. */
export async function lockIndex(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7_162_002)`.execute(trx);
}

/** The blocks, their transactions, and the addresses that each concerns. */
export async function insertBlocks(trx: Trx, blocks: readonly ChainBlock[]): Promise<void> {
  await sql`
    insert into scan_blocks (number, hash, parent_hash, at, transaction_count, header, seal, size)
    select * from unnest(
      ${blocks.map((block) => block.number)}::bigint[], ${bytesOf(blocks.map((block) => block.hash))}::bytea[],
      ${bytesOf(blocks.map((block) => block.parentHash))}::bytea[],
      ${blocks.map((block) => new Date(block.atMs))}::timestamptz[],
      ${blocks.map((block) => block.transactions.length)}::int[],
      ${bytesOf(blocks.map((block) => block.header))}::bytea[],
      ${blocks.map((block) => block.seal && bytea(block.seal))}::bytea[], ${blocks.map((block) => block.size)}::int[])
  `.execute(trx);
  const rows = blocks.flatMap((block) =>
    block.transactions.map((transaction, position) => ({ block: block.number, position, transaction })),
  );
  if (rows.length === 0) return;
  await sql`
    insert into scan_transactions (block_number, position, hash, content, raw)
    select * from unnest(
      ${rows.map((row) => row.block)}::bigint[], ${rows.map((row) => row.position)}::int[],
      ${bytesOf(rows.map((row) => row.transaction.hash))}::bytea[],
      ${rows.map((row) => JSON.stringify(storedOf(row.transaction)))}::json[],
      ${rows.map(({ transaction: { raw } }) => raw && bytea(raw))}::bytea[])
  `.execute(trx);
  // Sorted, because each lands beside its neighbour in the index.
  const parties = rows
    .flatMap((row) => partiesOf(row.transaction).map((address) => ({ ...row, address })))
    .sort((left, right) => (left.address < right.address ? -1 : left.address > right.address ? 1 : 0));
  await sql`
    insert into scan_parties (address, block_number, position)
    select * from unnest(
      ${bytesOf(parties.map((each) => each.address))}::bytea[], ${parties.map((each) => each.block)}::bigint[],
      ${parties.map((each) => each.position)}::int[])
  `.execute(trx);
  await sql`update scan_totals set transaction_count = transaction_count + ${rows.length}`.execute(trx);
}

/** A contract, and the place of the call that made the job look at it. */
export interface TokenRow {
  facts: ContractFacts;
  block: number;
  position: number;
}

/** Those of the contracts that the index has already. */
export async function knownContracts(db: Db, contracts: readonly string[]): Promise<Set<string>> {
  if (contracts.length === 0) return new Set();
  const { rows } = await sql<{ contract: string }>`
    select '0x' || encode(contract, 'hex') as contract from scan_tokens where contract = any(${bytesOf(contracts)}::bytea[])
  `.execute(db);
  return new Set(rows.map((row) => row.contract));
}

/** Writes what contracts are now; a contract that is known keeps its first place and its counts. */
export async function saveTokens(trx: Trx, tokens: readonly TokenRow[]): Promise<void> {
  if (tokens.length === 0) return;
  const facts = tokens.map((token) => token.facts);
  await sql`
    insert into scan_tokens
      (contract, type, name, symbol, creator, owner, state, state_code, supply, block_number, position)
    select * from unnest(
      ${bytesOf(facts.map((each) => each.contract))}::bytea[], ${facts.map((each) => each.type)}::text[],
      ${facts.map((each) => each.name)}::text[], ${facts.map((each) => each.symbol)}::text[],
      ${bytesOf(facts.map((each) => each.creator))}::bytea[], ${bytesOf(facts.map((each) => each.owner))}::bytea[],
      ${facts.map((each) => each.state)}::text[], ${facts.map((each) => each.stateCode)}::text[],
      ${facts.map((each) => each.supply.toString())}::numeric[],
      ${tokens.map((token) => token.block)}::bigint[], ${tokens.map((token) => token.position)}::int[])
    on conflict (contract) do update set owner = excluded.owner, state = excluded.state,
      state_code = excluded.state_code, supply = excluded.supply
  `.execute(trx);
}

/** Adds to how often contracts were called. */
export async function countCalls(trx: Trx, counts: ReadonlyMap<string, number>): Promise<void> {
  if (counts.size === 0) return;
  await sql`
    update scan_tokens t set call_count = t.call_count + c.calls
    from unnest(${bytesOf([...counts.keys()])}::bytea[], ${[...counts.values()]}::bigint[]) as c (contract, calls)
    where t.contract = c.contract
  `.execute(trx);
}

export interface HolderRow {
  contract: string;
  address: string;
  balance: bigint;
}

/** Absolute balances. Who has nothing any more is no holder; the tokens' counts follow. */
export async function saveHolders(trx: Trx, holders: readonly HolderRow[]): Promise<void> {
  if (holders.length === 0) return;
  await sql`
    with given as materialized (
      select * from unnest(
        ${bytesOf(holders.map((each) => each.contract))}::bytea[],
        ${bytesOf(holders.map((each) => each.address))}::bytea[],
        ${holders.map((each) => each.balance.toString())}::numeric[]) as t (contract, address, balance)
    ), gone as (
      delete from scan_holders h using given g
      where h.contract = g.contract and h.address = g.address and g.balance = 0 returning h.contract
    ), here as (
      insert into scan_holders (contract, address, balance)
      select contract, address, balance from given where balance > 0
      on conflict (contract, address) do update set balance = excluded.balance
        where scan_holders.balance <> excluded.balance
      -- A row that nobody has locked or replaced yet is new.
      returning contract, xmax = 0 as is_new
    ), changes as (
      select contract, sum(change) as change from (
        select contract, 1 as change from here where is_new union all select contract, -1 from gone) as each
      group by contract
    )
    update scan_tokens t set holder_count = t.holder_count + changes.change
    from changes where t.contract = changes.contract
  `.execute(trx);
}

export interface ItemRow extends ChainItem {
  contract: string;
}

/** How many items of a contract the index has: they are numbered from 0 without a gap. */
export async function itemCount(db: Db, contract: string): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    select coalesce(max(item) + 1, 0) as count from scan_items where contract = ${bytea(contract)}
  `.execute(db);
  return Number(rows[0]!.count);
}

/** Items as they are now, each at most once. Their owners are the contract's holders, who are counted by difference. */
export async function saveItems(trx: Trx, items: readonly ItemRow[]): Promise<void> {
  if (items.length === 0) return;
  const contracts = bytesOf(items.map((each) => each.contract));
  const indexes = items.map((each) => each.index);
  const owners = items.map(({ owner }) => owner && bytea(owner));
  await sql`
    with given as materialized (
      select * from unnest(${contracts}::bytea[], ${indexes}::bigint[], ${owners}::bytea[]) as t (contract, item, owner)
    ),
    changes as (
      select contract, owner, sum(change)::bigint as change from (
        select contract, owner, 1 as change from given
        union all
        select i.contract, i.owner, -1 from scan_items i join given g on i.contract = g.contract and i.item = g.item
      ) as each
      where owner is not null group by contract, owner having sum(change) <> 0
    ), now as (
      insert into scan_item_owners as o (contract, owner, items)
      select contract, owner, change from changes
      on conflict (contract, owner) do update set items = o.items + excluded.items
      returning contract, owner, items
    ), holders as (
      select contract, count(*) filter (where items = change) - count(*) filter (where items = 0) as change
      from now join changes using (contract, owner) group by contract
    )
    update scan_tokens t set holder_count = t.holder_count + holders.change
    from holders where t.contract = holders.contract
  `.execute(trx);
  await sql`
    delete from scan_item_owners
    where items = 0 and contract = any(${bytesOf([...new Set(items.map((each) => each.contract))])}::bytea[])
  `.execute(trx);
  await sql`
    insert into scan_items (contract, item, owner, content)
    select * from unnest(
      ${contracts}::bytea[], ${indexes}::bigint[], ${owners}::bytea[],
      ${items.map((each) => JSON.stringify(each.facts))}::json[])
    on conflict (contract, item) do update set owner = excluded.owner, content = excluded.content
  `.execute(trx);
}

/** The driver writes a Buffer inside an array as text that PostgreSQL reads as bytes. */
const bytea = (hex: string): Buffer => Buffer.from(fromHex0x(hex));
const bytesOf = (hexes: readonly string[]): Buffer[] => hexes.map(bytea);

/** Reading what the ledger says, beside what a comparison needs of transfers, outbox and the index of the chain. Reads only. */
import { sql } from 'kysely';
import type { Db } from '#platform';

export interface LedgerFigure {
  wallet_id: string;
  address: string;
  token_id: string;
  symbol: string;
  contract: string;
  ledger: bigint;
}

/** What each wallet had of each token up to a block: today's balance without what was posted of later blocks. One snapshot. */
export async function ledgerAt(
  db: Db,
  input: { walletIds: readonly string[]; block: number; chainId: number },
): Promise<LedgerFigure[]> {
  const { rows } = await sql<LedgerFigure>`
    with later as (
      select p.wallet_id, p.token_id, sum(p.amount) as amount
      from journal_entries e join journal_postings p on p.entry_id = e.id
      where e.block_number > ${input.block} group by p.wallet_id, p.token_id
    )
    select w.id as wallet_id, w.address, t.id as token_id, t.symbol, t.contract,
           coalesce(b.available + b.held, 0) - coalesce(l.amount, 0) as ledger
    from wallets w
    cross join tokens t
    left join balances b on b.wallet_id = w.id and b.token_id = t.id
    left join later l on l.wallet_id = w.id and l.token_id = t.id
    where w.id = any(${[...input.walletIds]}::uuid[]) and w.state = 'ready' and w.chain_id = ${input.chainId}
      and t.chain_id = ${input.chainId} and t.contract is not null
    order by t.id, w.id
  `.execute(db);
  return rows;
}

/** The sum of a wallet's postings of a token up to a block. */
export async function postingsAt(db: Db, input: { walletId: string; tokenId: string; block: number }): Promise<bigint> {
  const { rows } = await sql<{ sum: bigint }>`
    select coalesce(sum(p.amount), 0) as sum from journal_postings p join journal_entries e on e.id = p.entry_id
    where p.wallet_id = ${input.walletId} and p.token_id = ${input.tokenId} and e.block_number <= ${input.block}
  `.execute(db);
  return rows[0]!.sum;
}

/** Signed transfers and operations that have not ended and concern these wallets. */
export async function openTransactions(
  db: Db,
  walletIds: readonly string[],
): Promise<{ hash: Buffer; payer_wallet_id: string; payee_wallet_id: string }[]> {
  const { rows } = await sql<{ hash: Buffer; payer_wallet_id: string; payee_wallet_id: string }>`
    select o.hash, o.wallet_id as payer_wallet_id, coalesce(t.payee_wallet_id, o.wallet_id) as payee_wallet_id
    from chain_outbox o left join transfers t on o.purpose = 'transfer' and t.id = o.source_id
    where o.state in ('gas_wait', 'signed', 'broadcast') and o.purpose <> 'gas_grant'
      and (o.wallet_id = any(${[...walletIds]}::uuid[]) or t.payee_wallet_id = any(${[...walletIds]}::uuid[]))
    limit 10000
  `.execute(db);
  return rows;
}

/** The newest entry that concerns a wallet and a token, of those posted together the last one made; null where there is none. */
export async function lastEntry(db: Db, input: { walletId: string; tokenId: string }): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select e.id from journal_postings p join journal_entries e on e.id = p.entry_id
    where p.wallet_id = ${input.walletId} and p.token_id = ${input.tokenId}
    order by e.block_number desc, e.posted_at desc, e.id desc limit 1
  `.execute(db);
  return rows[0]?.id ?? null;
}

/** How many transactions of an address are looked through for unknown ones. */
const LOOK_BACK = 200;

/** Hashes (hex) of indexed transactions that concern an address and that were never signed here, newest first. */
export async function unknownTransactions(db: Db, address: string): Promise<string[]> {
  const { rows } = await sql<{ hash: string }>`
    select '0x' || encode(s.hash, 'hex') as hash
    from (select block_number, position from scan_parties where address = decode(substr(${address}, 3), 'hex')
          order by block_number desc, position desc limit ${LOOK_BACK}) p
    join scan_transactions s on s.block_number = p.block_number and s.position = p.position
    where not exists (select from chain_outbox o where o.hash = s.hash)
      and not exists (select from chain_cancels c where c.hash = s.hash)
    order by s.block_number desc, s.position desc limit 20
  `.execute(db);
  return rows.map((row) => row.hash);
}

export interface BrokenHold {
  wallet_id: string;
  symbol: string;
  held: bigint;
  open: bigint;
}

/** Wallets whose held amount is not the sum of what they have open. One snapshot, so it holds at every moment. */
export async function brokenHolds(db: Db, walletIds: readonly string[]): Promise<BrokenHold[]> {
  const { rows } = await sql<BrokenHold>`
    with open as (
      select wallet_id, token_id, sum(amount) as amount from (
        select payer_wallet_id as wallet_id, token_id, amount from transfers
        where state = 'accepted' and payer_wallet_id = any(${[...walletIds]}::uuid[])
        union all
        select o.wallet_id, p.token_id, p.amount from token_operations p
        join chain_outbox o on o.purpose = 'token_operation' and o.source_id = p.id
        where p.state = 'accepted' and p.kind = 'burn' and o.wallet_id = any(${[...walletIds]}::uuid[])
      ) each group by wallet_id, token_id
    )
    select coalesce(b.wallet_id, o.wallet_id) as wallet_id, t.symbol, coalesce(b.held, 0) as held,
           coalesce(o.amount, 0) as open
    from (select wallet_id, token_id, held from balances where wallet_id = any(${[...walletIds]}::uuid[])) b
    full join open o on o.wallet_id = b.wallet_id and o.token_id = b.token_id
    join tokens t on t.id = coalesce(b.token_id, o.token_id)
    where coalesce(b.held, 0) <> coalesce(o.amount, 0) limit 100
  `.execute(db);
  return rows;
}

export interface BrokenSum {
  wallet_id: string;
  symbol: string;
  balance: bigint;
  postings: bigint;
}

/** Wallets whose balance is not the sum of their postings. */
export async function brokenSums(db: Db, walletIds: readonly string[]): Promise<BrokenSum[]> {
  const { rows } = await sql<BrokenSum>`
    select coalesce(b.wallet_id, p.wallet_id) as wallet_id, t.symbol, coalesce(b.amount, 0) as balance,
           coalesce(p.amount, 0) as postings
    from (select wallet_id, token_id, available + held as amount from balances
          where wallet_id = any(${[...walletIds]}::uuid[])) b
    full join (select wallet_id, token_id, sum(amount) as amount from journal_postings
               where wallet_id = any(${[...walletIds]}::uuid[]) group by wallet_id, token_id) p
      on p.wallet_id = b.wallet_id and p.token_id = b.token_id
    join tokens t on t.id = coalesce(b.token_id, p.token_id)
    where coalesce(b.amount, 0) <> coalesce(p.amount, 0) limit 100
  `.execute(db);
  return rows;
}

export interface BrokenEntry {
  entry_id: string;
  source_kind: string;
  source_id: string;
}

/** Entries of blocks in (after, upTo] that do not say what their source says. */
export async function brokenEntries(db: Db, input: { after: number; upTo: number }): Promise<BrokenEntry[]> {
  const { rows } = await sql<BrokenEntry>`
    select e.id as entry_id, e.source_kind, e.source_id from journal_entries e
    where e.block_number > ${input.after} and e.block_number <= ${input.upTo} and not case e.source_kind
      when 'transfer' then exists (
        select from transfers t
        join journal_postings a on a.entry_id = e.id and a.wallet_id = t.payer_wallet_id and a.amount = -t.amount
        join journal_postings z on z.entry_id = e.id and z.wallet_id = t.payee_wallet_id and z.amount = t.amount
        join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id and o.state = 'final'
        where t.id = e.source_id and t.state = 'final' and a.token_id = t.token_id and z.token_id = t.token_id
          and o.block_number = e.block_number)
      when 'token_operation' then exists (
        select from token_operations p
        join journal_postings z on z.entry_id = e.id and z.wallet_id is null and z.token_id = p.token_id
          and z.amount = case p.kind when 'burn' then p.amount else -p.amount end
        where p.id = e.source_id and p.state = 'final')
      else exists (select from reconcile_findings f where f.id = e.source_id and f.decision = 'adopt') end
    limit 100
  `.execute(db);
  return rows;
}

export interface IssuedFigure {
  token_id: string;
  symbol: string;
  contract: string;
  /** Minted less burned up to the block, as posted. */
  issued: bigint;
  /** What corrections have put outside of the platform's wallets up to the block. */
  outside: bigint;
}

export async function issuedAt(db: Db, input: { block: number; chainId: number }): Promise<IssuedFigure[]> {
  const { rows } = await sql<IssuedFigure>`
    select t.id as token_id, t.symbol, t.contract,
      coalesce(-sum(p.amount) filter (where e.source_kind = 'token_operation'), 0) as issued,
      coalesce(sum(p.amount) filter (where e.source_kind = 'correction'), 0) as outside
    from tokens t
    left join journal_postings p on p.token_id = t.id and p.wallet_id is null
      and exists (select from journal_entries f where f.id = p.entry_id and f.block_number <= ${input.block})
    left join journal_entries e on e.id = p.entry_id
    where t.chain_id = ${input.chainId} and t.contract is not null group by t.id order by t.id
  `.execute(db);
  return rows;
}

/** The sum of all wallets' balances of each token now, and what all entries have issued and put outside. One snapshot. */
export async function ledgerTotals(
  db: Db,
  chainId: number,
): Promise<{ symbol: string; balances: bigint; elsewhere: bigint }[]> {
  const { rows } = await sql<{ symbol: string; balances: bigint; elsewhere: bigint }>`
    select t.symbol,
      coalesce((select sum(b.available + b.held) from balances b where b.token_id = t.id), 0) as balances,
      coalesce((select -sum(p.amount) from journal_postings p where p.token_id = t.id and p.wallet_id is null), 0) as elsewhere
    from tokens t where t.chain_id = ${chainId} and t.contract is not null order by t.id
  `.execute(db);
  return rows;
}

/** A page of ready wallets by id. */
export async function walletPage(
  db: Db,
  input: { chainId: number; afterId: string | null; limit: number },
): Promise<{ id: string; address: string; next_nonce: bigint }[]> {
  const { rows } = await sql<{ id: string; address: string; next_nonce: bigint }>`
    select id, address, next_nonce from wallets
    where state = 'ready' and chain_id = ${input.chainId}
      ${input.afterId === null ? sql`` : sql`and id > ${input.afterId}::uuid`}
    order by id limit ${input.limit}
  `.execute(db);
  return rows;
}

/** How far the ledger is posted and the index of the chain reaches; undefined before the first block of either. */
export async function comparableBlock(
  db: Db,
  chainId: number,
): Promise<{ block: number; posted: number; indexed: number } | undefined> {
  const { rows } = await sql<{ posted: bigint | null; indexed: bigint | null }>`
    select (select posted_block from chain_progress where chain_id = ${chainId}) as posted,
           (select max(number) from scan_blocks) as indexed
  `.execute(db);
  const row = rows[0];
  if (row === undefined || row.posted === null || row.indexed === null) return undefined;
  const [posted, indexed] = [Number(row.posted), Number(row.indexed)];
  return { block: Math.min(posted, indexed), posted, indexed };
}

/** Wallets of ours that transactions of blocks in (after, upTo] concern. */
export async function walletsTouchedByChain(
  db: Db,
  input: { after: number; upTo: number; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select w.id from (
      select distinct '0x' || encode(p.address, 'hex') as address from scan_parties p
      join scan_blocks b on b.number = p.block_number
      where b.number > ${input.after} and b.number <= ${input.upTo} and b.transaction_count > 0
    ) touched join wallets w on w.address = touched.address and w.state = 'ready' limit ${input.limit}
  `.execute(db);
  return rows.map((row) => row.id);
}

/** Hashes (hex) of transactions in (after, upTo] that one of our keys has signed and this database has not. */
export async function foreignSignatures(db: Db, input: { after: number; upTo: number }): Promise<string[]> {
  const { rows } = await sql<{ hash: string }>`
    select '0x' || encode(s.hash, 'hex') as hash from scan_blocks b
    join scan_transactions s on s.block_number = b.number
    where b.number > ${input.after} and b.number <= ${input.upTo} and b.transaction_count > 0
      and not exists (select from chain_outbox o where o.hash = s.hash)
      and not exists (select from chain_cancels c where c.hash = s.hash)
      and exists (select from wallets w where w.state = 'ready' and w.address = s.content ->> 'from')
    order by s.block_number, s.position limit 20
  `.execute(db);
  return rows.map((row) => row.hash);
}

/** Those of the hashes that this database has signed, or recovered. */
export async function knownHashes(db: Db, hashes: readonly Uint8Array[]): Promise<Set<string>> {
  const { rows } = await sql<{ hash: string }>`
    select encode(h.hash, 'hex') as hash from unnest(${hashes.map((hash) => Buffer.from(hash))}::bytea[]) as h (hash)
    where exists (select from chain_outbox o where o.hash = h.hash)
       or exists (select from chain_cancels c where c.hash = h.hash)
  `.execute(db);
  return new Set(rows.map((row) => `0x${row.hash}`));
}

/** Statements over balances and the journal. */
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import type { Trx } from '#platform';

/**
 * Promises amounts of what is available, of wallets that are all different (INV-08). False, and nothing to be kept of it,
 * where one of them has less: then roll back. Rows are locked in the order of their wallets, as everywhere.
 */
export async function holdAll(
  trx: Trx,
  holds: readonly { walletId: string; tokenId: string; amount: bigint }[],
): Promise<boolean> {
  const { numAffectedRows } = await sql`/*prepare*/
    with held as (
      select b.wallet_id, b.token_id, h.amount
      from unnest(${holds.map(({ walletId }) => walletId)}::uuid[], ${holds.map(({ tokenId }) => tokenId)}::uuid[],
                  ${holds.map(({ amount }) => amount)}::numeric[]) as h (wallet_id, token_id, amount)
      join balances b on b.wallet_id = h.wallet_id and b.token_id = h.token_id
      order by b.wallet_id, b.token_id for no key update of b
    )
    update balances b set available = b.available - h.amount, held = b.held + h.amount
    from held h where b.wallet_id = h.wallet_id and b.token_id = h.token_id and b.available >= h.amount
  `.execute(trx);
  return numAffectedRows === BigInt(holds.length);
}

/** What many ends together do to one balance. */
export interface BalanceChange {
  walletId: string;
  tokenId: string;
  available: bigint;
  held: bigint;
}

/** Adds to many balances, each named once; their rows are locked in the one order. CHECKs keep all figures at zero or more. */
export async function changeBalances(trx: Trx, changes: readonly BalanceChange[]): Promise<void> {
  if (changes.length === 0) return;
  const walletIds = changes.map((change) => change.walletId);
  const tokenIds = changes.map((change) => change.tokenId);
  await sql`/*prepare*/
    insert into balances (wallet_id, token_id)
    select * from unnest(${walletIds}::uuid[], ${tokenIds}::uuid[]) as c (wallet_id, token_id)
    where not exists (select from balances b where b.wallet_id = c.wallet_id and b.token_id = c.token_id)
    order by c.wallet_id, c.token_id on conflict do nothing
  `.execute(trx);
  await sql`/*prepare*/
    select from balances where (wallet_id, token_id) in (select * from unnest(${walletIds}::uuid[], ${tokenIds}::uuid[]))
    order by wallet_id, token_id for no key update
  `.execute(trx);
  const { numAffectedRows } = await sql`/*prepare*/
    update balances b
    set available = b.available + c.available, held = b.held + c.held
    from unnest(${walletIds}::uuid[], ${tokenIds}::uuid[], ${changes.map((change) => change.available)}::numeric[],
                ${changes.map((change) => change.held)}::numeric[])
         as c (wallet_id, token_id, available, held)
    where b.wallet_id = c.wallet_id and b.token_id = c.token_id
  `.execute(trx);
  assert(numAffectedRows === BigInt(changes.length), 'every balance has changed');
}

/** One entry with its two sides. A null wallet is the issuance; in a correction, holders outside of the platform. */
export interface JournalEntry {
  entryId: string;
  sourceKind: 'transfer' | 'token_operation' | 'correction';
  sourceId: string;
  block: number;
  at: Date;
  tokenId: string;
  fromWalletId: string | null;
  toWalletId: string | null;
  amount: bigint;
}

export async function insertJournal(trx: Trx, entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const column = <K extends keyof JournalEntry>(name: K): JournalEntry[K][] => entries.map((entry) => entry[name]);
  await sql`/*prepare*/
    insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
    select * from unnest(${column('entryId')}::uuid[], ${column('sourceKind')}::text[], ${column('sourceId')}::uuid[],
                         ${column('block')}::bigint[], ${column('at')}::timestamptz[])
  `.execute(trx);
  await sql`/*prepare*/
    insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
    select e.id, side.line, e.token_id, side.wallet_id, side.amount
    from unnest(${column('entryId')}::uuid[], ${column('tokenId')}::uuid[], ${column('fromWalletId')}::uuid[],
                ${column('toWalletId')}::uuid[], ${column('amount')}::numeric[])
         as e (id, token_id, from_wallet_id, to_wallet_id, amount),
         lateral (values (1, e.from_wallet_id, -e.amount), (2, e.to_wallet_id, e.amount)) as side (line, wallet_id, amount)
  `.execute(trx);
}

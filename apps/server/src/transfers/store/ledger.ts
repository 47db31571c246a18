/** Statements over balances and the journal. */
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import type { Trx } from '#platform';

/** Promises `amount` of what is available. False, and nothing held, where less is available (INV-08). */
export async function hold(trx: Trx, input: { walletId: string; tokenId: string; amount: bigint }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update balances set available = available - ${input.amount}, held = held + ${input.amount}
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId} and available >= ${input.amount}
  `.execute(trx);
  return numAffectedRows === 1n;
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
  await sql`
    insert into balances (wallet_id, token_id)
    select * from unnest(${walletIds}::uuid[], ${tokenIds}::uuid[]) as c (wallet_id, token_id)
    where not exists (select from balances b where b.wallet_id = c.wallet_id and b.token_id = c.token_id)
    order by c.wallet_id, c.token_id on conflict do nothing
  `.execute(trx);
  await sql`
    select from balances where (wallet_id, token_id) in (select * from unnest(${walletIds}::uuid[], ${tokenIds}::uuid[]))
    order by wallet_id, token_id for no key update
  `.execute(trx);
  const { numAffectedRows } = await sql`
    update balances b
    set available = b.available + c.available, held = b.held + c.held
    from unnest(${walletIds}::uuid[], ${tokenIds}::uuid[], ${changes.map((change) => change.available)}::numeric[],
                ${changes.map((change) => change.held)}::numeric[])
         as c (wallet_id, token_id, available, held)
    where b.wallet_id = c.wallet_id and b.token_id = c.token_id
  `.execute(trx);
  assert(numAffectedRows === BigInt(changes.length), 'every balance has changed');
}

/** One entry with its two sides. A null wallet is the issuance. */
export interface JournalEntry {
  entryId: string;
  sourceKind: 'transfer' | 'token_operation';
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
  await sql`
    insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
    select * from unnest(${column('entryId')}::uuid[], ${column('sourceKind')}::text[], ${column('sourceId')}::uuid[],
                         ${column('block')}::bigint[], ${column('at')}::timestamptz[])
  `.execute(trx);
  await sql`
    insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
    select e.id, side.line, e.token_id, side.wallet_id, side.amount
    from unnest(${column('entryId')}::uuid[], ${column('tokenId')}::uuid[], ${column('fromWalletId')}::uuid[],
                ${column('toWalletId')}::uuid[], ${column('amount')}::numeric[])
         as e (id, token_id, from_wallet_id, to_wallet_id, amount),
         lateral (values (1, e.from_wallet_id, -e.amount), (2, e.to_wallet_id, e.amount)) as side (line, wallet_id, amount)
  `.execute(trx);
}

/** Statements over balances and the journal. */
import { sql } from 'kysely';
import type { Trx } from '#platform';

/** Adds (or takes, where negative) in one row; CHECKs keep both figures at zero or more. */
export async function moveBalance(
  trx: Trx,
  input: { walletId: string; tokenId: string; available: bigint; held: bigint },
): Promise<void> {
  await ensureBalance(trx, input);
  await sql`
    update balances set available = available + ${input.available}, held = held + ${input.held}
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId}
  `.execute(trx);
}

/** Promises `amount` of what is available. False, and nothing held, where less is available (INV-08). */
export async function hold(trx: Trx, input: { walletId: string; tokenId: string; amount: bigint }): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update balances set available = available - ${input.amount}, held = held + ${input.amount}
    where wallet_id = ${input.walletId} and token_id = ${input.tokenId} and available >= ${input.amount}
  `.execute(trx);
  return numAffectedRows === 1n;
}

async function ensureBalance(trx: Trx, input: { walletId: string; tokenId: string }): Promise<void> {
  await sql`
    insert into balances (wallet_id, token_id) values (${input.walletId}, ${input.tokenId}) on conflict do nothing
  `.execute(trx);
}

/** Ends the hold of a transfer, and lets the payee have it; the rows are changed in the order of their wallets, as everywhere. */
export async function settleTransfer(
  trx: Trx,
  input: {
    payer_wallet_id: string;
    payee_wallet_id: string;
    token_id: string;
    amount: bigint;
    isSuccess: boolean;
  },
): Promise<void> {
  const { amount, isSuccess } = input;
  const payer = async () =>
    await sql`
      update balances set held = held - ${amount}, available = available + ${isSuccess ? 0n : amount}
      where wallet_id = ${input.payer_wallet_id} and token_id = ${input.token_id}
    `.execute(trx);
  const payee = async () =>
    await sql`
      insert into balances as b (wallet_id, token_id, available)
      values (${input.payee_wallet_id}, ${input.token_id}, ${amount})
      on conflict (wallet_id, token_id) do update set available = b.available + excluded.available
    `.execute(trx);
  if (!isSuccess) {
    await payer();
  } else if (input.payer_wallet_id < input.payee_wallet_id) {
    await payer();
    await payee();
  } else {
    await payee();
    await payer();
  }
}

/** One entry with its two sides. A null wallet is the issuance. */
export async function insertJournal(
  trx: Trx,
  entry: {
    entryId: string;
    sourceKind: 'transfer' | 'token_operation';
    sourceId: string;
    block: number;
    at: Date;
    tokenId: string;
    fromWalletId: string | null;
    toWalletId: string | null;
    amount: bigint;
  },
): Promise<void> {
  await sql`
    insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
    values (${entry.entryId}, ${entry.sourceKind}, ${entry.sourceId}, ${entry.block}, ${entry.at})
  `.execute(trx);
  await sql`
    insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
    values (${entry.entryId}, 1, ${entry.tokenId}, ${entry.fromWalletId}, ${-entry.amount}),
           (${entry.entryId}, 2, ${entry.tokenId}, ${entry.toWalletId}, ${entry.amount})
  `.execute(trx);
}

/** The ledger's figure of a wallet's coin. */
import { sql } from 'kysely';
import type { Db } from '#platform';

/** What may still be promised, and what is promised to signed transactions that have not ended. */
export async function gasOf(db: Db, walletId: string): Promise<{ available: bigint; promised: bigint }> {
  const { rows } = await sql<{ available: bigint; promised: bigint }>`
    select w.gas_available as available, coalesce((
      select sum(o.fee_max + coalesce(g.amount, 0)) from chain_outbox o
      left join gas_grants g on o.purpose = 'gas_grant' and g.id = o.source_id
      where o.wallet_id = w.id and o.state in ('gas_wait', 'signed', 'broadcast')), 0) as promised
    from wallets w where w.id = ${walletId}
  `.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error(`Expected the wallet ${walletId}, got none.`);
  return row;
}

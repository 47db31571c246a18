/** Statements over cancels: the one further transaction that a nonce may get. */
import { sql } from 'kysely';
import type { Trx } from '#platform';
import { bytes } from './rows.ts';

/**
 * Rows of a locked wallet that were called invalid since before then and have no cancel, in the order of their nonces. Without those
 * for which nothing may be signed (INV-11): they are asked for again while the node goes on to refuse them.
 */
export async function rowsToCancel(
  trx: Trx,
  input: { walletId: string; invalidBefore: Date },
): Promise<{ id: string; nonce: bigint; fee_max: bigint }[]> {
  const { rows } = await sql<{ id: string; nonce: bigint; fee_max: bigint }>`
    select o.id, o.nonce, o.fee_max from chain_outbox o
    where o.wallet_id = ${input.walletId} and o.state in ('signed', 'broadcast') and o.invalid_since <= ${input.invalidBefore}
      and not exists (select from chain_cancels c where c.outbox_id = o.id)
      and outflow_stop_of(o.purpose, o.source_id, o.wallet_id) is null
    order by o.nonce
  `.execute(trx);
  return rows;
}

/** Stores a cancel and makes its row due. */
export async function insertCancel(
  trx: Trx,
  cancel: { outboxId: string; raw: Uint8Array; hash: Uint8Array; feeMax: bigint; now: Date },
): Promise<void> {
  await sql`
    with recorded as (
      insert into chain_cancels (outbox_id, raw, hash, fee_max, created_at)
      values (${cancel.outboxId}, ${bytes(cancel.raw)}, ${bytes(cancel.hash)}, ${cancel.feeMax}, ${cancel.now})
      returning outbox_id
    )
    update chain_outbox o set next_attempt_at = ${cancel.now} from recorded where o.id = recorded.outbox_id
  `.execute(trx);
}

/** Statements over quarantines, and what a start asks. */
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';

export interface QuarantineRow {
  stop_id: string;
  from_block: bigint;
  recovered_block: bigint;
  found: string;
  stopped_at: Date;
}

export async function insertQuarantine(
  trx: Trx,
  row: { stopId: string; chainId: number; fromBlock: number; found: string },
): Promise<void> {
  await sql`
    insert into quarantines (stop_id, chain_id, from_block, recovered_block, found)
    values (${row.stopId}, ${row.chainId}, ${row.fromBlock}, ${row.fromBlock}, ${row.found})
  `.execute(trx);
}

export async function openQuarantine(db: Db): Promise<QuarantineRow | undefined> {
  const { rows } = await sql<QuarantineRow>`
    select q.stop_id, q.from_block, q.recovered_block, q.found, s.stopped_at
    from quarantines q join outflow_stops s on s.id = q.stop_id where s.lifted_at is null
  `.execute(db);
  return rows[0];
}

export async function saveRecovered(db: Db, input: { stopId: string; block: number }): Promise<void> {
  await sql`
    update quarantines set recovered_block = ${input.block}
    where stop_id = ${input.stopId} and recovered_block < ${input.block}
  `.execute(db);
}

/** Null before anything was posted. */
export async function postedBlock(db: Db, chainId: number): Promise<number | null> {
  const { rows } = await sql<{ posted_block: bigint }>`
    select posted_block from chain_progress where chain_id = ${chainId}
  `.execute(db);
  return rows[0] === undefined ? null : Number(rows[0].posted_block);
}

/** The block up to which all that is known was compared; 0 before the first comparison. */
export async function checkedBlock(db: Db, chainId: number): Promise<number> {
  const { rows } = await sql<{ checked_block: bigint }>`
    select checked_block from reconcile_progress where chain_id = ${chainId}
  `.execute(db);
  return rows[0] === undefined ? 0 : Number(rows[0].checked_block);
}

/** Those of the addresses that are wallets of ours. */
export async function ownAddresses(db: Db, addresses: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; address: string }>`
    select id, address from wallets where address = any(${[...new Set(addresses)]}::text[]) and state = 'ready'
  `.execute(db);
  return new Map(rows.map((row) => [row.address, row.id]));
}

/** Reading transactions that have ended, to ask the chain for each. */
import { sql } from 'kysely';
import type { Db } from '#platform';

export interface EndedRow {
  id: string;
  purpose: string;
  source_id: string;
  hash: Buffer;
  state: 'final' | 'reverted' | 'superseded';
  block_number: bigint | null;
}

/** The next rows by id. Rows that have not ended are left out of the answer and not of the order. */
export async function endedPage(db: Db, input: { afterId: string | null; limit: number }): Promise<EndedRow[]> {
  const { rows } = await sql<EndedRow>`
    select id, purpose, source_id, hash, state, block_number from chain_outbox
    where state in ('final', 'reverted', 'superseded')
      ${input.afterId === null ? sql`` : sql`and id > ${input.afterId}::uuid`}
    order by id limit ${input.limit}
  `.execute(db);
  return rows;
}

/** Those of the transfers that have no entry in the journal. */
export async function transfersWithoutEntry(db: Db, transferIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select t.id from unnest(${[...transferIds]}::uuid[]) as t (id)
    where not exists (select from journal_entries e where e.source_kind = 'transfer' and e.source_id = t.id)
  `.execute(db);
  return rows.map((row) => row.id);
}

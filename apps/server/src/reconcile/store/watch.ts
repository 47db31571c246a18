/** Reading how long payments wait. */
import { sql } from 'kysely';
import type { Db } from '#platform';

/** Undefined where none is older. */
export async function stuckPayments(db: Db, before: Date): Promise<{ count: bigint; oldest: string } | undefined> {
  const { rows } = await sql<{ count: bigint; oldest: string | null }>`
    select count(*) as count, (array_agg(id order by requested_at, id))[1] as oldest from transfers
    where state = 'accepted' and requested_at < ${before}
  `.execute(db);
  const [row] = rows;
  return row === undefined || row.oldest === null ? undefined : { count: row.count, oldest: row.oldest };
}

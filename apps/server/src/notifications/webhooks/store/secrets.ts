/** Statements over the endpoints' secrets, which are sealed. */
import { sql } from 'kysely';
import type { Db, Trx } from '#platform';

export interface SecretRow {
  number: number;
  sealed: Buffer;
}

/** Those that sign now, the newest first. */
export async function signingSecrets(db: Db, input: { endpointId: string; now: Date }): Promise<SecretRow[]> {
  const { rows } = await sql<SecretRow>`
    select number, sealed from webhook_secrets
    where endpoint_id = ${input.endpointId} and (signs_until is null or signs_until > ${input.now})
    order by number desc
  `.execute(db);
  return rows;
}

/** Those before go on signing until `oldUntil` at most. Returns the number of the new one, and how many sign now. */
export async function insertSecret(
  trx: Trx,
  input: { endpointId: string; at: Date; oldUntil: Date },
  seal: (number: number) => Uint8Array,
): Promise<{ number: number; signing: number }> {
  await sql`
    update webhook_secrets set signs_until = ${input.oldUntil} where endpoint_id = ${input.endpointId} and signs_until is null
  `.execute(trx);
  const { rows } = await sql<{ last: number; signing: bigint }>`
    select coalesce(max(number), 0) as last, count(*) filter (where signs_until > ${input.at}) as signing
    from webhook_secrets where endpoint_id = ${input.endpointId}
  `.execute(trx);
  const number = rows[0]!.last + 1;
  await sql`
    insert into webhook_secrets (endpoint_id, number, sealed, made_at)
    values (${input.endpointId}, ${number}, ${Buffer.from(seal(number))}, ${input.at})
  `.execute(trx);
  return { number, signing: Number(rows[0]!.signing) + 1 };
}

/** Secrets that sign no more. */
export async function deleteOldSecrets(db: Db, now: Date): Promise<void> {
  await sql`delete from webhook_secrets where signs_until <= ${now}`.execute(db);
}

/** All of an endpoint. */
export async function deleteSecretsOf(trx: Trx, endpointId: string): Promise<void> {
  await sql`delete from webhook_secrets where endpoint_id = ${endpointId}`.execute(trx);
}

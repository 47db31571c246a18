/** Every statement over `identity_checks`, `identity_sends` and `identity_log`. */
import { sql, type Selectable } from 'kysely';
import type { Database, Db, Trx } from '#platform';
import type { Check } from './check.ts';

const columns = [
  'id',
  'state',
  'provider_ref',
  'phone_hmac',
  'phone_masked',
  'tries',
  'expires_at',
  'resend_after',
] as const;

const toCheck = (row: Pick<Selectable<Database['identity_checks']>, (typeof columns)[number]>): Check => ({
  id: row.id,
  state: row.state as Check['state'],
  providerRef: row.provider_ref,
  phoneHmac: row.phone_hmac,
  phoneMasked: row.phone_masked,
  tries: row.tries,
  expiresAt: row.expires_at,
  resendAfter: row.resend_after,
});

/** Takes one of the day's codes of a phone: the count after it, or null where none is left. */
export async function takeSend(db: Db, phoneHmac: Uint8Array, onDay: string, max: number): Promise<number | null> {
  const row = await db
    .insertInto('identity_sends')
    .values({ phone_hmac: phoneHmac, on_day: onDay, sends: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['phone_hmac', 'on_day'])
        .doUpdateSet({ sends: sql<number>`identity_sends.sends + 1` })
        .where('identity_sends.sends', '<', max),
    )
    .returning('sends')
    .executeTakeFirst();
  return row?.sends ?? null;
}

export async function countSends(db: Db, phoneHmac: Uint8Array, onDay: string): Promise<number> {
  const row = await db
    .selectFrom('identity_sends')
    .select('sends')
    .where('phone_hmac', '=', Buffer.from(phoneHmac))
    .where('on_day', '=', onDay)
    .executeTakeFirst();
  return row?.sends ?? 0;
}

export async function insertCheck(
  db: Db,
  check: {
    id: string;
    browserHash: Uint8Array;
    provider: string;
    providerRef: string;
    carrier: string;
    phoneHmac: Uint8Array;
    phoneMasked: string;
    nameMasked: string;
    createdAt: Date;
    expiresAt: Date;
    resendAfter: Date;
  },
): Promise<Check> {
  const row = await db
    .insertInto('identity_checks')
    .values({
      id: check.id,
      browser_hash: check.browserHash,
      state: 'sent',
      provider: check.provider,
      provider_ref: check.providerRef,
      carrier: check.carrier,
      phone_hmac: check.phoneHmac,
      phone_masked: check.phoneMasked,
      name_masked: check.nameMasked,
      created_at: check.createdAt,
      expires_at: check.expiresAt,
      resend_after: check.resendAfter,
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return toCheck(row);
}

export async function findCheck(db: Db, key: { id: string; browserHash: Uint8Array }): Promise<Check | null> {
  const row = await db
    .selectFrom('identity_checks')
    .select(columns)
    .where('id', '=', key.id)
    .where('browser_hash', '=', Buffer.from(key.browserHash))
    .executeTakeFirst();
  return row === undefined ? null : toCheck(row);
}

/** Takes a try of a code that still lives: the check after it, or null. One statement: parallel tries queue up. */
export async function takeTry(db: Db, id: string, limits: { now: Date; max: number }): Promise<Check | null> {
  const row = await db
    .updateTable('identity_checks')
    .set({ tries: sql<number>`tries + 1` })
    .where('id', '=', id)
    .where('state', '=', 'sent')
    .where('expires_at', '>', limits.now)
    .where('tries', '<', limits.max)
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : toCheck(row);
}

/** Claims the next code. Null where it is too early, or the check has ended. Tries stay counted. */
export async function claimResend(
  trx: Trx,
  id: string,
  times: { now: Date; expiresAt: Date; resendAfter: Date; triesMax: number },
): Promise<Check | null> {
  const row = await trx
    .updateTable('identity_checks')
    .set({ state: 'sent', expires_at: times.expiresAt, resend_after: times.resendAfter })
    .where('id', '=', id)
    .where('state', 'in', ['sent', 'expired'])
    .where('resend_after', '<=', times.now)
    .where('tries', '<', times.triesMax)
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : toCheck(row);
}

/** Ends a check that is still open. */
export async function endCheck(db: Db, id: string, state: 'failed' | 'expired'): Promise<void> {
  await db
    .updateTable('identity_checks')
    .set({ state })
    .where('id', '=', id)
    .where('state', 'in', ['sent', 'expired'])
    .execute();
}

/** Null where another request has ended it in the meantime. */
export async function verifyCheck(
  db: Db,
  id: string,
  verified: { at: Date; ciHmac: Uint8Array },
): Promise<Check | null> {
  const row = await db
    .updateTable('identity_checks')
    .set({ state: 'verified', verified_at: verified.at, ci_hmac: verified.ciHmac })
    .where('id', '=', id)
    .where('state', 'in', ['sent', 'expired'])
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : toCheck(row);
}

/** What a verified person brings into the membership. */
export interface VerifiedPerson {
  ciHmac: Uint8Array;
  phoneHmac: Uint8Array;
  phoneMasked: string;
  nameMasked: string;
  verifiedAt: Date;
}

const personColumns = ['ci_hmac', 'phone_hmac', 'phone_masked', 'name_masked', 'verified_at'] as const;

const toPerson = (
  row: Pick<Selectable<Database['identity_checks']>, (typeof personColumns)[number]> | undefined,
): VerifiedPerson | null =>
  row === undefined || row.ci_hmac === null || row.verified_at === null
    ? null
    : {
        ciHmac: row.ci_hmac,
        phoneHmac: row.phone_hmac,
        phoneMasked: row.phone_masked,
        nameMasked: row.name_masked,
        verifiedAt: row.verified_at,
      };

/** The person of a verified check that is not used yet, or null. */
export async function findVerified(
  db: Db,
  key: { id: string; browserHash: Uint8Array; since: Date },
): Promise<VerifiedPerson | null> {
  const row = await db
    .selectFrom('identity_checks')
    .select(personColumns)
    .where('id', '=', key.id)
    .where('browser_hash', '=', Buffer.from(key.browserHash))
    .where('state', '=', 'verified')
    .where('verified_at', '>=', key.since)
    .executeTakeFirst();
  return toPerson(row);
}

/** Uses a verified check up, once. */
export async function consumeCheck(
  trx: Trx,
  key: { id: string; browserHash: Uint8Array; since: Date },
): Promise<VerifiedPerson | null> {
  const row = await trx
    .updateTable('identity_checks')
    .set({ state: 'consumed' })
    .where('id', '=', key.id)
    .where('browser_hash', '=', Buffer.from(key.browserHash))
    .where('state', '=', 'verified')
    .where('verified_at', '>=', key.since)
    .returning(personColumns)
    .executeTakeFirst();
  return toPerson(row);
}

/** Does this browser have a verified check? */
export async function hasVerified(db: Db, browserHash: Uint8Array, since: Date): Promise<boolean> {
  const row = await db
    .selectFrom('identity_checks')
    .select('id')
    .where('browser_hash', '=', Buffer.from(browserHash))
    .where('state', '=', 'verified')
    .where('verified_at', '>=', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertLog(
  db: Db,
  line: {
    id: string;
    checkId: string;
    kind: 'send' | 'resend' | 'confirm';
    result: string;
    phoneMasked: string;
    at: Date;
  },
): Promise<void> {
  await db
    .insertInto('identity_log')
    .values({
      id: line.id,
      check_id: line.checkId,
      kind: line.kind,
      result: line.result,
      phone_masked: line.phoneMasked,
      at: line.at,
    })
    .execute();
}

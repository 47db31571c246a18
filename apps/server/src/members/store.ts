/** Every statement over `members` and `sessions`. */
import { sql, type Selectable } from 'kysely';
import type { Database, Db, Trx } from '#platform';
import type { Member } from './member.ts';

type MemberRow = Pick<
  Selectable<Database['members']>,
  'id' | 'member_id' | 'name_masked' | 'phone_masked' | 'receive_code' | 'verified_at' | 'last_login_at'
>;

const columns = [
  'id',
  'member_id',
  'name_masked',
  'phone_masked',
  'receive_code',
  'verified_at',
  'last_login_at',
] as const;

const toMember = (row: MemberRow): Member => ({
  id: row.id,
  memberId: row.member_id,
  nameMasked: row.name_masked,
  phoneMasked: row.phone_masked,
  receiveCode: row.receive_code,
  verifiedAt: row.verified_at,
  lastLoginAt: row.last_login_at,
});

export type MemberKey =
  | { by: 'id'; id: string }
  | { by: 'member-id'; memberId: string }
  | { by: 'phone'; phoneHmac: Uint8Array }
  | { by: 'receive-code'; receiveCode: string };

export async function findMember(db: Db, key: MemberKey): Promise<Member | null> {
  let query = db.selectFrom('members').select(columns);
  if (key.by === 'id') query = query.where('id', '=', key.id);
  else if (key.by === 'member-id') query = query.where('member_id', '=', key.memberId);
  else if (key.by === 'phone') query = query.where('phone_hmac', '=', Buffer.from(key.phoneHmac));
  else query = query.where('receive_code', '=', key.receiveCode);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : toMember(row);
}

export interface NewMember {
  id: string;
  memberId: string;
  nameMasked: string;
  phoneHmac: Uint8Array;
  phoneMasked: string;
  ciHmac: Uint8Array;
  receiveCode: string;
  verifiedAt: Date;
  pinHmac: Uint8Array;
  createdAt: Date;
}

export async function insertMember(trx: Trx, member: NewMember): Promise<void> {
  await trx
    .insertInto('members')
    .values({
      id: member.id,
      member_id: member.memberId,
      name_masked: member.nameMasked,
      phone_hmac: member.phoneHmac,
      phone_masked: member.phoneMasked,
      ci_hmac: member.ciHmac,
      receive_code: member.receiveCode,
      verified_at: member.verifiedAt,
      pin_hmac: member.pinHmac,
      created_at: member.createdAt,
    })
    .execute();
}

/** Takes one of the tries: the count after it, or null where none is left. One statement: parallel tries queue up. */
export async function takeLoginTry(db: Db, id: string, max: number): Promise<number | null> {
  const row = await db
    .updateTable('members')
    .set({ login_failures: sql<number>`login_failures + 1` })
    .where('id', '=', id)
    .where('login_failures', '<', max)
    .returning('login_failures')
    .executeTakeFirst();
  return row?.login_failures ?? null;
}

export async function resetLoginTries(db: Db, id: string): Promise<void> {
  await db.updateTable('members').set({ login_failures: 0 }).where('id', '=', id).execute();
}

export async function giveBackLoginTry(db: Db, id: string): Promise<void> {
  await db
    .updateTable('members')
    .set({ login_failures: sql<number>`login_failures - 1` })
    .where('id', '=', id)
    .where('login_failures', '>', 0)
    .execute();
}

/** One try of one member: never two of the same member in a call. */
export interface PinTry {
  memberId: string;
  pinHmac: Uint8Array;
}

/**
 * Compares and counts, for each: 0 where the PIN is right, the failures so far where it is not, null where no try was left.
 * The rows of several members are locked in the order of their ids, so that two calls never wait for each other for ever.
 * One member's row is locked by the update alone: locked and updated in one statement, a row that several servers want has
 * two locks, of which one waits for the old version and another for the new, and PostgreSQL finds a deadlock after a second.
 */
export async function tryPins(db: Db, tries: readonly PinTry[], max: number): Promise<(number | null)[]> {
  const locked = sql`, locked as (
      select m.id from members m join tried t on t.id = m.id order by m.id for no key update of m
    )`;
  const isOne = tries.length === 1;
  const { rows } = await sql<{ id: string; pin_failures: number }>`/*prepare*/
    with tried as (
      select t.id, t.pin_hmac
      from unnest(${tries.map(({ memberId }) => memberId)}::uuid[],
                  ${tries.map(({ pinHmac }) => Buffer.from(pinHmac))}::bytea[]) as t (id, pin_hmac)
    )${isOne ? sql`` : locked}
    update members m
    set pin_failures = case when m.pin_hmac = t.pin_hmac then 0 else m.pin_failures + 1 end
    from tried t ${isOne ? sql`` : sql`join locked l on l.id = t.id`}
    where m.id = t.id and m.pin_failures < ${max}::int
    returning m.id, m.pin_failures
  `.execute(db);
  const failures = new Map(rows.map((row) => [row.id, row.pin_failures]));
  return tries.map(({ memberId }) => failures.get(memberId) ?? null);
}

/** True where the person is a member. */
export async function resetTriesOfPerson(db: Db, ciHmac: Uint8Array): Promise<boolean> {
  const row = await db
    .updateTable('members')
    .set({ login_failures: 0, pin_failures: 0 })
    .where('ci_hmac', '=', Buffer.from(ciHmac))
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function setLastLogin(db: Db, id: string, at: Date): Promise<void> {
  await db.updateTable('members').set({ last_login_at: at }).where('id', '=', id).execute();
}

export interface SessionRow {
  idHash: Buffer;
  memberId: string;
  sealedKey: Buffer | null;
  unlockedUntil: Date | null;
}

export async function insertSession(
  db: Db,
  session: {
    idHash: Uint8Array;
    memberId: string;
    createdAt: Date;
    expiresAt: Date;
    sealedKey: Uint8Array | null;
    unlockedUntil: Date | null;
  },
): Promise<void> {
  await db
    .insertInto('sessions')
    .values({
      id_hash: session.idHash,
      member_id: session.memberId,
      created_at: session.createdAt,
      last_seen_at: session.createdAt,
      expires_at: session.expiresAt,
      sealed_key: session.sealedKey,
      unlocked_until: session.unlockedUntil,
    })
    .execute();
}

/** The sessions of these hashes, each in its place; null where there is none. */
export async function findSessions(
  db: Db,
  idHashes: readonly Uint8Array[],
): Promise<((SessionRow & { lastSeenAt: Date; expiresAt: Date }) | null)[]> {
  const { rows } = await sql<{
    id_hash: Buffer;
    member_id: string;
    sealed_key: Buffer | null;
    unlocked_until: Date | null;
    last_seen_at: Date;
    expires_at: Date;
  }>`/*prepare*/
    select id_hash, member_id, sealed_key, unlocked_until, last_seen_at, expires_at from sessions
    where id_hash = any(${idHashes.map((idHash) => Buffer.from(idHash))}::bytea[])
  `.execute(db);
  const found = new Map(rows.map((row) => [row.id_hash.toString('hex'), row]));
  return idHashes.map((idHash) => {
    const row = found.get(Buffer.from(idHash).toString('hex'));
    if (row === undefined) return null;
    return {
      idHash: row.id_hash,
      memberId: row.member_id,
      sealedKey: row.sealed_key,
      unlockedUntil: row.unlocked_until,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
    };
  });
}

/** Notes that a session is used; an unlocked one stays unlocked from now on. Never brings back one that has locked. */
export async function touchSession(
  db: Db,
  idHash: Uint8Array,
  touch: { seenAt: Date; unlockedUntil: Date },
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({
      last_seen_at: touch.seenAt,
      unlocked_until: sql<Date | null>`case when unlocked_until > ${touch.seenAt} then ${touch.unlockedUntil}::timestamptz else unlocked_until end`,
    })
    .where('id_hash', '=', Buffer.from(idHash))
    .execute();
}

export async function setSessionKey(
  db: Db,
  idHash: Uint8Array,
  unlock: { sealedKey: Uint8Array; unlockedUntil: Date } | null,
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ sealed_key: unlock?.sealedKey ?? null, unlocked_until: unlock?.unlockedUntil ?? null })
    .where('id_hash', '=', Buffer.from(idHash))
    .execute();
}

export async function deleteSession(db: Db, idHash: Uint8Array): Promise<void> {
  await db.deleteFrom('sessions').where('id_hash', '=', Buffer.from(idHash)).execute();
}

/** Forgets keys of idle sessions and removes sessions that have ended. */
export async function sweepSessions(db: Db, limits: { now: Date; idleSince: Date }): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ sealed_key: null, unlocked_until: null })
    .where('unlocked_until', '<=', limits.now)
    .execute();
  await db
    .deleteFrom('sessions')
    .where((where) => where.or([where('expires_at', '<=', limits.now), where('last_seen_at', '<=', limits.idleSince)]))
    .execute();
}

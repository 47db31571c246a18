/**
 * Sessions. The row is found by a hash of the cookie's secret, and the key in it opens only with that secret.
 *
 *   log in → unlocked ──(idle minutes)──→ locked ──(unlock)──→ unlocked
 *               └──(log out, idle, hours)──→ gone
 */
import { allFulfilled, oncePer, together, type MemberSession, type PlatformDeps } from '#platform';
import * as store from './store.ts';

/** A session is noted as used at most this often: a screen that asks every second must not write every second. */
const TOUCH_MS = 15_000;

/** What others do with sessions. */
export const sessions = { create, find, peek, unlock, end, sweep, noteLogin };

/** Sessions of one read: each request begins with one. */
const ROWS_MAX = 200;

const findRow = oncePer((deps: Pick<PlatformDeps, 'db' | 'clock'>) =>
  together(deps, {
    run: async (idHashes: readonly Uint8Array[]) => allFulfilled(await store.findSessions(deps.db, idHashes)),
    ...{ itemsMax: ROWS_MAX, roundsMax: 2 },
  }),
);

/** Begins a session. `sealedKey` null: payments stay locked until the passphrase comes. */
async function create(
  deps: Pick<PlatformDeps, 'db' | 'clock' | 'config'>,
  input: { memberId: string; idHash: Uint8Array; sealedKey: Uint8Array | null },
): Promise<{ unlockedUntil: Date | null }> {
  const nowMs = deps.clock.nowMs();
  const unlockedUntil = input.sealedKey === null ? null : unlockedFrom(deps, nowMs);
  await store.insertSession(deps.db, {
    idHash: input.idHash,
    memberId: input.memberId,
    createdAt: new Date(nowMs),
    expiresAt: new Date(nowMs + deps.config.sessionHours * 3_600_000),
    sealedKey: input.sealedKey,
    unlockedUntil,
  });
  return { unlockedUntil };
}

/** The live session of a cookie, or null. `keys` come from the cookie's secret; `isUse` false where nobody need be there. */
async function find(
  deps: Pick<PlatformDeps, 'db' | 'clock' | 'config'>,
  keys: { idHash: Uint8Array; unlockKey: Uint8Array },
  isUse = true,
): Promise<MemberSession | null> {
  const row = await findRow(deps)(keys.idHash);
  if (row === null) return null;
  const nowMs = deps.clock.nowMs();
  if (hasEnded(deps, row, nowMs)) return null;
  const isUnlocked = isUnlockedAt(row, nowMs);
  if (isUse && row.lastSeenAt.getTime() + TOUCH_MS <= nowMs)
    await store.touchSession(deps.db, keys.idHash, {
      seenAt: new Date(nowMs),
      unlockedUntil: unlockedFrom(deps, nowMs),
    });
  return {
    memberId: row.memberId,
    idHash: keys.idHash,
    unlockKey: keys.unlockKey,
    sealedKey: isUnlocked ? row.sealedKey : null,
    unlockedUntil: isUnlocked ? row.unlockedUntil : null,
  };
}

/** The state of a session without counting as its use, or null where it has ended. */
async function peek(
  deps: Pick<PlatformDeps, 'db' | 'clock' | 'config'>,
  idHash: Uint8Array,
): Promise<{ unlockedUntil: Date | null } | null> {
  const row = await findRow(deps)(idHash);
  const nowMs = deps.clock.nowMs();
  if (row === null || hasEnded(deps, row, nowMs)) return null;
  return { unlockedUntil: isUnlockedAt(row, nowMs) ? row.unlockedUntil : null };
}

/** Puts the sealed key into a session. */
async function unlock(
  deps: Pick<PlatformDeps, 'db' | 'clock' | 'config'>,
  input: { idHash: Uint8Array; sealedKey: Uint8Array },
): Promise<{ unlockedUntil: Date }> {
  const unlockedUntil = unlockedFrom(deps, deps.clock.nowMs());
  await store.setSessionKey(deps.db, input.idHash, { sealedKey: input.sealedKey, unlockedUntil });
  return { unlockedUntil };
}

/** Ends a session: its row, and with it the sealed key, is gone. */
async function end(deps: Pick<PlatformDeps, 'db'>, idHash: Uint8Array): Promise<void> {
  await store.deleteSession(deps.db, idHash);
}

/** Notes that a member has logged in now. */
async function noteLogin(deps: Pick<PlatformDeps, 'db' | 'clock'>, memberId: string): Promise<void> {
  await store.setLastLogin(deps.db, memberId, new Date(deps.clock.nowMs()));
}

/** Removes keys and sessions whose time is over, so that they do not lie in the database. */
async function sweep(deps: Pick<PlatformDeps, 'db' | 'clock' | 'config'>): Promise<void> {
  const nowMs = deps.clock.nowMs();
  await store.sweepSessions(deps.db, {
    now: new Date(nowMs),
    idleSince: new Date(nowMs - deps.config.sessionIdleMinutes * 60_000),
  });
}

function hasEnded(
  deps: Pick<PlatformDeps, 'config'>,
  row: { expiresAt: Date; lastSeenAt: Date },
  nowMs: number,
): boolean {
  const idleMs = deps.config.sessionIdleMinutes * 60_000;
  return row.expiresAt.getTime() <= nowMs || row.lastSeenAt.getTime() + idleMs <= nowMs;
}

const isUnlockedAt = (row: store.SessionRow, nowMs: number): boolean =>
  row.sealedKey !== null && row.unlockedUntil !== null && row.unlockedUntil.getTime() > nowMs;

const unlockedFrom = (deps: Pick<PlatformDeps, 'config'>, nowMs: number) =>
  new Date(nowMs + deps.config.unlockIdleMinutes * 60_000);

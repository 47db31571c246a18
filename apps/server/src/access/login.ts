/**
 * Log in and unlock: ID and passphrase. The keystore's own MAC decides; a try is counted durably before it is
 * evaluated; an ID that nobody has costs the same time, gets the same answers and stops after the same five tries.
 */
import type { MeView } from '@jigeum/api';
import type { Deps } from '#deps';
import { findMember, loginTries, sessions, type Member } from '#members';
import { AppError, audit, countForEver, inTrx, sessionIdHash, unlockKeyOf, type MemberSession } from '#platform';
import { openMemberKey, sealForSession } from '#wallets';
import { meOf } from './me.ts';

/** Logs in. The caller sets the cookie of `cookieSecret`, then clears it and the passphrase. */
export async function login(
  deps: Deps,
  input: { memberId: string; passphrase: Uint8Array; cookieSecret: Uint8Array },
): Promise<MeView> {
  const member = await findMember(deps.db, { by: 'member-id', memberId: input.memberId });
  if (member === null) throw await refuseNobody(deps, input);
  const privateKey = await openCounted(deps, { memberUuid: member.id, passphrase: input.passphrase });
  const unlockKey = unlockKeyOf(input.cookieSecret);
  try {
    const unlockedUntil = await inTrx(deps, async (trx) => {
      const session = await sessions.create(
        { ...deps, db: trx },
        {
          memberId: member.id,
          idHash: sessionIdHash(input.cookieSecret),
          sealedKey: sealForSession(deps, { unlockKey, memberId: member.id, privateKey }),
        },
      );
      await sessions.noteLogin({ ...deps, db: trx }, member.id);
      await audit(deps, trx, { actor: `member:${member.id}`, act: 'login.succeeded', subject: member.id, facts: {} });
      return session.unlockedUntil;
    });
    return await meOf(deps, { memberId: member.id, unlockedUntil });
  } finally {
    privateKey.fill(0);
    unlockKey.fill(0);
  }
}

/** Unlocks the payments of a session. The caller clears the passphrase. */
export async function unlock(deps: Deps, input: { session: MemberSession; passphrase: Uint8Array }): Promise<MeView> {
  const { memberId, unlockKey, idHash } = input.session;
  const privateKey = await openCounted(deps, { memberUuid: memberId, passphrase: input.passphrase });
  try {
    const sealedKey = sealForSession(deps, { unlockKey, memberId, privateKey });
    const { unlockedUntil } = await inTrx(deps, async (trx) => {
      await audit(deps, trx, { actor: `member:${memberId}`, act: 'unlock.succeeded', subject: memberId, facts: {} });
      return await sessions.unlock({ ...deps, db: trx }, { idHash, sealedKey });
    });
    return await meOf(deps, { memberId, unlockedUntil });
  } finally {
    privateKey.fill(0);
  }
}

/** The private key, which the caller clears. Throws 'login-refused' or 'login-stopped'. */
async function openCounted(
  deps: Deps,
  input: { memberUuid: Member['id']; passphrase: Uint8Array },
): Promise<Uint8Array> {
  const counted = await loginTries.count(deps, input.memberUuid);
  if (counted === null) throw refused(0);
  let outcome: Awaited<ReturnType<typeof openMemberKey>>;
  try {
    outcome = await openMemberKey(deps, { memberId: input.memberUuid, passphrase: input.passphrase });
  } catch (error) {
    await counted.notEvaluated();
    throw error;
  }
  if (outcome.kind === 'wrong-passphrase') {
    await auditRefusal(deps, { memberUuid: input.memberUuid, triesLeft: counted.triesLeft });
    throw refused(counted.triesLeft);
  }
  await counted.succeeded();
  return outcome.privateKey;
}

async function refuseNobody(deps: Deps, input: { memberId: string; passphrase: Uint8Array }): Promise<AppError> {
  const subject = Buffer.from(deps.secrets.hmac('nobody', Buffer.from(input.memberId, 'utf8'))).toString('hex');
  // For good, as a member's are: tries that came back by themselves would tell that nobody has the ID.
  const tries = await countForEver(deps, { scope: 'login-nobody', subject, max: loginTries.max });
  if (tries === null) return refused(0);
  await openMemberKey(deps, { memberId: null, passphrase: input.passphrase });
  // Also where nobody has the ID: a row more or less would tell by the time that it takes.
  await auditRefusal(deps, { memberUuid: null, triesLeft: loginTries.max - tries });
  return refused(loginTries.max - tries);
}

const refused = (triesLeft: number): AppError =>
  new AppError(triesLeft === 0 ? 'login-stopped' : 'login-refused', { triesLeft });

/** A try that was evaluated: five at most, then none is. What is typed at a log-in that has stopped fills no log. */
const auditRefusal = (deps: Deps, input: { memberUuid: string | null; triesLeft: number }): Promise<void> =>
  inTrx(deps, (trx) =>
    audit(deps, trx, {
      actor: 'nobody',
      subject: input.memberUuid,
      ...(input.triesLeft === 0
        ? { act: 'login.stopped', facts: {} }
        : { act: 'login.refused', facts: { triesLeft: input.triesLeft } }),
    }),
  );

/**
 * Joining: a verified check becomes a member with a wallet and a session, in one transaction. The key derivation comes
 * before it; the chain learns of the wallet after it.
 */
import type { Deps } from '#deps';
import { consumeCheck, verifiedPerson } from '#identity';
import { addMember, findMember, sessions } from '#members';
import {
  AppError,
  audit,
  findAnswer,
  idempotently,
  inTrx,
  sessionIdHash,
  unlockKeyOf,
  type IdempotentCall,
  type StoredAnswer,
} from '#platform';
import { draftWallet, sealForSession } from '#wallets';
import { meView } from './me.ts';
import { passphraseProblem, pinProblem } from './rules.ts';

export interface JoinInput {
  call: IdempotentCall<'join'>;
  browserHash: Uint8Array;
  checkId: string;
  memberId: string;
  passphrase: Uint8Array;
  pin: Uint8Array;
  /** The secret of the new session's cookie. The caller sets the cookie, then clears it. */
  cookieSecret: Uint8Array;
}

/**
 * Joins once for a key. The repeated request of the same browser gets the same answer and a session of its own whose
 * payments are locked until the passphrase comes. The caller clears the secrets.
 */
export async function join(deps: Deps, input: JoinInput): Promise<StoredAnswer> {
  const earlier = await findAnswer(deps, input.call);
  if (earlier !== undefined) return withLockedSession(deps, input, earlier);
  const key = { checkId: input.checkId, browserHash: input.browserHash };
  const person = await verifiedPerson(deps, key);
  // Between our first look and now a twin may have joined: then its answer is ours.
  const twinsAnswerOr = async (refusal: 'identity-not-verified' | 'member-id-taken'): Promise<StoredAnswer> => {
    const twins = await findAnswer(deps, input.call);
    if (twins === undefined) throw new AppError(refusal);
    return withLockedSession(deps, input, twins);
  };
  if (person === null) return twinsAnswerOr('identity-not-verified');
  refuseWeak(deps, input, person.phoneHmac);
  if ((await findMember(deps.db, { by: 'member-id', memberId: input.memberId })) !== null)
    return twinsAnswerOr('member-id-taken');

  const draft = await draftWallet(deps, { passphrase: input.passphrase });
  const unlockKey = unlockKeyOf(input.cookieSecret);
  try {
    const answer = await inTrx(deps, (trx) =>
      idempotently(deps, trx, input.call, async () => {
        const consumed = await consumeCheck(deps, trx, key);
        if (consumed === null) throw new AppError('identity-not-verified');
        const nowMs = deps.clock.nowMs();
        const id = deps.ids.uuid(nowMs);
        const receiveCode = deps.ids.uuid(nowMs);
        await addMember(deps, trx, {
          id,
          memberId: input.memberId,
          nameMasked: consumed.nameMasked,
          phoneHmac: consumed.phoneHmac,
          phoneMasked: consumed.phoneMasked,
          ciHmac: consumed.ciHmac,
          receiveCode,
          verifiedAt: consumed.verifiedAt,
          pin: input.pin,
        });
        await draft.insert(trx, { memberId: id });
        await audit(deps, trx, {
          actor: `member:${id}`,
          act: 'member.joined',
          subject: id,
          facts: { check: input.checkId, wallet: draft.walletId },
        });
        const { unlockedUntil } = await sessions.create(
          { ...deps, db: trx },
          {
            memberId: id,
            idHash: sessionIdHash(input.cookieSecret),
            sealedKey: sealForSession(deps, { unlockKey, memberId: id, privateKey: draft.privateKey }),
          },
        );
        return meView(deps, {
          member: {
            id,
            memberId: input.memberId,
            nameMasked: consumed.nameMasked,
            phoneMasked: consumed.phoneMasked,
            receiveCode,
            verifiedAt: consumed.verifiedAt,
            lastLoginAt: null,
          },
          walletState: 'preparing',
          unlockedUntil,
        });
      }),
    );
    if (answer.isReplay) return await withLockedSession(deps, input, answer);
    deps.wake('register-wallets');
    return answer;
  } catch (error) {
    throw refusalOf(error);
  } finally {
    draft.privateKey.fill(0);
    unlockKey.fill(0);
  }
}

/** As long as the check's cookie lives: who asks later is no browser that waits for its answer. */
const REPEAT_WITHIN_MS = 3_600_000;

/** A twin or a repeat: its browser has proved the check, its passphrase has not been looked at. */
async function withLockedSession(deps: Deps, input: JoinInput, answer: StoredAnswer): Promise<StoredAnswer> {
  const member = await findMember(deps.db, { by: 'member-id', memberId: input.memberId });
  if (member === null) throw new AppError('internal');
  if (member.verifiedAt.getTime() + REPEAT_WITHIN_MS <= deps.clock.nowMs()) throw new AppError('identity-not-verified');
  await sessions.create(deps, {
    memberId: member.id,
    idHash: sessionIdHash(input.cookieSecret),
    sealedKey: null,
  });
  return answer;
}

function refuseWeak(deps: Deps, input: JoinInput, ownPhone: Uint8Array): void {
  const passphrase = passphraseProblem(input.passphrase, {
    memberId: input.memberId,
    isOwnPhone: (digits) => Buffer.from(deps.secrets.hmac('phone', digits)).equals(ownPhone),
  });
  if (passphrase !== null) throw new AppError('passphrase-weak', { detail: passphraseSentences[passphrase] });
  const pin = pinProblem(input.pin);
  if (pin !== null) throw new AppError('pin-weak', { detail: pinSentences[pin] });
}

const passphraseSentences = {
  short: 'Expected at least 8 characters.',
  common: 'This is one of the first that anybody tries.',
  run: 'Expected more than one character repeated or counted up or down.',
  'member-id': 'Expected something other than your ID.',
  phone: 'Expected something other than your phone number.',
};
const pinSentences = {
  'not-six-digits': 'Expected six digits.',
  run: 'Expected more than one digit repeated or counted up or down.',
};

/** The constraints of `members` decide who was first. */
function refusalOf(error: unknown): unknown {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (code !== '23505') return error;
  if (constraint === 'members_member_id_key') return new AppError('member-id-taken', { cause: error });
  if (constraint === 'members_ci_hmac_key') return new AppError('already-a-member', { cause: error });
  if (constraint === 'members_phone_hmac_key')
    return new AppError('already-a-member', {
      detail: 'A member uses this phone number. If you are another person, ask our support to free it.',
      cause: error,
    });
  return error;
}

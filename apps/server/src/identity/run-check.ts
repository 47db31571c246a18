/**
 * The three steps of a check: start, resend, confirm. Each count is taken durably before the agency is asked, so a crash
 * or a flood of parallel requests never gives a send or a try more. Name, birth date, sex digit and code pass through.
 */
import type { CheckView } from '@jigeum/api';
import type { AgencyConfirmOutcome, AgencySendOutcome, Deps, PersonClaim } from '#deps';
import { loginTries, masked, phoneHmac } from '#members';
import {
  AppError,
  audit,
  findAnswer,
  idempotently,
  inTrx,
  rateLimit,
  type IdempotentCall,
  type StoredAnswer,
  type Trx,
} from '#platform';
import { CODE_SECONDS, koreanDay, RESEND_SECONDS, SENDS_A_DAY_MAX, TRIES_MAX, viewOf, type Check } from './check.ts';
import * as store from './store.ts';

type IdentityDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'config' | 'log' | 'metrics' | 'identityAgency'>;

/**
 * Starts a check of `browserHash`'s browser. The agency sends the code. The same key and claim get the same answer and no
 * second code; the answer is stored before the agency is asked, since its silence does not tell whether a code is on its way.
 */
export async function startCheck(
  deps: IdentityDeps,
  input: {
    browserHash: Uint8Array;
    idempotency: IdempotentCall<'startCheck'>;
    /** Whose checks are counted. */
    address: string;
    claim: PersonClaim;
  },
): Promise<StoredAnswer> {
  const { browserHash, claim } = input;
  const call = {
    ...input.idempotency,
    actor: `check:${Buffer.from(browserHash).toString('hex')}`,
    // Keyed: a plain hash of a name, a phone number and a birth date would tell them to who tries all (INV-24).
    bodyHash: deps.secrets.hmac('check body', input.idempotency.bodyHash),
  };
  const earlier = await findAnswer(deps, call);
  if (earlier !== undefined) return earlier;
  await rateLimit(deps, {
    ...{ scope: 'start-check', subject: input.address },
    ...{ max: deps.config.checksPerAddress, windowSeconds: 3600 },
  });
  const nowMs = deps.clock.nowMs();
  const hashedPhone = phoneHmac(deps, claim.phone);
  let started: Check | undefined;
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, call, async () => {
      const sends = await takeSend(trx, hashedPhone, nowMs);
      const id = deps.ids.uuid(nowMs);
      started = await store.insertCheck(trx, {
        id,
        browserHash,
        provider: deps.config.identity.mode,
        providerRef: id,
        carrier: claim.carrier,
        phoneHmac: hashedPhone,
        phoneMasked: masked.phone(claim.phone),
        nameMasked: masked.name(claim.name),
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + CODE_SECONDS * 1000),
        resendAfter: new Date(nowMs + RESEND_SECONDS * 1000),
      });
      return await view(deps, started, sends);
    }),
  );
  if (!answer.isReplay)
    await settleSend(deps, started!, 'send', await deps.identityAgency.send(started!.providerRef, claim));
  return answer;
}

/** Sends the code again, once for a key, as `startCheck` does. Failed tries stay counted. */
export async function resendCheck(
  deps: IdentityDeps,
  input: { browserHash: Uint8Array; idempotency: IdempotentCall<'resendCheck'>; checkId: string },
): Promise<StoredAnswer> {
  const found = await store.findCheck(deps.db, { id: input.checkId, browserHash: input.browserHash });
  if (found === null) throw new AppError('not-found');
  const nowMs = deps.clock.nowMs();
  let resent: Check | undefined;
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, input.idempotency, async () => {
      const claimed = await store.claimResend(trx, found.id, {
        now: new Date(nowMs),
        expiresAt: new Date(nowMs + CODE_SECONDS * 1000),
        resendAfter: new Date(nowMs + RESEND_SECONDS * 1000),
        triesMax: TRIES_MAX,
      });
      if (claimed === null) throw whyNotResent(found, nowMs);
      resent = claimed;
      return await view(deps, claimed, await takeSend(trx, found.phoneHmac, nowMs));
    }),
  );
  if (!answer.isReplay)
    await settleSend(deps, resent!, 'resend', await deps.identityAgency.resend(resent!.providerRef));
  return answer;
}

/** Tries a code. A check that is verified already answers as such: the first answer may have been lost. */
export async function confirmCheck(
  deps: IdentityDeps,
  input: { browserHash: Uint8Array; checkId: string; code: string },
): Promise<CheckView> {
  const found = await store.findCheck(deps.db, { id: input.checkId, browserHash: input.browserHash });
  if (found === null) throw new AppError('not-found');
  const nowMs = deps.clock.nowMs();
  const check = await store.takeTry(deps.db, found.id, { now: new Date(nowMs), max: TRIES_MAX });
  if (check === null) {
    const present = (await store.findCheck(deps.db, { id: input.checkId, browserHash: input.browserHash })) ?? found;
    return refuseTry(deps, present);
  }
  let outcome: AgencyConfirmOutcome = await deps.identityAgency.confirm(check.providerRef, input.code);
  if (outcome.kind === 'unavailable') {
    const answer = await deps.identityAgency.ask(check.providerRef);
    if (answer.kind !== 'pending') outcome = answer;
  }
  await log(deps, check, 'confirm', outcome.kind);
  switch (outcome.kind) {
    case 'verified':
      return verified(deps, check, outcome.ci);
    case 'wrong-code':
      if (check.tries < TRIES_MAX) throw new AppError('identity-code-wrong', { triesLeft: TRIES_MAX - check.tries });
      await store.endCheck(deps.db, check.id, 'failed');
      throw new AppError('identity-tries-used-up', { triesLeft: 0 });
    case 'expired':
      await store.endCheck(deps.db, check.id, 'expired');
      throw new AppError('identity-code-expired');
    case 'unavailable':
      throw new AppError('identity-agency-unavailable', { triesLeft: TRIES_MAX - check.tries, retryAfterSeconds: 5 });
  }
}

async function verified(deps: IdentityDeps, check: Check, ci: Uint8Array): Promise<CheckView> {
  const ciHmac = deps.secrets.hmac('ci', ci);
  ci.fill(0);
  const { stored, isMember } = await inTrx(deps, async (trx) => {
    const verifiedCheck = await store.verifyCheck(trx, check.id, { at: new Date(deps.clock.nowMs()), ciHmac });
    const isOfMember = await loginTries.resetOfPerson({ db: trx }, ciHmac);
    await audit(deps, trx, {
      actor: 'check',
      act: 'identity.verified',
      subject: check.id,
      facts: { isMember: isOfMember },
    });
    return { stored: verifiedCheck, isMember: isOfMember };
  });
  // A person who is a member already has proved it again: used-up tries are given back, and they log in.
  if (isMember) throw new AppError('already-a-member');
  if (stored === null) throw new AppError('identity-tries-used-up', { triesLeft: 0 });
  return view(deps, stored);
}

async function refuseTry(deps: IdentityDeps, check: Check): Promise<CheckView> {
  if (check.state === 'verified' || check.state === 'consumed') return view(deps, check);
  if (check.state === 'failed' || check.tries >= TRIES_MAX)
    throw new AppError('identity-tries-used-up', { triesLeft: 0 });
  await store.endCheck(deps.db, check.id, 'expired');
  throw new AppError('identity-code-expired', { triesLeft: TRIES_MAX - check.tries });
}

function whyNotResent(check: Check, nowMs: number): AppError {
  if (check.state === 'failed' || check.tries >= TRIES_MAX)
    return new AppError('identity-tries-used-up', { triesLeft: 0 });
  if (check.state === 'verified' || check.state === 'consumed')
    return new AppError('request-invalid', { detail: 'This check is verified already; no code is needed.' });
  const waitMs = Math.max(1000, check.resendAfter.getTime() - nowMs);
  return new AppError('rate-limited', {
    detail: `Expected ${RESEND_SECONDS} seconds between two codes.`,
    retryAfterSeconds: Math.ceil(waitMs / 1000),
  });
}

async function takeSend(trx: Trx, phone: Uint8Array, nowMs: number): Promise<number> {
  const sends = await store.takeSend(trx, phone, koreanDay(nowMs), SENDS_A_DAY_MAX);
  if (sends === null) throw new AppError('identity-sends-used-up');
  return sends;
}

async function settleSend(
  deps: IdentityDeps,
  check: Check,
  kind: 'send' | 'resend',
  outcome: AgencySendOutcome,
): Promise<void> {
  await log(deps, check, kind, outcome.kind);
  switch (outcome.kind) {
    case 'sent':
      return;
    case 'mismatch':
      await store.endCheck(deps.db, check.id, 'failed');
      throw new AppError('identity-mismatch');
    case 'too-many':
      await store.endCheck(deps.db, check.id, 'failed');
      throw new AppError('identity-sends-used-up');
    case 'unavailable':
      // Whether a code is on its way is unknown. A first code cannot be entered, since the screen has no check yet.
      if (kind === 'send') await store.endCheck(deps.db, check.id, 'failed');
      throw new AppError('identity-agency-unavailable', { retryAfterSeconds: 5 });
  }
}

async function log(deps: IdentityDeps, check: Check, kind: 'send' | 'resend' | 'confirm', result: string) {
  const nowMs = deps.clock.nowMs();
  deps.metrics
    .counter('identity_outcomes_total', 'Answers of the identity agency.', ['kind', 'result'])
    .inc({ kind, result });
  if (result === 'unavailable')
    deps.log.warn('The identity agency gives no usable answer.', { checkId: check.id, kind });
  await inTrx(deps, async (trx) => {
    await store.insertLog(trx, {
      id: deps.ids.uuid(nowMs),
      checkId: check.id,
      kind,
      result,
      phoneMasked: check.phoneMasked,
      at: new Date(nowMs),
    });
    const row = { actor: 'check', subject: check.id } as const;
    if (result === 'sent') await audit(deps, trx, { ...row, act: 'identity.sent', facts: { kind } });
    // What became of a right code is written with its effect.
    else if (result !== 'verified') await audit(deps, trx, { ...row, act: 'identity.refused', facts: { result } });
  });
}

async function view(deps: IdentityDeps, check: Check, sends?: number): Promise<CheckView> {
  const nowMs = deps.clock.nowMs();
  return viewOf(check, {
    nowMs,
    sends: sends ?? (await store.countSends(deps.db, check.phoneHmac, koreanDay(nowMs))),
    isSimulation: deps.config.identity.mode === 'simulator',
  });
}

/** Join, log in, unlock, log out, me. */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { hasVerifiedCheck } from '#identity';
import { findMember, sessions } from '#members';
import {
  addressSubject,
  AppError,
  clearSecretCookie,
  mount,
  rateLimit,
  readSecretCookie,
  sessionIdHash,
  setSecretCookie,
} from '#platform';
import { join } from './join.ts';
import { login, unlock } from './login.ts';
import { meOf } from './me.ts';

/** Registers the routes of this module. */
export function accessRoutes(app: FastifyInstance, deps: Deps): void {
  const cookieSeconds = deps.config.sessionHours * 3600;

  mount(app, deps, 'memberIdAvailability', async ({ query, browserHash }) => {
    if (!(await hasVerifiedCheck(deps, browserHash))) throw new AppError('identity-not-verified');
    await rateLimit(deps, {
      scope: 'member-id-availability',
      subject: Buffer.from(browserHash).toString('hex'),
      max: 60,
      windowSeconds: 600,
    });
    return { isAvailable: (await findMember(deps.db, { by: 'member-id', memberId: query.memberId })) === null };
  });

  mount(app, deps, 'join', async ({ body, secrets, browserHash, idempotency, reply }) => {
    const cookieSecret = deps.ids.bytes(32);
    try {
      const answer = await join(deps, {
        call: idempotency,
        browserHash,
        checkId: body.checkId,
        memberId: body.memberId,
        passphrase: secrets.passphrase,
        pin: secrets.pin,
        cookieSecret,
      });
      setSecretCookie(deps.config, reply, 'session', cookieSecret, cookieSeconds);
      // Kept where the answer may be lost; gone where it arrives.
      clearSecretCookie(deps.config, reply, 'check');
      return answer;
    } finally {
      cookieSecret.fill(0);
    }
  });

  mount(app, deps, 'login', async ({ body, secrets, request, reply }) => {
    await rateLimit(deps, {
      scope: 'login',
      subject: addressSubject(deps, request.ip),
      max: deps.config.loginsPerAddress,
      windowSeconds: 3600,
    });
    const cookieSecret = deps.ids.bytes(32);
    try {
      const me = await login(deps, { memberId: body.memberId, passphrase: secrets.passphrase, cookieSecret });
      // The cookie of the browser's earlier session is about to be replaced: nobody could log that one out any more.
      const earlier = readSecretCookie(deps.config, request, 'session');
      if (earlier !== null) await sessions.end(deps, sessionIdHash(earlier));
      earlier?.fill(0);
      setSecretCookie(deps.config, reply, 'session', cookieSecret, cookieSeconds);
      return me;
    } finally {
      cookieSecret.fill(0);
    }
  });

  mount(app, deps, 'unlock', ({ member, secrets }) =>
    unlock(deps, { session: member, passphrase: secrets.passphrase }),
  );

  mount(app, deps, 'logout', async ({ member, reply }) => {
    await sessions.end(deps, member.idHash);
    clearSecretCookie(deps.config, reply, 'session');
    clearSecretCookie(deps.config, reply, 'check');
    return null;
  });

  mount(app, deps, 'me', ({ member }) =>
    meOf(deps, { memberId: member.memberId, unlockedUntil: member.unlockedUntil }),
  );
}

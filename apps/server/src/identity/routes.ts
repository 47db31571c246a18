/** The routes of a real-name check. */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { addressSubject, browserHashOf, mount, rateLimit, readSecretCookie, setSecretCookie } from '#platform';
import { confirmCheck, resendCheck, startCheck } from './run-check.ts';

/** The browser's cookie outlives the check and the joining that follows. */
const COOKIE_SECONDS = 3600;

/** Registers startCheck, resendCheck and confirmCheck. */
export function identityRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'startCheck', async ({ body, request, reply }) => {
    await rateLimit(deps, {
      scope: 'start-check',
      subject: addressSubject(deps, request.ip),
      max: deps.config.checksPerAddress,
      windowSeconds: 3600,
    });
    const secret = readSecretCookie(deps.config, request, 'check') ?? deps.ids.bytes(32);
    setSecretCookie(deps.config, reply, 'check', secret, COOKIE_SECONDS);
    const browserHash = browserHashOf(secret);
    secret.fill(0);
    return startCheck(deps, {
      browserHash,
      claim: {
        name: body.name,
        phone: body.phone,
        identityNumber: `${body.birthDate}${body.sexDigit}`,
        carrier: body.carrier,
      },
    });
  });
  mount(app, deps, 'resendCheck', ({ params, browserHash }) =>
    resendCheck(deps, { browserHash, checkId: params.checkId }),
  );
  mount(app, deps, 'confirmCheck', ({ params, body, browserHash }) =>
    confirmCheck(deps, { browserHash, checkId: params.checkId, code: body.code }),
  );
}

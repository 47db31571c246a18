/** The routes of a real-name check. */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { addressSubject, browserHashOf, mount, readSecretCookie, setSecretCookie } from '#platform';
import { confirmCheck, resendCheck, startCheck } from './run-check.ts';

/** The browser's cookie outlives the check and the joining that follows. */
const COOKIE_SECONDS = 3600;

/** Registers startCheck, resendCheck and confirmCheck. */
export function identityRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'startCheck', ({ body, idempotency, request, reply }) => {
    // Who got no answer got no cookie either: the key gives it again, and only to who knows the key.
    const secret =
      readSecretCookie(deps.config, request, 'check') ??
      deps.secrets.hmac('check cookie', Buffer.from(idempotency.key, 'utf8'));
    setSecretCookie(deps.config, reply, 'check', secret, COOKIE_SECONDS);
    const browserHash = browserHashOf(secret);
    secret.fill(0);
    return startCheck(deps, {
      browserHash,
      idempotency,
      address: addressSubject(deps, request.ip),
      claim: {
        name: body.name,
        phone: body.phone,
        identityNumber: `${body.birthDate}${body.sexDigit}`,
        carrier: body.carrier,
      },
    });
  });
  mount(app, deps, 'resendCheck', ({ params, browserHash, idempotency }) =>
    resendCheck(deps, { browserHash, idempotency, checkId: params.checkId }),
  );
  mount(app, deps, 'confirmCheck', ({ params, body, browserHash }) =>
    confirmCheck(deps, { browserHash, checkId: params.checkId, code: body.code }),
  );
}

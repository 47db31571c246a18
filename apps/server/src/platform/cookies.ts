/** The two cookies: the session's and, while somebody joins, the identity check's. Each carries 32 random bytes as hex. */
import { createHash, hkdfSync } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hexToBytes } from '@jigeum/std';
import type { Config } from '#config';

export type CookieKind = 'session' | 'check';

/** Under TLS the `__Host-` prefix binds a cookie to this host and to TLS; plain HTTP (loopback) cannot carry it. */
const names = {
  session: { secure: '__Host-jigeum', plain: 'jigeum' },
  check: { secure: '__Host-jigeum-check', plain: 'jigeum-check' },
} as const;

/** Hex, so that nothing in an answer can hold `0x` by chance. */
const SECRET = /^[0-9a-f]{64}$/;

export const cookieName = (config: Pick<Config, 'isHttps'>, kind: CookieKind): string =>
  config.isHttps ? names[kind].secure : names[kind].plain;

/** The 32 bytes of a cookie, or null where there is none of the right shape. The caller clears them. */
export function readSecretCookie(
  config: Pick<Config, 'isHttps'>,
  request: FastifyRequest,
  kind: CookieKind,
): Uint8Array | null {
  const value = request.cookies[cookieName(config, kind)];
  return value !== undefined && SECRET.test(value) ? hexToBytes(value) : null;
}

/** Sets a cookie: HttpOnly, SameSite=Strict, this host only. */
export function setSecretCookie(
  config: Pick<Config, 'isHttps'>,
  reply: FastifyReply,
  kind: CookieKind,
  secret: Uint8Array,
  maxAgeSeconds: number,
): void {
  void reply.setCookie(cookieName(config, kind), Buffer.from(secret).toString('hex'), {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: config.isHttps,
    maxAge: maxAgeSeconds,
  });
}

/** Removes a cookie from the browser. */
export function clearSecretCookie(config: Pick<Config, 'isHttps'>, reply: FastifyReply, kind: CookieKind): void {
  void reply.clearCookie(cookieName(config, kind), {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: config.isHttps,
  });
}

/** How a session is found: SHA-256 of the cookie's secret, so that the table alone lets nobody in. */
export const sessionIdHash = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update('jigeum session id').update(secret).digest());

/** How an identity check knows its browser. */
export const browserHashOf = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update('jigeum check id').update(secret).digest());

/** What opens `sessions.sealed_key`: 32 bytes that only the cookie gives. Never stored. */
export const unlockKeyOf = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', 'jigeum unlock', 32));

/**
 * Requests from another site are refused. Beside SameSite=Strict: a browser says where a request comes from
 * (`Sec-Fetch-Site`, else `Origin`); where neither is there but one of our cookies is, a header that no form and no
 * plain cross-site request can send is required.
 *
 *   Sec-Fetch-Site     Origin        cookie   →
 *   same-origin        any           any      allowed
 *   anything else      any           any      refused
 *   absent             ours          any      allowed
 *   absent             another       any      refused
 *   absent             absent        yes      allowed only with x-requested-with: jigeum
 *   absent             absent        no       allowed: not a browser's session
 */
import type { FastifyRequest } from 'fastify';
import type { Config } from '#config';
import { AppError } from './app-error.ts';
import { cookieName } from './cookies.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Throws 'cross-site' for an unsafe request that another site may have caused. */
export function refuseCrossSite(config: Pick<Config, 'isHttps' | 'publicUrl'>, request: FastifyRequest): void {
  if (SAFE.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) {
    if (site === 'same-origin') return;
    throw new AppError('cross-site');
  }
  const { origin } = request.headers;
  if (origin !== undefined) {
    if (isOwnOrigin(config, request, origin)) return;
    throw new AppError('cross-site');
  }
  const hasCookie =
    request.cookies[cookieName(config, 'session')] !== undefined ||
    request.cookies[cookieName(config, 'check')] !== undefined;
  if (hasCookie && request.headers['x-requested-with'] !== 'jigeum')
    throw new AppError('cross-site', {
      detail: 'Expected the header x-requested-with: jigeum with a cookie and neither Origin nor Sec-Fetch-Site.',
    });
}

function isOwnOrigin(config: Pick<Config, 'isHttps' | 'publicUrl'>, request: FastifyRequest, origin: string): boolean {
  if (config.publicUrl !== null) {
    const own = new URL(config.publicUrl).origin;
    if (origin === own) return true;
  }
  return !config.isHttps && request.headers.host !== undefined && origin === `http://${request.headers.host}`;
}

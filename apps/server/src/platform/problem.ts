/** Errors become RFC 9457 problem details. What the caller may know is in the code; everything else goes to the log. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { errorCodes, type ErrorCode, type Problem } from '@jigeum/api';
import { AppError, type AppErrorExtras } from './app-error.ts';
import type { PlatformDeps } from './deps.ts';

/** Sends a problem with the code's status, or with `status` where HTTP has a more exact one (413, 415). */
export function sendProblem(
  reply: FastifyReply,
  code: ErrorCode,
  extras: Omit<AppErrorExtras, 'cause'> = {},
  status: number = errorCodes[code].status,
): FastifyReply {
  const problem: Problem = {
    type: `/errors#${code}`,
    title: errorCodes[code].en,
    status,
    code,
    ...(extras.detail === undefined ? {} : { detail: extras.detail }),
    ...(extras.triesLeft === undefined ? {} : { triesLeft: extras.triesLeft }),
    ...(extras.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: extras.retryAfterSeconds }),
    requestId: reply.request.id,
  };
  if (extras.retryAfterSeconds !== undefined) void reply.header('retry-after', extras.retryAfterSeconds);
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

/** The app's error handler. */
export function problemHandler(deps: Pick<PlatformDeps, 'log' | 'metrics'>) {
  const refusals = deps.metrics.counter('refusals_total', 'Answers that refuse, by code.', ['code']);
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const told = toProblem(error);
    refusals.inc({ code: told.code });
    if (told.status >= 500)
      deps.log.error('A request has failed.', {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        code: told.code,
        error,
      });
    return sendProblem(reply, told.code, told.extras, told.status);
  };
}

/**
 * PostgreSQL has no disk, memory or connections left (class 53), is ending or starting (57P), or cannot be reached (class 08, or
 * nobody listens). What was under way is rolled back.
 */
const DATABASE_AWAY = /^(?:53...|57P0.|08...|ECONNREFUSED)$/;

function toProblem(error: Error): { code: ErrorCode; status: number; extras: Omit<AppErrorExtras, 'cause'> } {
  if (error instanceof AppError)
    return { code: error.code, status: errorCodes[error.code].status, extras: error.extras };
  if (error.name === 'ChainUnreachable')
    return {
      code: 'service-busy',
      status: 503,
      extras: { detail: 'The payment network does not answer at this moment.', retryAfterSeconds: 2 },
    };
  if (error.name === 'CommitUnknownError')
    return {
      code: 'internal',
      status: 500,
      extras: {
        detail:
          'It is not known whether this took effect. Ask again with the same Idempotency-Key; nothing happens twice.',
      },
    };
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  // Not `service-busy`: that says that no money has left, and an earlier request of the same key may have been accepted.
  if (typeof code === 'string' && DATABASE_AWAY.test(code))
    return {
      code: 'internal',
      status: 503,
      extras: {
        detail: 'Nothing can be stored at this moment. Ask again with the same Idempotency-Key; nothing happens twice.',
        retryAfterSeconds: 2,
      },
    };
  if (typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' && statusCode < 500)
    return { code: 'request-invalid', status: statusCode, extras: { detail: frameworkDetail(statusCode) } };
  return { code: 'internal', status: 500, extras: {} };
}

function frameworkDetail(status: number): string {
  if (status === 413) return 'The body is larger than this route takes.';
  if (status === 415)
    return 'Expected a body of type application/json, or the secret form where the route has secrets.';
  return 'The request could not be read.';
}

/** The HTTP server: limits, headers, body parsers, error mapping, request metrics. Routes come from the modules. */
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance } from 'fastify';
import { bytesToHex } from '@jigeum/std';
import { AppError } from './app-error.ts';
import type { PlatformDeps } from './deps.ts';
import type { Doors } from './mount.ts';
import { problemHandler, sendProblem } from './problem.ts';
import { acceptSecretForms } from './secret-body.ts';

/** No body of the contract comes near; a memo has 60 characters. */
const BODY_BYTES_MAX = 64 * 1024;

/** Nothing inline, nothing from elsewhere. The try-it page has a policy of its own. */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** Makes the app without routes; `mountWeb` or `mountNoWeb` says what is not found. */
export async function createHttp(
  deps: Pick<PlatformDeps, 'config' | 'ids' | 'log' | 'metrics' | 'clock'>,
  doors: Doors,
): Promise<FastifyInstance> {
  const headers = headersOf(deps.config);
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    genReqId: () => bytesToHex(deps.ids.bytes(8)),
    requestIdHeader: false,
    trustProxy: deps.config.trustProxy.length === 0 ? false : [...deps.config.trustProxy],
    // A body that dribbles in is cut off; a keep-alive connection may outlast a proxy's idle time.
    requestTimeout: 15_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // What still comes over a connection that is in use while the server closes is answered like everything else, and ends it.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 120 },
    // An address that cannot be read reaches no hook and no error handler.
    frameworkErrors: (_error, _request, reply) =>
      void sendProblem(reply.headers(headers), 'request-invalid', { detail: 'The address could not be read.' }),
  }) as FastifyInstance;
  app.decorate('doors', doors);
  app.decorateRequest('rawBody', undefined);
  await app.register(cookie);
  acceptJson(app);
  acceptSecretForms(app);
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  measure(app, deps);
  app.setErrorHandler(problemHandler(deps));
  return app;
}

/** JSON whose exact bytes are kept for signatures. Text and forms are not taken: a browser sends them across sites unasked. */
function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    request.rawBody = bytes;
    if (bytes.length === 0) {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    } catch {
      // The parser's message would quote the body.
      done(new AppError('request-invalid', { detail: 'Expected JSON in UTF-8.' }));
    }
  });
}

function headersOf(config: Pick<PlatformDeps['config'], 'isHttps'>): Record<string, string> {
  return {
    'content-security-policy': CONTENT_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(config.isHttps ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  };
}

function measure(app: FastifyInstance, deps: Pick<PlatformDeps, 'config' | 'log' | 'metrics'>): void {
  const seconds = deps.metrics.histogram('http_request_seconds', 'How long requests take.', [
    'method',
    'route',
    'status',
  ]);
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const isUnsafe = request.method !== 'GET' && request.method !== 'HEAD';
    if (deps.config.logRequests === 'all' || (deps.config.logRequests === 'unsafe' && isUnsafe))
      deps.log.info('request', {
        requestId: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      });
    done();
  });
}

const IDLE_LOOK_MS = 100;

/**
 * Stops listening and waits for the requests that are running. A connection that was busy at that moment would live on
 * for its keep-alive time once it is idle; so idle ones are looked for until all are closed.
 */
export async function closeHttp(app: FastifyInstance): Promise<void> {
  const timer = setInterval(() => app.server.closeIdleConnections(), IDLE_LOOK_MS);
  try {
    await app.close();
  } finally {
    clearInterval(timer);
  }
}

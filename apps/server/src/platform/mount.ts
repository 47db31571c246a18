/** Registers the routes of packages/api: who may call, what comes in, what goes out. Handlers never parse or encode. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  decodeSecretForm,
  routes,
  SECRET_FORM_TYPE,
  SecretFormError,
  type CallOutput,
  type RouteDefinition,
  type RouteName,
  type Routes,
} from '@jigeum/api';
import { AppError } from './app-error.ts';
import { browserHashOf, readSecretCookie } from './cookies.ts';
import { refuseCrossSite } from './cross-site.ts';
import type { PlatformDeps } from './deps.ts';
import { inRequest } from './request-context.ts';
import { SecretBody } from './secret-body.ts';
import { failpoint } from './failpoint.ts';
import { StoredAnswer, type IdempotentCall } from './idempotency.ts';

/** The logged-in member of a request. */
export interface MemberSession {
  /** The member's UUID (`members.id`). */
  memberId: string;
  /** `sessions.id_hash`. */
  idHash: Uint8Array;
  /** 32 bytes derived from the cookie; opens `sealedKey`. Cleared after the request. */
  unlockKey: Uint8Array;
  /** The private key under `unlockKey`, or null where payments are locked. */
  sealedKey: Uint8Array | null;
  unlockedUntil: Date | null;
}

/** Who may come in: given to `createHttp` by the app, because sessions belong to members. */
export interface Doors {
  /** The session of a cookie's secret, or null. `isUse`: it counts as use of the session, which then idles anew. */
  findSession(secret: Uint8Array, isUse: boolean): Promise<MemberSession | null>;
  /** SHA-256 of the operator's bearer token; null where the operator routes are closed. */
  operatorTokenHash: Uint8Array | null;
}

declare module 'fastify' {
  interface FastifyInstance {
    doors: Doors;
  }
  interface FastifyRequest {
    /** The exact bytes of a JSON body. */
    rawBody: Uint8Array | undefined;
  }
}

type Decoded<R extends RouteName, K extends string> = Routes[R] extends {
  readonly [P in K]: infer S extends z.ZodType;
}
  ? z.output<S>
  : undefined;

/** What a handler gets: decoded by the route's schemas (amounts are bigint), and authenticated. */
export interface RouteInput<R extends RouteName> {
  params: Decoded<R, 'params'>;
  query: Decoded<R, 'query'>;
  body: Decoded<R, 'body'>;
  /** Views into the request's body: cleared when the handler has returned. Copy what must live longer, and clear it. */
  secrets: Routes[R] extends { readonly secrets: readonly (infer N extends string)[] }
    ? { [P in N]: Uint8Array }
    : undefined;
  /** Set where the route's `auth` is `member`. */
  member: Routes[R]['auth'] extends 'member' ? MemberSession : undefined;
  /** SHA-256 of the identity-check cookie where the route's `auth` is `check`. */
  browserHash: Routes[R]['auth'] extends 'check' ? Uint8Array : undefined;
  /** The header Idempotency-Key (lowercase UUID) where the route is idempotent. */
  idempotencyKey: Routes[R] extends { readonly isIdempotent: true } ? string : undefined;
  /** What `idempotently` needs: who, which route, which key, which body. */
  idempotency: Routes[R] extends { readonly isIdempotent: true } ? IdempotentCall<R> : undefined;
  /** The exact bytes of a JSON body, for signatures. Undefined where there is none. */
  rawBody: Uint8Array | undefined;
  request: FastifyRequest;
  reply: FastifyReply;
}

export type RouteHandler<R extends RouteName> = (input: RouteInput<R>) => Promise<CallOutput<R> | StoredAnswer>;

/**
 * Registers one route of the contract. The handler returns the decoded answer and the schema encodes it; a
 * `StoredAnswer` is sent as it was stored. Unknown keys of a body or a query are refused: a misspelt field of a payment
 * must not be ignored. Answers are not cached unless the handler sets `cache-control`.
 */
export function mount<R extends RouteName>(
  app: FastifyInstance,
  deps: Pick<PlatformDeps, 'config'>,
  name: R,
  handler: RouteHandler<R>,
): void {
  const route: RouteDefinition = routes[name];
  const readers = {
    params: route.params,
    query: strictly(route.query),
    body: strictly(route.body),
  };
  app.route({
    method: route.method,
    url: route.path,
    config: { name },
    onRequest: async (request) => {
      if (route.auth !== 'operator' && route.auth !== 'bank') refuseCrossSite(deps.config, request);
    },
    handler: async (request, reply) => {
      const form = request.body instanceof SecretBody ? request.body : undefined;
      let member: MemberSession | undefined;
      let output: unknown;
      try {
        const caller = await authenticate(app, deps, route, request);
        member = caller.member;
        const json = form === undefined ? { json: request.body, secrets: [] } : readForm(form, route);
        if ((route.secrets === undefined) !== (form === undefined))
          throw new AppError('request-invalid', {
            detail: `Expected a body of type ${route.secrets === undefined ? 'application/json' : SECRET_FORM_TYPE}.`,
          });
        const key = route.isIdempotent ? readIdempotencyKey(request) : undefined;
        if (route.isIdempotent) await failpoint('F01-parsed');
        const input = {
          params: decode('path', readers.params, request.params),
          query: decode('query', readers.query, request.query),
          body: decode('body', readers.body, json.json),
          secrets:
            route.secrets === undefined
              ? undefined
              : Object.fromEntries(route.secrets.map((secret, index) => [secret, json.secrets[index]])),
          member,
          browserHash: caller.browserHash,
          idempotencyKey: key,
          idempotency:
            key === undefined
              ? undefined
              : { route: name, actor: caller.actor, key, bodyHash: bodyHashOf(request, json.json) },
          rawBody: request.rawBody,
          request,
          reply,
        } as unknown as RouteInput<R>;
        output = await inRequest(request.id, () => handler(input));
      } finally {
        form?.bytes.fill(0);
        member?.unlockKey.fill(0);
      }
      if (route.isIdempotent) await failpoint('F03-before-answer');
      return answer(route, reply, output);
    },
  });
}

interface Caller {
  actor: string;
  member: MemberSession | undefined;
  browserHash: Uint8Array | undefined;
}

async function authenticate(
  app: FastifyInstance,
  deps: Pick<PlatformDeps, 'config'>,
  route: RouteDefinition,
  request: FastifyRequest,
): Promise<Caller> {
  switch (route.auth) {
    case 'public':
    case 'bank':
      return { actor: route.auth, member: undefined, browserHash: undefined };
    case 'operator': {
      checkOperator(app.doors.operatorTokenHash, request.headers.authorization);
      return { actor: 'operator', member: undefined, browserHash: undefined };
    }
    case 'check': {
      const secret = readSecretCookie(deps.config, request, 'check');
      if (secret === null) throw new AppError('identity-not-verified');
      const browserHash = browserHashOf(secret);
      secret.fill(0);
      return { actor: `check:${Buffer.from(browserHash).toString('hex')}`, member: undefined, browserHash };
    }
    case 'member': {
      const member = await memberOf(app, deps, request);
      return { actor: `member:${member.memberId}`, member, browserHash: undefined };
    }
  }
}

/**
 * The member of a request by its session cookie. Throws 'not-logged-in'. The caller clears `unlockKey`. `isUse` false:
 * a browser asks this by itself, so nobody need be there.
 */
export async function memberOf(
  app: FastifyInstance,
  deps: Pick<PlatformDeps, 'config'>,
  request: FastifyRequest,
  isUse = true,
): Promise<MemberSession> {
  const secret = readSecretCookie(deps.config, request, 'session');
  if (secret === null) throw new AppError('not-logged-in');
  try {
    const session = await app.doors.findSession(secret, isUse);
    if (session === null) throw new AppError('not-logged-in');
    return session;
  } finally {
    secret.fill(0);
  }
}

function checkOperator(tokenHash: Uint8Array | null, authorization: string | undefined): void {
  if (tokenHash === null)
    throw new AppError('forbidden', {
      detail: 'The operator routes are closed: no OPERATOR_TOKEN_FILE is configured.',
    });
  const given = createHash('sha256')
    .update(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '')
    .digest();
  if (!timingSafeEqual(given, tokenHash))
    throw new AppError('forbidden', { detail: "Expected the operator's bearer token in the header Authorization." });
}

function readForm(form: SecretBody, route: RouteDefinition): { json: unknown; secrets: Uint8Array[] } {
  try {
    return decodeSecretForm(form.bytes, route.secrets?.length ?? 0);
  } catch (cause) {
    if (cause instanceof SecretFormError) throw new AppError('request-invalid', { detail: cause.message, cause });
    throw cause;
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function readIdempotencyKey(request: FastifyRequest): string {
  const header = request.headers['idempotency-key'];
  if (header === undefined) throw new AppError('idempotency-key-missing');
  const key = (Array.isArray(header) ? (header[0] ?? '') : header).toLowerCase();
  if (!UUID.test(key))
    throw new AppError('request-invalid', { detail: 'Expected a UUID in the header Idempotency-Key.' });
  return key;
}

function bodyHashOf(request: FastifyRequest, json: unknown): Uint8Array {
  const text = `${request.method}\n${request.url}\n${canonicalJson(json)}`;
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** JSON with sorted keys: a client that writes its fields in another order asks for the same thing. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

function strictly(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.strict();
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const options = (schema.options as readonly z.ZodObject[]).map((option) => option.strict());
  return z.discriminatedUnion(schema.def.discriminator, options as [z.ZodObject, ...z.ZodObject[]]);
}

/** PostgreSQL's text cannot hold a NUL. `value` has the shape of a schema, so it is not deep. */
const holdsNul = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.includes('\u0000')
    : typeof value === 'object' && value !== null && Object.values(value).some(holdsNul);

const DETAIL_ISSUES_MAX = 5;

function decode(part: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeDecode(value);
  if (parsed.success && !holdsNul(parsed.data)) return parsed.data;
  if (parsed.success)
    throw new AppError('request-invalid', { detail: `${part}: Expected text without NUL characters.` });
  const issues = parsed.error.issues.slice(0, DETAIL_ISSUES_MAX);
  throw new AppError('request-invalid', {
    detail: issues
      .map((issue) => `${[part, ...issue.path].join('.')}: ${issue.message}`)
      .join(' ')
      .slice(0, 600),
  });
}

function answer(route: RouteDefinition, reply: FastifyReply, output: unknown): FastifyReply {
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  if (output instanceof StoredAnswer) return sendJson(reply, output.status, output.text);
  if (route.status === 204) return reply.code(204).send();
  return sendJson(reply, route.status, JSON.stringify(route.response.encode(output)));
}

const sendJson = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(text);

/** A typed client of the HTTP API for browsers, tools and tests: `client.call('me', {})`. */
import type { z } from 'zod';
import { problemSchema, type Problem } from './problem.ts';
import { routes, type RouteDefinition, type RouteName, type Routes } from './routes.ts';
import { encodeSecretForm, SECRET_FORM_TYPE } from './secret-form.ts';

/** Callers pass what the schema decodes to (bigint amounts, every field); the client encodes. */
type Part<R extends RouteName, K extends string> = Routes[R] extends { readonly [P in K]: infer S extends z.ZodType }
  ? { [P in K]: z.output<S> }
  : unknown;

export type CallInput<R extends RouteName> = Part<R, 'params'> &
  (Routes[R] extends { readonly query: infer Q extends z.ZodType } ? { query?: Partial<z.output<Q>> } : unknown) &
  Part<R, 'body'> &
  (Routes[R] extends { readonly secrets: readonly (infer N extends string)[] }
    ? { secrets: { [P in N]: Uint8Array } }
    : unknown) &
  (Routes[R] extends { readonly isIdempotent: true } ? { idempotencyKey: string } : unknown) & { signal?: AbortSignal };

export type CallOutput<R extends RouteName> = z.output<Routes[R]['response']>;

/** The server refused: `problem.code` says why. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail ?? problem.title}`);
    this.problem = problem;
  }
}

/** No usable answer came: the request may or may not have had its effect. Ask again with the same idempotency key. */
export class ApiUnknown extends Error {
  override readonly name = 'ApiUnknown';
}

export interface ApiClientOptions {
  /** For example https://pay.example; empty in a browser. */
  baseUrl: string;
  fetch?: typeof fetch;
  /** Extra headers for each request (an operator's bearer token, a test's cookie). */
  headers?: () => Record<string, string>;
  /** Waits at most this long for an answer, in milliseconds. */
  timeoutMs?: number;
}

export interface ApiClient {
  call<R extends RouteName>(name: R, input: CallInput<R>): Promise<CallOutput<R>>;
}

const TIMEOUT_MS = 15_000;

/** Makes a client. `call` throws `ApiProblem` on a refusal and `ApiUnknown` where no answer came. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  return {
    async call(name, input) {
      const route: RouteDefinition = routes[name];
      const given = input as {
        params?: Record<string, unknown>;
        query?: Record<string, unknown>;
        body?: unknown;
        secrets?: Record<string, Uint8Array>;
        idempotencyKey?: string;
        signal?: AbortSignal;
      };
      const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_, key: string) =>
        encodeURIComponent(asText(given.params?.[key])),
      );
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(given.query ?? {}))
        if (value !== undefined) query.set(key, asText(value));
      const headers: Record<string, string> = {
        accept: 'application/json',
        'x-requested-with': 'jigeum',
        ...options.headers?.(),
      };
      if (given.idempotencyKey !== undefined) headers['idempotency-key'] = given.idempotencyKey;
      let body: Uint8Array<ArrayBuffer> | string | undefined;
      if (route.body !== undefined) {
        const json = route.body.encode(given.body);
        if (route.secrets === undefined) {
          headers['content-type'] = 'application/json';
          body = JSON.stringify(json);
        } else {
          headers['content-type'] = SECRET_FORM_TYPE;
          body = encodeSecretForm(
            json,
            route.secrets.map((secret) => given.secrets![secret]!),
          ) as Uint8Array<ArrayBuffer>;
        }
      }
      const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
      let response: Response;
      let text: string;
      try {
        response = await send(`${options.baseUrl}${path}${query.size > 0 ? `?${query.toString()}` : ''}`, {
          method: route.method,
          headers,
          credentials: 'same-origin',
          signal: given.signal === undefined ? timeout : AbortSignal.any([timeout, given.signal]),
          ...(body === undefined ? {} : { body }),
        });
        text = await response.text();
      } catch (cause) {
        throw new ApiUnknown(`No answer from ${route.method} ${path}.`, { cause });
      } finally {
        if (body instanceof Uint8Array) body.fill(0);
      }
      return readAnswer(route, response.status, text) as never;
    },
  };
}

/** A path or query value as text; numbers and texts are all that there are. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function readAnswer(route: RouteDefinition, status: number, text: string): unknown {
  if (status === 204) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ApiUnknown(
      `Expected JSON from ${route.method} ${route.path}, got status ${status} with ${text.length} characters that are not.`,
      { cause },
    );
  }
  if (status >= 400) {
    const problem = problemSchema.safeParse(json);
    if (!problem.success)
      throw new ApiUnknown(`Expected problem details from ${route.method} ${route.path} with status ${status}.`);
    throw new ApiProblem(problem.data);
  }
  const parsed = route.response.safeDecode(json);
  if (!parsed.success)
    throw new ApiUnknown(`Expected the documented answer from ${route.method} ${route.path}: ${parsed.error.message}`);
  return parsed.data;
}

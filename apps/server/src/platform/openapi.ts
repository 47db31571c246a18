/** OpenAPI 3.1 from the routes of packages/api, served at /openapi.json with a page to try it at /docs. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { errorCodes, problemSchema, routes, SECRET_FORM_TYPE, type RouteDefinition } from '@jigeum/api';

type Json = Record<string, unknown>;

/** What each door of the contract is called in OpenAPI. */
const securityOf: Record<RouteDefinition['auth'], Json[]> = {
  public: [],
  check: [{ checkCookie: [] }],
  member: [{ sessionCookie: [] }],
  operator: [{ operatorToken: [] }],
  bank: [{ bankSignature: [] }],
};

/** The OpenAPI document. Pure. */
export function openApiDocument(options: { isHttps: boolean }): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes) as [string, RouteDefinition][]) {
    const path = route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(name, route);
  }
  paths['/v1/events'] = { get: eventsOperation };
  const prefix = options.isHttps ? '__Host-' : '';
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jigeum',
      version: '1',
      description:
        'Payments between people. Amounts are decimal strings of base units. A request without an answer is unknown, not failed: repeat it with the same Idempotency-Key.',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema) },
      securitySchemes: {
        sessionCookie: { type: 'apiKey', in: 'cookie', name: `${prefix}jigeum` },
        checkCookie: { type: 'apiKey', in: 'cookie', name: `${prefix}jigeum-check` },
        operatorToken: { type: 'http', scheme: 'bearer' },
        bankSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'x-bank-signature',
          description: '`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>`.',
        },
      },
    },
  };
}

function operationOf(name: string, route: RouteDefinition): Json {
  const response: Json = { description: 'Done.' };
  if (route.status !== 204) response['content'] = { 'application/json': { schema: schemaOf(route.response) } };
  const body = route.body === undefined ? undefined : bodyOf(route, schemaOf(route.body));
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[2]],
    security: securityOf[route.auth],
    parameters: [
      ...parametersOf('path', route.params),
      ...parametersOf('query', route.query),
      ...(route.isIdempotent
        ? [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: true,
              description:
                'A UUID that the client makes and stores before it sends. The same key never has a second effect.',
              schema: { type: 'string', format: 'uuid' },
            },
          ]
        : []),
    ],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      [route.status]: response,
      default: {
        description: `Refused. Codes: ${Object.keys(errorCodes).join(', ')}.`,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function bodyOf(route: RouteDefinition, schema: Json): Json {
  if (route.secrets === undefined) return { required: true, content: { 'application/json': { schema } } };
  return {
    required: true,
    description: `A secret form: u32 length of the JSON, the JSON below in UTF-8, then for each of ${route.secrets.join(
      ', ',
    )}: u16 length and its bytes. Big-endian, nothing follows. Secrets are bytes so that the server can clear them.`,
    content: { [SECRET_FORM_TYPE]: { schema: { type: 'string', format: 'binary', 'x-json-part': schema } } },
  };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  const whole = schemaOf(schema) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(whole.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (whole.required ?? []).includes(name),
    schema: property,
  }));
}

const eventsOperation: Json = {
  operationId: 'events',
  summary: 'Live events of the logged-in member (server-sent). Resumes after the id in Last-Event-ID.',
  tags: ['events'],
  security: securityOf.member,
  parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
  responses: { 200: { description: 'A stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
};

/** The schema of what travels: the encoded side of every codec. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
}

/** The try-it page brings inline styles; nothing else of the policy gives way, and only below /docs. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Registers /openapi.json and /docs. */
export async function mountOpenApi(app: FastifyInstance, options: { isHttps: boolean }): Promise<void> {
  const document = openApiDocument(options);
  const text = JSON.stringify(document);
  app.get('/openapi.json', async (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-cache').send(text),
  );
  await app.register(async (docs) => {
    docs.addHook('onRequest', async (_request, reply) => {
      void reply.header('content-security-policy', DOCS_POLICY);
    });
    await docs.register(swagger, { mode: 'static', specification: { document: document as never } });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { layout: 'BaseLayout', docExpansion: 'none', tryItOutEnabled: true, withCredentials: true },
      theme: { title: 'Jigeum API' },
    });
  });
}

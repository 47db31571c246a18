import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { fakeClock, seededIds } from '@jigeum/std';
import { createHttp } from './http.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { mountOpenApi } from './openapi.ts';
import { mountWeb } from './static-web.ts';
import { testConfig } from './testing.ts';

let dir: string;
let app: FastifyInstance;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'jigeum-web-'));
  mkdirSync(join(dir, 'assets'));
  writeFileSync(join(dir, 'index.html'), 'the app');
  writeFileSync(join(dir, 'scan.html'), 'the scanner');
  writeFileSync(join(dir, 'sw.js'), 'worker');
  writeFileSync(join(dir, '.secret'), 'hidden');
  writeFileSync(join(dir, 'assets', 'main-Ab3dEf9h.js'), 'code');
  for (const name of ['assets/main-Ab3dEf9h.js', 'index.html']) {
    const bytes = readFileSync(join(dir, name));
    writeFileSync(join(dir, `${name}.br`), brotliCompressSync(bytes));
    writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes));
  }
  const deps = {
    config: testConfig(),
    ids: seededIds('web'),
    clock: fakeClock(),
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
  };
  app = await createHttp(deps, { findSession: async () => null, operatorTokenHash: null });
  await mountOpenApi(app, { isHttps: false });
  await mountWeb(app, dir);
});
afterAll(async () => {
  await app.close();
  rmSync(dir, { recursive: true });
});

const get = (url: string) => app.inject({ url });

test.each([
  ['/', 'the app'],
  ['/send/done', 'the app'],
  ['/scanner', 'the app'],
  ['/scan', 'the scanner'],
  ['/scan/transactions/0xab', 'the scanner'],
  ['/scan?q=1', 'the scanner'],
])('%s shows %s and is asked for anew each time', async (url, body) => {
  const response = await get(url);
  expect(response.statusCode).toBe(200);
  expect(response.body).toBe(body);
  expect(response.headers['cache-control']).toBe('no-cache');
  expect(response.headers['content-security-policy']).toContain("script-src 'self'");
});

test('a file whose name carries its hash is kept for ever, the service worker is not', async () => {
  expect((await get('/assets/main-Ab3dEf9h.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await get('/sw.js')).headers['cache-control']).toBe('no-cache');
});

test.each([
  ['/assets/main-Ab3dEf9h.js', 'code', 'application/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['/', 'the app', 'text/html; charset=utf-8', 'no-cache'],
  ['/send/done', 'the app', 'text/html; charset=utf-8', 'no-cache'],
])('%s is sent compressed to whoever takes it, as what it is', async (url, text, type, caching) => {
  for (const [encoding, open] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const response = await app.inject({ url, headers: { 'accept-encoding': encoding } });
    expect(response.headers).toMatchObject({
      ...{ 'content-encoding': encoding, 'content-type': type, 'cache-control': caching, vary: 'accept-encoding' },
    });
    expect(open(response.rawPayload).toString()).toBe(text);
  }
  const plain = await app.inject({ url, headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.body).toBe(text);
});

test.each(['/v1/nothing', '/v1', '/assets/gone-Ab3dEf9h.js', '/favicon.ico', '/.secret', '/..%2f..%2fetc%2fpasswd'])(
  '%s is not the app',
  async (url) => {
    const response = await get(url);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.body).not.toContain('the app');
    expect(response.body).not.toContain('hidden');
  },
);

test('an unsafe request to a page is not found', async () => {
  expect((await app.inject({ method: 'DELETE', url: '/send' })).statusCode).toBe(404);
});

describe('OpenAPI', () => {
  test('describes every route with its door, its problems and its idempotency key', async () => {
    const { routes } = await import('@jigeum/api');
    const document = (await get('/openapi.json')).json() as {
      paths: Record<
        string,
        Record<string, { operationId: string; parameters: { name: string }[]; security: object[] }>
      >;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(new Set(operations.map((operation) => operation.operationId))).toEqual(
      new Set([...Object.keys(routes), 'events']),
    );
    const transfer = document.paths['/v1/transfers']!['post']!;
    expect(transfer.parameters.map((parameter) => parameter.name)).toEqual(['Idempotency-Key']);
    expect(transfer.security).toEqual([{ sessionCookie: [] }]);
  });

  test('has a page to try it, whose looser policy ends with it', async () => {
    const page = await get('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("style-src 'self' 'unsafe-inline'");
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    expect(page.body).not.toMatch(/<script(?![^>]*src=)/);
    expect((await get('/')).headers['content-security-policy']).not.toContain('unsafe-inline');
  });
});

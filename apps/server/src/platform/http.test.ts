import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { encodeSecretForm, SECRET_FORM_TYPE } from '@jigeum/api';
import { fakeClock, seededIds } from '@jigeum/std';
import type { Config } from '#config';
import { AppError } from './app-error.ts';
import { createHttp } from './http.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { mount, type MemberSession } from './mount.ts';
import { mountNoWeb } from './static-web.ts';
import { testConfig } from './testing.ts';

const TOKEN = 'operator-token-of-a-test';
const SECRET = 'ab'.repeat(32);
const KEY = '018f0000-0000-7000-8000-000000000001';

let app: FastifyInstance;
let logged: string;
let sessions: MemberSession[];

async function start(config: Partial<Config> = {}): Promise<void> {
  const deps = {
    config: { ...testConfig(), ...config },
    ids: seededIds('http'),
    clock: fakeClock(),
    log: createLog({ level: 'debug', destination: { write: (line: string) => void (logged += line) } }),
    metrics: createMetrics(),
  };
  app = await createHttp(deps, {
    async findSession(secret) {
      if (Buffer.from(secret).toString('hex') !== SECRET) return null;
      const session = {
        memberId: 'member-1',
        idHash: new Uint8Array(32),
        unlockKey: new Uint8Array(32).fill(9),
        sealedKey: null,
        unlockedUntil: null,
      };
      sessions.push(session);
      return session;
    },
    operatorTokenHash: new Uint8Array(createHash('sha256').update(TOKEN).digest()),
  });
  mountNoWeb(app);
  const charge = {
    chargeId: KEY,
    state: 'waiting' as const,
    token: { symbol: 'EST', name: 'e', decimals: 18, wonPerToken: '1', isPaused: false },
    amount: 2n ** 255n,
    bank: { bankName: 'a', accountNumber: 'b', holderName: 'c' },
    depositCode: 'd',
    requestedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-02T00:00:00.000Z',
    doneAt: null,
    isSimulation: true,
  };
  mount(app, deps, 'requestCharge', async ({ body, member, idempotencyKey }) => {
    expect(member.memberId).toBe('member-1');
    return { ...charge, chargeId: idempotencyKey, amountWon: body.amountWon };
  });
  mount(app, deps, 'logout', async () => null);
  mount(app, deps, 'resolvePayee', async () => {
    throw new AppError('payee-not-found');
  });
  mount(app, deps, 'operatorShowToken', async () => {
    throw failure;
  });
  mount(app, deps, 'login', async ({ body, secrets }) => {
    seen = secrets.passphrase;
    seenText = Buffer.from(secrets.passphrase).toString();
    throw new AppError('login-refused', { triesLeft: 3, detail: body.memberId });
  });
}

let failure: Error & { code?: string };
let seen: Uint8Array | undefined;
let seenText: string | undefined;

beforeEach(() => {
  logged = '';
  sessions = [];
  failure = new Error('secret words in a foreign error');
  seen = undefined;
});
afterEach(() => app.close());

const cookie = { cookie: `jigeum=${SECRET}` };
const sameSite = { 'sec-fetch-site': 'same-origin' };
const json = { 'content-type': 'application/json' };

const requestCharge = (payload: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/v1/charges',
    headers: { ...json, ...cookie, ...sameSite, 'idempotency-key': KEY, ...headers },
    payload: JSON.stringify(payload),
  });

describe('a mounted route', () => {
  test('decodes amounts to bigint and encodes them back as decimal text', async () => {
    await start();
    const response = await requestCharge({ amountWon: '50000', token: 'EST' });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ chargeId: KEY, amountWon: '50000', amount: (2n ** 255n).toString() });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('refuses text with a NUL, which the database cannot hold, wherever it comes in', async () => {
    await start();
    expect((await requestCharge({ amountWon: '5', token: 'E\u0000' })).json()).toMatchObject({
      status: 400,
      code: 'request-invalid',
      detail: 'body: Expected text without NUL characters.',
    });
    const operator = { authorization: `Bearer ${TOKEN}` };
    const inPath = await app.inject({ url: '/v1/operator/tokens/E%00', headers: operator });
    expect(inPath.json()).toMatchObject({ status: 400, detail: 'path: Expected text without NUL characters.' });
  });

  test('refuses a field that the contract does not know, also in one of several shapes', async () => {
    await start();
    const response = await app.inject({
      method: 'POST',
      url: '/v1/payees/resolve',
      headers: { ...json, ...cookie, ...sameSite },
      payload: JSON.stringify({ by: 'member-id', value: 'duri', phone: '01012345678' }),
    });
    expect(response.json()).toMatchObject({ status: 400, detail: expect.stringContaining('phone') });
  });

  test('refuses a field that the contract does not know', async () => {
    await start();
    const response = await requestCharge({ amountWon: '50000', tokn: 'EST' });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'request-invalid', detail: expect.stringContaining('tokn') });
  });

  test.each([['"50000.0"'], ['50000'], ['"-1"'], ['"05"'], ['1e5'], ['null']])(
    'refuses the amount %s',
    async (text) => {
      await start();
      const response = await app.inject({
        method: 'POST',
        url: '/v1/charges',
        headers: { ...json, ...cookie, ...sameSite, 'idempotency-key': KEY },
        payload: `{"amountWon":${text}}`,
      });
      expect(response.json()).toMatchObject({ code: 'request-invalid', status: 400 });
    },
  );

  test('refuses a request without a key, and with one that is not a UUID', async () => {
    await start();
    expect((await requestCharge({ amountWon: '1' }, { 'idempotency-key': 'once' })).json().code).toBe(
      'request-invalid',
    );
    const { 'idempotency-key': _key, ...headers } = { ...json, ...cookie, ...sameSite, 'idempotency-key': KEY };
    const response = await app.inject({ method: 'POST', url: '/v1/charges', headers, payload: '{"amountWon":"1"}' });
    expect(response.json().code).toBe('idempotency-key-missing');
  });

  test('lets nobody in without a session, and clears the unlock key after use', async () => {
    await start();
    expect((await requestCharge({ amountWon: '1' }, { cookie: `jigeum=${'cd'.repeat(32)}` })).statusCode).toBe(401);
    expect((await requestCharge({ amountWon: '1' }, { cookie: 'jigeum=short' })).json().code).toBe('not-logged-in');
    await requestCharge({ amountWon: '1' });
    expect(sessions).toHaveLength(1);
    expect(sessions[0]!.unlockKey).toEqual(new Uint8Array(32));
  });

  test.each([undefined, 'Bearer wrong', TOKEN, 'Bearer '])('lets no operator in with %s', async (authorization) => {
    await start();
    const headers = authorization === undefined ? {} : { authorization };
    const response = await app.inject({ url: '/v1/operator/tokens/EST', headers });
    expect(response.json()).toMatchObject({ code: 'forbidden', status: 403 });
  });

  test('answers an unexpected error with a number to ask for and nothing else', async () => {
    await start();
    const response = await app.inject({
      url: '/v1/operator/tokens/EST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(response.statusCode).toBe(500);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toEqual({
      type: '/errors#internal',
      title: 'Something went wrong on our side. We are checking.',
      status: 500,
      code: 'internal',
      requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(logged).toContain(response.json().requestId);
    expect(response.body + logged).not.toContain('secret words');
  });
});

describe('a database that', () => {
  test.each([
    { is: 'has a full disk', code: '53100' },
    { is: 'is being stopped', code: '57P01' },
    { is: 'is starting', code: '57P03' },
    { is: 'nobody listens for', code: 'ECONNREFUSED' },
    { is: 'has no connection to give in time', code: '08001' },
  ])('$is makes the answer "later", which claims nothing about money', async ({ code }) => {
    failure.code = code;
    await start();
    const response = await app.inject({
      url: '/v1/operator/tokens/EST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect({ status: response.statusCode, retryAfter: response.headers['retry-after'] }).toEqual({
      status: 503,
      retryAfter: '2',
    });
    expect(response.json()).toMatchObject({
      code: 'internal',
      detail: 'Nothing can be stored at this moment. Ask again with the same Idempotency-Key; nothing happens twice.',
    });
    expect(response.body + logged).not.toContain('secret words');
  });

  test('breaks a rule of the tables is our mistake, not a reason to ask again', async () => {
    failure.code = '23505';
    await start();
    const response = await app.inject({
      url: '/v1/operator/tokens/EST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(response.statusCode).toBe(500);
  });
});

describe('a secret form', () => {
  const form = () => Buffer.from(encodeSecretForm({ memberId: 'hana' }, [Buffer.from('correct horse')]));
  const post = (payload: Buffer | string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: { 'content-type': SECRET_FORM_TYPE, ...headers },
      payload,
    });

  test('reaches the handler as bytes that are cleared when it has ended, even by an error', async () => {
    await start();
    const response = await post(form());
    expect(response.json()).toMatchObject({ code: 'login-refused', triesLeft: 3 });
    expect(seenText).toBe('correct horse');
    expect(seen).toEqual(new Uint8Array(13));
  });

  test('is the only form in which a secret is taken', async () => {
    await start();
    const response = await app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: json,
      payload: { memberId: 'hana', passphrase: 'correct horse' },
    });
    expect(response.statusCode).toBe(400);
    expect(seen).toBeUndefined();
    expect(response.body + logged).not.toContain('correct horse');
  });

  test('is refused where it is cut off, too long or followed by something', async () => {
    await start();
    for (const broken of [form().subarray(0, -1), Buffer.concat([form(), Buffer.of(0)]), Buffer.of(1), Buffer.alloc(0)])
      expect((await post(broken)).statusCode).toBe(400);
    expect((await post(Buffer.alloc(9000))).statusCode).toBe(400);
    expect(seen).toBeUndefined();
  });
});

describe('a request from another site', () => {
  const logout = (headers: Record<string, string>) =>
    app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers });

  test.each([
    ['says so', { ...cookie, 'sec-fetch-site': 'cross-site' }, 403],
    ['comes from a sibling host', { ...cookie, 'sec-fetch-site': 'same-site' }, 403],
    ['claims to be typed in', { ...cookie, 'sec-fetch-site': 'none' }, 403],
    ['has another origin', { ...cookie, origin: 'https://evil.example' }, 403],
    ['has a null origin', { ...cookie, origin: 'null' }, 403],
    ['has a cookie and says nothing', cookie, 403],
    ['says nothing but has our header', { ...cookie, 'x-requested-with': 'jigeum' }, 204],
    ['is from our own pages', { ...cookie, ...sameSite }, 204],
    ['has our own origin', { ...cookie, origin: 'http://localhost:80', host: 'localhost:80' }, 204],
    [
      'has our header but another origin',
      { ...cookie, origin: 'https://evil.example', 'x-requested-with': 'jigeum' },
      403,
    ],
  ])('that %s', async (_name, headers, status) => {
    await start();
    expect((await logout(headers as Record<string, string>)).statusCode).toBe(status);
  });

  test('is judged by the public address under TLS', async () => {
    await start({ isHttps: true, publicUrl: 'https://pay.example' });
    const secure = { cookie: `__Host-jigeum=${SECRET}` };
    expect((await logout({ ...secure, origin: 'https://pay.example' })).statusCode).toBe(204);
    expect((await logout({ ...secure, origin: 'http://pay.example', host: 'pay.example' })).statusCode).toBe(403);
    // The plain cookie name is worth nothing there.
    expect((await logout({ ...cookie, ...sameSite })).statusCode).toBe(401);
  });
});

describe('every answer', () => {
  test('forbids inline scripts, frames and sniffing', async () => {
    await start();
    const { headers } = await app.inject({ url: '/nowhere' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  test('are there too where the address cannot be read', async () => {
    await start();
    const response = await app.inject({ url: '/v1/transfers/%zz<b>' });
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
    expect(response.json()).toMatchObject({ status: 400, code: 'request-invalid' });
    expect(response.body).not.toContain('%zz');
  });

  test('asks for TLS for two years where the server is reached by it', async () => {
    await start({ isHttps: true, publicUrl: 'https://pay.example' });
    const { headers } = await app.inject({ url: '/nowhere' });
    expect(headers['strict-transport-security']).toContain('max-age=63072000');
  });

  test('to a body that is too large or of another type is a refusal', async () => {
    await start();
    expect((await requestCharge({ amountWon: '1', token: 'x'.repeat(70_000) })).statusCode).toBe(413);
    expect((await requestCharge('', { 'content-type': 'text/plain' })).statusCode).toBe(415);
  });
});

describe('the address of the caller', () => {
  const addressSeen = async (trustProxy: string[]) => {
    await start({ trustProxy });
    app.get('/address', (request, reply) => reply.send(request.ip));
    const headers = { 'x-forwarded-for': '198.51.100.7, 203.0.113.9' };
    return (await app.inject({ url: '/address', headers, remoteAddress: '10.0.0.1' })).body;
  };

  test('is the connection’s own, whatever a header claims', async () => {
    expect(await addressSeen([])).toBe('10.0.0.1');
    expect(await addressSeen(['10.9.0.0/16'])).toBe('10.0.0.1');
  });

  test('is the last one that a trusted proxy has added', async () => {
    expect(await addressSeen(['10.0.0.0/16'])).toBe('203.0.113.9');
  });
});

describe('the request log', () => {
  const get = () => app.inject({ url: '/nowhere?phone=01012345678' });

  test('has no line for reads unless it is told to', async () => {
    await start({ logRequests: 'unsafe' });
    await get();
    expect(logged).toBe('');
    await requestCharge({ amountWon: '1' });
    expect(logged).toContain('/v1/charges');
  });

  test('names the route, never the address that was asked for', async () => {
    await start({ logRequests: 'all' });
    await get();
    expect(logged).toContain('"status":404');
    expect(logged).not.toContain('01012345678');
  });
});

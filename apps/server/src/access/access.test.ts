import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { FastifyInstance } from 'fastify';
import { encodeSecretForm, SECRET_FORM_TYPE } from '@jigeum/api';
import type { Deps } from '#deps';
import { sessions } from '#members';
import { browserHashOf, openWith, sessionIdHash, unlockKeyOf, type MemberSession } from '#platform';
import { auditOf, createTestDeps, withoutAuditLog } from '#testing';
import { withSessionSigner } from '#wallets';
import { createHttp } from '../platform/http.ts';
import { sweepRateCounts } from '../platform/rate-limit.ts';
import { mountNoWeb } from '../platform/static-web.ts';
import { accessRoutes } from './index.ts';

const PASSPHRASE = 'spring river 2026';
const PIN = '180519';
const bytes = (text: string) => new TextEncoder().encode(text);

let base: Awaited<ReturnType<typeof createTestDeps>>;
let deps: Deps;
let app: FastifyInstance;
let keystoreDir: string;
let count = 0;

beforeAll(async () => {
  keystoreDir = mkdtempSync(joinPath(tmpdir(), 'jigeum-access-'));
  base = await createTestDeps({ config: { keystoreDir } });
  // Joining asks the chain for its number only; the rest of it is not there.
  deps = { ...base, chain: { chainId: 7 } } as unknown as Deps;
  app = await createHttp(deps, {
    findSession: (secret) => sessions.find(deps, { idHash: sessionIdHash(secret), unlockKey: unlockKeyOf(secret) }),
    operatorTokenHash: null,
  });
  mountNoWeb(app);
  accessRoutes(app, deps);
});
afterAll(async () => {
  await app.close();
  await base.database.drop();
  rmSync(keystoreDir, { recursive: true });
});

let person: { memberId: string; checkId: string; checkCookie: string };
beforeEach(async () => {
  person = await verifiedPerson();
});

/** A browser that has verified somebody. */
async function verifiedPerson(ci = `ci ${++count}`): Promise<typeof person> {
  const secret = deps.ids.bytes(32);
  const checkId = deps.ids.uuid(deps.clock.nowMs());
  const now = new Date(deps.clock.nowMs());
  await deps.db
    .insertInto('identity_checks')
    .values({
      id: checkId,
      browser_hash: browserHashOf(secret),
      state: 'verified',
      provider: 'simulator',
      provider_ref: checkId,
      carrier: 'SKT',
      phone_hmac: deps.secrets.hmac('phone', bytes(`0104444${String(++count).padStart(4, '0')}`)),
      phone_masked: '010-****-4444',
      name_masked: '홍*동',
      ci_hmac: deps.secrets.hmac('ci', bytes(ci)),
      created_at: now,
      expires_at: now,
      resend_after: now,
      verified_at: now,
    })
    .execute();
  return { memberId: `person${count}`, checkId, checkCookie: `jigeum-check=${Buffer.from(secret).toString('hex')}` };
}

type SealedSession = MemberSession & { sealedKey: Uint8Array };

interface Given {
  key?: string;
  passphrase?: string;
  pin?: string;
  memberId?: string;
}

const post = (url: string, body: object, secrets: string[], headers: Record<string, string>) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': SECRET_FORM_TYPE, 'sec-fetch-site': 'same-origin', ...headers },
    payload: Buffer.from(encodeSecretForm(body, secrets.map(bytes))),
  });

const join = (given: Given = {}, who = person) =>
  post(
    '/v1/members',
    { checkId: who.checkId, memberId: given.memberId ?? who.memberId },
    [given.passphrase ?? PASSPHRASE, given.pin ?? PIN],
    { cookie: who.checkCookie, 'idempotency-key': given.key ?? newKey() },
  );
const login = (passphrase = PASSPHRASE, memberId = person.memberId) =>
  post('/v1/sessions', { memberId }, [passphrase], {});
const me = (cookie: string) => app.inject({ url: '/v1/me', headers: { cookie } });
const newKey = () => deps.ids.uuid(deps.clock.nowMs());
const cookieOf = (response: { cookies: { name: string; value: string }[] }) => {
  const found = response.cookies.find((cookie) => cookie.name === 'jigeum');
  return found === undefined ? '' : `jigeum=${found.value}`;
};
const membersCount = async () => {
  const row = await deps.db
    .selectFrom('members')
    .select((select) => select.fn.countAll<bigint>().as('count'))
    .where('member_id', 'like', `${person.memberId}%`)
    .executeTakeFirstOrThrow();
  return row.count;
};

describe('joining', () => {
  test('makes a member with a wallet, logs in and unlocks', async () => {
    const response = await join();
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({
      memberId: person.memberId,
      maskedName: '홍*동',
      wallet: { state: 'preparing' },
      session: { isUnlocked: true },
      isSimulation: true,
    });
    expect(response.body).not.toMatch(/0x/i);
    expect(response.cookies.find((cookie) => cookie.name === 'jigeum')).toMatchObject({
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      value: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await me(cookieOf(response))).json()).toMatchObject({ memberId: person.memberId });
    expect(base.woken).toContain('register-wallets');
  });

  test('happens once for twenty twins, and each of their cookies is logged in', async () => {
    const key = newKey();
    const responses = await Promise.all(Array.from({ length: 20 }, () => join({ key })));
    expect(new Set(responses.map((response) => response.body)).size).toBe(1);
    expect(responses.every((response) => response.statusCode === 201)).toBe(true);
    expect(await membersCount()).toBe(1n);
    const states = await Promise.all(responses.map(async (response) => (await me(cookieOf(response))).json()));
    expect(states.filter((state) => state.session.isUnlocked === true)).toHaveLength(1);
    expect(states.every((state) => state.memberId === person.memberId)).toBe(true);
  });

  test('needs the browser that has verified, and its check only once', async () => {
    const other = { ...person, checkCookie: (await verifiedPerson()).checkCookie };
    expect((await join({}, other)).json()).toMatchObject({ code: 'identity-not-verified' });
    expect((await join()).statusCode).toBe(201);
    expect((await join({ memberId: `${person.memberId}x` })).json()).toMatchObject({ code: 'identity-not-verified' });
    expect(await membersCount()).toBe(1n);
  });

  test('is refused to one person a second time, even with another phone', async () => {
    const first = await verifiedPerson('ci of one person');
    const second = await verifiedPerson('ci of one person');
    expect((await join({}, first)).statusCode).toBe(201);
    expect((await join({}, second)).json()).toMatchObject({ code: 'already-a-member', status: 409 });
  });

  test('gives an ID to one of two who ask at once', async () => {
    const other = await verifiedPerson();
    const responses = await Promise.all([join(), join({ memberId: person.memberId }, other)]);
    expect(responses.map((response) => response.statusCode).sort()).toEqual([201, 409]);
    expect(responses.find((response) => response.statusCode === 409)!.json().code).toBe('member-id-taken');
  });

  test.each([
    [{ passphrase: 'password' }, 'passphrase-weak'],
    [{ passphrase: 'short' }, 'passphrase-weak'],
    [{ pin: '123456' }, 'pin-weak'],
    [{ pin: '12345' }, 'pin-weak'],
  ])('with %o is refused and leaves the check usable', async (given, code) => {
    const response = await join(given);
    expect(response.json()).toMatchObject({ code });
    expect(response.body).not.toContain(Object.values(given)[0]);
    expect((await join()).statusCode).toBe(201);
  });

  test('that fails in its transaction leaves no member, and the check usable', async () => {
    const key = newKey();
    const broken = { ...deps, chain: {} } as unknown as Deps;
    const app2 = await createHttp(broken, { findSession: async () => null, operatorTokenHash: null });
    mountNoWeb(app2);
    accessRoutes(app2, broken);
    const response = await app2.inject({
      method: 'POST',
      url: '/v1/members',
      headers: {
        'content-type': SECRET_FORM_TYPE,
        cookie: person.checkCookie,
        'idempotency-key': key,
        'sec-fetch-site': 'same-origin',
      },
      payload: Buffer.from(
        encodeSecretForm({ checkId: person.checkId, memberId: person.memberId }, [bytes(PASSPHRASE), bytes(PIN)]),
      ),
    });
    await app2.close();
    expect(response.statusCode).toBe(500);
    expect(await membersCount()).toBe(0n);
    expect((await join({ key })).statusCode).toBe(201);
  });
});

describe('logging in', () => {
  test('opens the key for the session, and the server cannot open it without the cookie', async () => {
    await join();
    const response = await login();
    expect(response.statusCode).toBe(201);
    const secret = Buffer.from(cookieOf(response).slice('jigeum='.length), 'hex');
    const keys = { idHash: sessionIdHash(secret), unlockKey: unlockKeyOf(secret) };
    const session = await sessions.find(deps, keys);
    const sign = (unlockKey: Uint8Array) =>
      withSessionSigner({ ...(session as SealedSession), unlockKey }, async (signer) =>
        signer.sign(new Uint8Array(32)),
      );
    expect((await sign(keys.unlockKey)).r).toHaveLength(32);
    await expect(sign(new Uint8Array(32))).rejects.toMatchObject({ code: 'wallet-locked' });
  });

  test('stops after five wrong passphrases, counted before they are looked at', async () => {
    await join();
    const results = await Promise.all(Array.from({ length: 50 }, () => login('wrong passphrase')));
    const codes = results.map((response) => response.json().code as string);
    expect(codes.filter((code) => code === 'login-refused')).toHaveLength(4);
    expect(codes.filter((code) => code === 'login-stopped')).toHaveLength(46);
    expect((await login()).json()).toMatchObject({ code: 'login-stopped', status: 423 });
  });

  test('gives the tries back when it succeeds', async () => {
    await join();
    expect((await login('wrong passphrase')).json()).toMatchObject({ code: 'login-refused', triesLeft: 4 });
    expect((await login()).statusCode).toBe(201);
    expect((await login('wrong passphrase')).json()).toMatchObject({ triesLeft: 4 });
  });

  test('answers an ID that nobody has exactly as a wrong passphrase, to the last try', async () => {
    await join();
    const answers = async (memberId: string) => {
      const out: unknown[] = [];
      for (let index = 0; index < 6; index++) {
        const { requestId: _id, ...problem } = (await login('wrong passphrase', memberId)).json();
        out.push(problem);
      }
      return out;
    };
    expect(await answers('nobodyhere')).toEqual(await answers(person.memberId));
  });
});

test('an ID that nobody has stays stopped, and keeps its failed tries, the next day as a member does', async () => {
  await join();
  const tries = async (memberId: string) => (await login('wrong passphrase', memberId)).json().triesLeft as number;
  expect([await tries('nobodyelse'), await tries(person.memberId)]).toEqual([4, 4]);
  base.clock.advance(3 * 86_400_000);
  await sweepRateCounts(deps);
  expect([await tries('nobodyelse'), await tries(person.memberId)]).toEqual([3, 3]);
});

test('logging in ends the session that the browser had before', async () => {
  const before = cookieOf(await join());
  const after = cookieOf(await post('/v1/sessions', { memberId: person.memberId }, [PASSPHRASE], { cookie: before }));
  expect((await me(after)).statusCode).toBe(200);
  expect((await me(before)).json()).toMatchObject({ code: 'not-logged-in' });
});

test('a join that is repeated when its check is over opens no session: only the passphrase does', async () => {
  const key = newKey();
  await join({ key });
  base.clock.advance(59 * 60_000);
  expect((await join({ key })).statusCode).toBe(201);
  base.clock.advance(60_001);
  const late = await join({ key });
  expect(late.json()).toMatchObject({ code: 'identity-not-verified' });
  expect(cookieOf(late)).toBe('');
});

describe('a logged-in member', () => {
  test('unlocks again with the passphrase after ten idle minutes', async () => {
    const cookie = cookieOf(await join());
    base.clock.advance(10 * 60_000);
    expect((await me(cookie)).json().session).toEqual({ isUnlocked: false, unlockedUntil: null });
    const unlock = (passphrase: string) => post('/v1/sessions/current/unlock', {}, [passphrase], { cookie });
    expect((await unlock('wrong passphrase')).json()).toMatchObject({ code: 'login-refused', triesLeft: 4 });
    expect((await unlock(PASSPHRASE)).json().session.isUnlocked).toBe(true);
    expect((await me(cookie)).json().session.isUnlocked).toBe(true);
  });

  test('is gone from the server after logging out', async () => {
    const cookie = cookieOf(await join());
    const response = await app.inject({
      method: 'DELETE',
      url: '/v1/sessions/current',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    });
    expect(response.statusCode).toBe(204);
    expect((await me(cookie)).json()).toMatchObject({ code: 'not-logged-in' });
  });
});

test('tells whether an ID is free to a browser that has verified, and to no other', async () => {
  const ask = (cookie: string, memberId: string) =>
    app.inject({ url: `/v1/members/availability?memberId=${memberId}`, headers: { cookie } });
  expect((await ask(person.checkCookie, person.memberId)).json()).toEqual({ isAvailable: true });
  const other = await verifiedPerson();
  await join();
  expect((await ask(other.checkCookie, person.memberId)).json()).toEqual({ isAvailable: false });
  expect((await ask(`jigeum-check=${'0'.repeat(64)}`, 'free')).json()).toMatchObject({ code: 'identity-not-verified' });
  expect((await ask('', 'free1')).json()).toMatchObject({ code: 'identity-not-verified' });
});

describe('the audit log', () => {
  const uuidOf = async () => {
    const query = deps.db.selectFrom('members').select('id').where('member_id', '=', person.memberId);
    return (await query.executeTakeFirstOrThrow()).id;
  };

  test('has joining, each evaluated try, the lock and the wallet, and nothing of tries that are not evaluated', async () => {
    await join();
    const id = await uuidOf();
    const { id: walletId } = await deps.db
      .selectFrom('wallets')
      .select('id')
      .where('member_id', '=', id)
      .executeTakeFirstOrThrow();
    await login();
    for (let tries = 0; tries < 7; tries++) await login('wrong passphrase');
    expect(await auditOf(deps, id)).toEqual([
      `member:${id} member.joined {"check":"${person.checkId}","wallet":"${walletId}"}`,
      `member:${id} login.succeeded {}`,
      ...[4, 3, 2, 1].map((triesLeft) => `nobody login.refused {"triesLeft":${triesLeft}}`),
      'nobody login.stopped {}',
    ]);
    expect(await auditOf(deps, walletId)).toEqual([`member:${id} wallet.created {"kind":"member","member":"${id}"}`]);
  });

  test('that cannot be written refuses joining and logging in (INV-23)', async () => {
    await withoutAuditLog(base.database, async () => expect((await join()).statusCode).toBe(500));
    expect(await membersCount()).toBe(0n);
    await join();
    await withoutAuditLog(base.database, async () => {
      const refused = await login();
      expect(refused.statusCode).toBe(500);
      expect(cookieOf(refused)).toBe('');
    });
    expect((await login()).statusCode).toBe(201);
  });
});

test('no passphrase, PIN or private key is in the database or the keystore files', async () => {
  const response = await join({ passphrase: 'a passphrase to look for', pin: '730194' });
  const secret = Buffer.from(cookieOf(response).slice('jigeum='.length), 'hex');
  const session = await sessions.find(deps, { idHash: sessionIdHash(secret), unlockKey: unlockKeyOf(secret) });
  const { unlockKey, memberId, sealedKey } = session as SealedSession;
  const privateKey = openWith(unlockKey, `session key ${memberId}`, sealedKey);
  const needles = ['a passphrase to look for', Buffer.from(privateKey).toString('hex'), secret.toString('hex')];
  for (const table of ['members', 'sessions', 'wallets', 'identity_checks', 'idempotency_keys']) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(deps.db);
    const dump = rows.map((row) => row.text).join('\n');
    for (const needle of needles) {
      expect(dump).not.toContain(needle);
      expect(dump).not.toContain(Buffer.from(needle).toString('hex'));
    }
    // Six digits also stand by chance inside a key in hex or a fraction of a second.
    expect(dump).not.toMatch(/(?<![0-9a-f.])730194(?![0-9a-f])/);
    expect(dump).not.toContain(Buffer.from('730194').toString('hex'));
  }
  expect(readdirSync(keystoreDir).length).toBeGreaterThan(0);
});

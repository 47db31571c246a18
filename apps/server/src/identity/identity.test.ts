import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { CheckView, RouteName } from '@jigeum/api';
import type { AgencyConfirmOutcome, AgencySendOutcome, IdentityAgency } from '#deps';
import { addMember } from '#members';
import type { IdempotentCall, StoredAnswer } from '#platform';
import { auditOf, createTestDeps } from '#testing';
import { confirmCheck, consumeCheck, hasVerifiedCheck, resendCheck, startCheck } from './index.ts';

const CODE = '246810';
const bytes = (text: string) => new TextEncoder().encode(text);

/** An agency that knows one code, and fails as told. */
function fakeAgency() {
  const state = {
    send: { kind: 'sent' } as AgencySendOutcome,
    confirm: null as AgencyConfirmOutcome | null,
    ask: { kind: 'pending' } as AgencyConfirmOutcome | { kind: 'pending' },
    evaluated: 0,
    sent: 0,
    person: 'ci of hana',
  };
  const agency: IdentityAgency = {
    async send() {
      state.sent++;
      return state.send;
    },
    async resend() {
      state.sent++;
      return state.send;
    },
    async confirm(_ref, code) {
      state.evaluated++;
      if (state.confirm !== null) return state.confirm;
      return code === CODE ? { kind: 'verified', ci: bytes(state.person) } : { kind: 'wrong-code' };
    },
    ask: async () => state.ask,
  };
  return { state, agency };
}

let base: Awaited<ReturnType<typeof createTestDeps>>;
let deps: Awaited<ReturnType<typeof createTestDeps>> & { identityAgency: IdentityAgency };
let state: ReturnType<typeof fakeAgency>['state'];
let count = 0;
let phone: string;
let browserHash: Uint8Array;

beforeAll(async () => {
  base = await createTestDeps();
});
afterAll(() => base.database.drop());
beforeEach(() => {
  const fake = fakeAgency();
  deps = { ...base, identityAgency: fake.agency };
  state = fake.state;
  phone = `0102222${String(++count).padStart(4, '0')}`;
  browserHash = base.ids.bytes(32);
  state.person = `ci of person ${count}`;
});

/** A call with a key of its own, or one that is asked again. */
const callOf = <R extends RouteName>(route: R, key = base.ids.uuid(0), body = 1): IdempotentCall<R> => ({
  ...{ route, actor: `check:${Buffer.from(browserHash).toString('hex')}`, key },
  bodyHash: new Uint8Array(32).fill(body),
});
const viewIn = (answer: StoredAnswer) => JSON.parse(answer.text) as CheckView;
const ask = (own = phone, idempotency = callOf('startCheck')) =>
  startCheck(deps, {
    ...{ browserHash, idempotency, address: `address ${count}` },
    claim: { name: '홍길동', phone: own, identityNumber: '9001011', carrier: 'SKT' },
  });
const start = async (own = phone) => viewIn(await ask(own));
const confirm = (checkId: string, code = CODE) => confirmCheck(deps, { browserHash, checkId, code });
const askAgain = (checkId: string, idempotency = callOf('resendCheck')) =>
  resendCheck(deps, { browserHash, idempotency, checkId });
const resend = async (checkId: string) => viewIn(await askAgain(checkId));
const codeOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'fulfilled' ? 'verified' : (result.reason as { code: string }).code;

describe('a check', () => {
  test('is sent, verified, and used up by joining once', async () => {
    const check = await start();
    expect(check).toMatchObject({
      state: 'sent',
      maskedPhone: expect.stringMatching(/^010-\*{4}-\d{4}$/),
      triesLeft: 5,
      sendsLeft: 4,
      isSimulation: true,
    });
    expect(await hasVerifiedCheck(deps, browserHash)).toBe(false);
    expect(await confirm(check.checkId)).toMatchObject({ state: 'verified' });
    expect(await hasVerifiedCheck(deps, browserHash)).toBe(true);
    const consume = () =>
      deps.db.transaction().execute((trx) => consumeCheck(deps, trx, { checkId: check.checkId, browserHash }));
    expect(await consume()).toMatchObject({ nameMasked: '홍*동', phoneMasked: check.maskedPhone });
    expect(await consume()).toBeNull();
  });

  test('that is confirmed again after a lost answer is still verified', async () => {
    const { checkId } = await start();
    await confirm(checkId);
    expect(await confirm(checkId)).toMatchObject({ state: 'verified' });
    expect(state.evaluated).toBe(1);
  });

  test('of another browser is not found, whatever is asked of it', async () => {
    const { checkId } = await start();
    browserHash = base.ids.bytes(32);
    await expect(confirm(checkId)).rejects.toMatchObject({ code: 'not-found' });
    await expect(resend(checkId)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is too old for joining after half an hour', async () => {
    const { checkId } = await start();
    await confirm(checkId);
    deps.clock.advance(30 * 60_000 + 1);
    const person = await deps.db.transaction().execute((trx) => consumeCheck(deps, trx, { checkId, browserHash }));
    expect(person).toBeNull();
  });
});

describe('a key', () => {
  test('sends one code and gets the same bytes, also where twins ask at once', async () => {
    const call = callOf('startCheck');
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(phone, call)));
    answers.push(await ask(phone, call));
    expect(state.sent).toBe(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { checkId } = viewIn(answers[0]!);
    deps.clock.advance(30_000);
    const again = callOf('resendCheck');
    const resent = await Promise.all(Array.from({ length: 20 }, () => askAgain(checkId, again)));
    expect(state.sent).toBe(2);
    expect(new Set(resent.map(({ text }) => text)).size).toBe(1);
    expect(viewIn(resent[0]!)).toMatchObject({ sendsLeft: 3 });
  });

  test('is refused with the claim of another person, and sends nothing', async () => {
    const call = callOf('startCheck');
    await ask(phone, call);
    await expect(ask(phone, { ...call, bodyHash: new Uint8Array(32).fill(2) })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    expect(state.sent).toBe(1);
  });

  test('sends no second code where the agency was silent: whether one is on its way is unknown', async () => {
    const { checkId } = await start();
    deps.clock.advance(30_000);
    state.send = { kind: 'unavailable', cause: 'a test' };
    const call = callOf('resendCheck');
    await expect(askAgain(checkId, call)).rejects.toMatchObject({ code: 'identity-agency-unavailable' });
    state.send = { kind: 'sent' };
    expect(viewIn(await askAgain(checkId, call))).toMatchObject({ checkId, state: 'sent' });
    expect(state.sent).toBe(2);
  });

  test('leaves no hash of what a person typed that could be tried out', async () => {
    const call = callOf('startCheck');
    await ask(phone, call);
    const { rows } = await sql<{ body_hash: Buffer }>`
      select body_hash from idempotency_keys where key = ${call.key}
    `.execute(deps.db);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.body_hash.equals(call.bodyHash)).toBe(false);
  });
});

describe('a code', () => {
  test('may be wrong five times, and the right one comes too late then', async () => {
    const { checkId } = await start();
    for (const triesLeft of [4, 3, 2, 1])
      await expect(confirm(checkId, '000000')).rejects.toMatchObject({
        code: 'identity-code-wrong',
        extras: { triesLeft },
      });
    await expect(confirm(checkId, '000000')).rejects.toMatchObject({ code: 'identity-tries-used-up' });
    await expect(confirm(checkId)).rejects.toMatchObject({ code: 'identity-tries-used-up' });
    await expect(resend(checkId)).rejects.toMatchObject({ code: 'identity-tries-used-up' });
    expect(state.evaluated).toBe(5);
    expect(await auditOf(deps, checkId)).toEqual([
      'check identity.sent {"kind":"send"}',
      ...Array.from({ length: 5 }, () => 'check identity.refused {"result":"wrong-code"}'),
    ]);
  });

  test('is evaluated five times where fifty guesses come at once', async () => {
    const { checkId } = await start();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => confirm(checkId, '000000')));
    expect(state.evaluated).toBe(5);
    expect(new Set(results.map(codeOf))).toEqual(new Set(['identity-code-wrong', 'identity-tries-used-up']));
  });

  test('expires after 180 seconds, and a new one may be asked for', async () => {
    const { checkId } = await start();
    deps.clock.advance(180_000);
    await expect(confirm(checkId)).rejects.toMatchObject({ code: 'identity-code-expired' });
    expect(state.evaluated).toBe(0);
    expect(await resend(checkId)).toMatchObject({ state: 'sent', sendsLeft: 3 });
    expect(await confirm(checkId)).toMatchObject({ state: 'verified' });
  });

  test('is sent again after thirty seconds and not sooner', async () => {
    const { checkId } = await start();
    deps.clock.advance(29_000);
    await expect(resend(checkId)).rejects.toMatchObject({ code: 'rate-limited', extras: { retryAfterSeconds: 1 } });
    deps.clock.advance(1_000);
    expect(await resend(checkId)).toMatchObject({ sendsLeft: 3 });
    expect(state.sent).toBe(2);
  });

  test('that is sent again gives no tries back', async () => {
    const { checkId } = await start();
    await expect(confirm(checkId, '000000')).rejects.toMatchObject({ extras: { triesLeft: 4 } });
    deps.clock.advance(30_000);
    expect(await resend(checkId)).toMatchObject({ triesLeft: 4 });
  });

  test('is sent five times a day to one phone, whoever asks, and again after midnight in Korea', async () => {
    for (let index = 0; index < 5; index++) {
      browserHash = base.ids.bytes(32);
      await start();
    }
    await expect(start()).rejects.toMatchObject({ code: 'identity-sends-used-up' });
    expect(state.sent).toBe(5);
    const dayMs = 86_400_000;
    const untilMidnight = dayMs - ((deps.clock.nowMs() + 9 * 3_600_000) % dayMs);
    deps.clock.advance(untilMidnight - 1);
    await expect(start()).rejects.toMatchObject({ code: 'identity-sends-used-up' });
    deps.clock.advance(1);
    expect(await start()).toMatchObject({ sendsLeft: 4 });
  });

  test('is not sent twice by two requests at once', async () => {
    const { checkId } = await start();
    deps.clock.advance(30_000);
    const results = await Promise.allSettled([resend(checkId), resend(checkId), resend(checkId)]);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(state.sent).toBe(2);
  });
});

describe('the agency', () => {
  test('that finds a difference ends the check', async () => {
    state.send = { kind: 'mismatch' };
    await expect(start()).rejects.toMatchObject({ code: 'identity-mismatch' });
  });

  test('that does not answer a send is unavailable, and the send stays counted', async () => {
    state.send = { kind: 'unavailable', cause: 'TimeoutError' };
    await expect(start()).rejects.toMatchObject({ code: 'identity-agency-unavailable' });
    state.send = { kind: 'sent' };
    expect(await start()).toMatchObject({ sendsLeft: 3 });
  });

  test('whose answer to a confirmation is lost is asked what became of it', async () => {
    const { checkId } = await start();
    state.confirm = { kind: 'unavailable', cause: 'TimeoutError' };
    state.ask = { kind: 'verified', ci: bytes(state.person) };
    expect(await confirm(checkId)).toMatchObject({ state: 'verified' });
  });

  test('that says nothing at all costs a try and no more', async () => {
    const { checkId } = await start();
    state.confirm = { kind: 'unavailable', cause: 'TimeoutError' };
    await expect(confirm(checkId)).rejects.toMatchObject({
      code: 'identity-agency-unavailable',
      extras: { triesLeft: 4 },
    });
    state.confirm = null;
    expect(await confirm(checkId)).toMatchObject({ state: 'verified' });
  });
});

test('a member who proves it again, even with another phone, is told to log in and has all tries again', async () => {
  const first = await start();
  await confirm(first.checkId);
  const id = base.ids.uuid(base.clock.nowMs());
  await deps.db.transaction().execute(async (trx) => {
    const person = await consumeCheck(deps, trx, { checkId: first.checkId, browserHash });
    await addMember(deps, trx, {
      id,
      memberId: `again${count}`,
      ...person!,
      receiveCode: base.ids.uuid(base.clock.nowMs()),
      pin: bytes('180519'),
    });
  });
  await deps.db.updateTable('members').set({ login_failures: 5 }).where('id', '=', id).execute();
  const second = await start(`0103333${String(count).padStart(4, '0')}`);
  await expect(confirm(second.checkId)).rejects.toMatchObject({ code: 'already-a-member' });
  const row = await deps.db.selectFrom('members').select('login_failures').where('id', '=', id).executeTakeFirst();
  expect(row).toEqual({ login_failures: 0 });
});

test('keeps no name, number, birth date, sex digit, code or CI in any table, and logs each attempt', async () => {
  const { checkId } = await start();
  // The log is ordered by time; the clock of a test stands.
  deps.clock.advance(1);
  await expect(confirm(checkId, '135791')).rejects.toMatchObject({ code: 'identity-code-wrong' });
  deps.clock.advance(1);
  await confirm(checkId);
  const log = await deps.db
    .selectFrom('identity_log')
    .select(['kind', 'result'])
    .where('check_id', '=', checkId)
    .orderBy('id')
    .execute();
  expect(log).toEqual([
    { kind: 'send', result: 'sent' },
    { kind: 'confirm', result: 'wrong-code' },
    { kind: 'confirm', result: 'verified' },
  ]);
  for (const table of ['identity_checks', 'identity_log', 'identity_sends', 'members']) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(deps.db);
    const dump = rows.map((row) => row.text).join('\n');
    const hex = (text: string) => Buffer.from(text).toString('hex');
    for (const secret of ['홍길동', phone, state.person]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(hex(secret));
    }
    for (const digits of ['9001011', '900101', CODE, '135791']) {
      // So few digits also stand by chance inside a key in hex or a fraction of a second.
      expect(dump).not.toMatch(new RegExp(`(?<![0-9a-f.])${digits}(?![0-9a-f])`));
      expect(dump).not.toContain(hex(digits));
    }
  }
});

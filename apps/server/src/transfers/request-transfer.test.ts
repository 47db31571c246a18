import { createHash } from 'node:crypto';
import { fakeClock, systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTrx, type AppError, type MemberSession } from '#platform';
import { sealForSession } from '#wallets';
import { getTransfer, listTransfers } from './history.ts';
import { recentPayees, resolvePayee } from './payees.ts';
import { requestTransfer, type PaymentOrder } from './request-transfer.ts';
import { startTestPlatform, TEST_PIN, type TestMember, type TestPlatform } from './testing.ts';

let platform: TestPlatform;
let payer: TestMember;
let payee: TestMember;
let order: PaymentOrder;
const EST = 10n ** 18n;

beforeAll(async () => {
  platform = await startTestPlatform();
  payer = await platform.join('requester');
  payee = await platform.join('receiver');
  await platform.fund(payer, 100n * EST);
  const found = await resolvePayee(platform.deps, {
    memberId: payer.id,
    query: { by: 'member-id', value: 'Receiver' },
  });
  order = { payeeId: found.payeeId, maskedName: found.maskedName, token: 'EST', amount: EST, memo: '점심' };
});
afterAll(() => platform.stop());

const unlockKey = new Uint8Array(32).fill(3);
const newKey = () => platform.deps.ids.uuid(systemClock.nowMs());

function session(changes: Partial<MemberSession> = {}): MemberSession {
  return {
    memberId: payer.id,
    idHash: new Uint8Array(32),
    unlockKey: Uint8Array.from(unlockKey),
    sealedKey: sealForSession(platform.deps, { unlockKey, memberId: payer.id, privateKey: payer.privateKey }),
    unlockedUntil: new Date(systemClock.nowMs() + 60_000),
    ...changes,
  };
}

const request = (input: {
  key?: string;
  order?: Partial<PaymentOrder>;
  pin?: Uint8Array;
  session?: MemberSession;
  /** A copy of the platform's stands for another process. */
  deps?: TestPlatform['deps'];
}) => {
  const body = { ...order, ...input.order };
  return requestTransfer(input.deps ?? platform.deps, {
    member: input.session ?? session(),
    idempotency: {
      route: 'requestTransfer',
      actor: `member:${(input.session ?? session()).memberId}`,
      key: input.key ?? newKey(),
      bodyHash: createHash('sha256').update(`${body.payeeId} ${body.amount} ${body.memo}`).digest(),
    },
    order: body,
    pin: input.pin ?? TEST_PIN,
  });
};

const pinFailures = async () => {
  const { rows } = await sql<{ pin_failures: number }>`
    select pin_failures from members where id = ${payer.id}
  `.execute(platform.deps.db);
  return rows[0]!.pin_failures;
};

describe('a payment request', () => {
  it('answers with the transfer, whose id is the key, and shows nothing of the chain', async () => {
    const key = newKey();
    const answer = await request({ key });
    expect(JSON.parse(answer.text)).toEqual({
      transferId: key,
      kind: 'payment',
      direction: 'out',
      counterparty: {
        memberId: 'receiver',
        maskedName: '홍*동',
        badge: { isRealNameVerified: true, verifiedSince: expect.stringMatching(/^\d{4}-\d{2}$/) },
      },
      token: { symbol: 'EST', name: 'eSportsToken', decimals: 18, wonPerToken: '1', isPaused: false },
      amount: EST.toString(),
      fee: '0',
      memo: '점심',
      state: 'sending',
      requestedAt: expect.any(String),
      finalAt: null,
    });
    expect(answer.text).not.toMatch(/0x|gas|nonce|SymID/i);
    await platform.settle();
  });

  it('gets the same bytes when it comes again, even when the wallet has been locked meanwhile', async () => {
    const key = newKey();
    const first = await request({ key });
    const again = await request({ key, session: session({ sealedKey: null, unlockedUntil: null }) });
    expect(again).toMatchObject({ text: first.text, status: first.status, isReplay: true });
    await expect(request({ key, order: { amount: 2n * EST } })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    await platform.settle();
  });

  it('is refused when the key names somebody else’s transfer', async () => {
    const key = newKey();
    await platform.fund(payee, 5n * EST);
    await platform.pay(payee, payer, EST, key);
    await expect(request({ key })).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    await platform.settle();
  });

  it('is refused while the wallet is locked, and then no PIN is tried', async () => {
    const locked = [
      session({ sealedKey: null, unlockedUntil: null }),
      session({ unlockedUntil: new Date(systemClock.nowMs() - 1) }),
    ];
    for (const each of locked)
      await expect(request({ session: each, pin: new Uint8Array(6) })).rejects.toMatchObject({ code: 'wallet-locked' });
    await expect(request({ session: session({ unlockKey: new Uint8Array(32) }) })).rejects.toMatchObject({
      code: 'wallet-locked',
    });
    expect(await pinFailures()).toBe(0);
  });

  it('is refused with a wrong PIN, which is counted, and holds nothing', async () => {
    const before = await platform.balance(payer);
    await expect(request({ pin: new TextEncoder().encode('000000') })).rejects.toMatchObject({
      code: 'pin-wrong',
      extras: { triesLeft: 4 },
    });
    expect(await pinFailures()).toBe(1);
    expect(await platform.balance(payer)).toEqual(before);
    await request({});
    expect(await pinFailures()).toBe(0);
    await platform.settle();
  });

  it('is refused for a payee row of another payer', async () => {
    const stranger = await resolvePayee(platform.deps, {
      memberId: payee.id,
      query: { by: 'member-id', value: 'requester' },
    });
    await expect(request({ order: { payeeId: stranger.payeeId } })).rejects.toMatchObject({ code: 'payee-not-found' });
  });
});

describe('payments that are asked for at once', () => {
  /** A member with tokens who pays the receiver; a session of theirs. */
  async function newPayer(name: string) {
    const member = await platform.join(name);
    await platform.fund(member, 10n * EST);
    const found = await resolvePayee(platform.deps, {
      memberId: member.id,
      query: { by: 'member-id', value: 'receiver' },
    });
    const own = session({
      memberId: member.id,
      sealedKey: sealForSession(platform.deps, { unlockKey, memberId: member.id, privateKey: member.privateKey }),
    });
    return { member, payeeId: found.payeeId, session: own };
  }

  async function newPayers(...names: string[]) {
    const payers = [];
    for (const name of names) payers.push(await newPayer(name));
    return payers;
  }

  const rowsOf = async (key: string) => {
    const { rows } = await sql<{ transfers: bigint; outbox: bigint; audit: bigint; answers: bigint }>`
      select (select count(*) from transfers where id = ${key}) as transfers,
             (select count(*) from chain_outbox where source_id = ${key}) as outbox,
             (select count(*) from audit_log where subject = ${key} and act = 'payment.accepted') as audit,
             (select count(*) from idempotency_keys where key = ${key}) as answers
    `.execute(platform.deps.db);
    return rows[0];
  };
  const all = { transfers: 1n, outbox: 1n, audit: 1n, answers: 1n };
  const nothing = { transfers: 0n, outbox: 0n, audit: 0n, answers: 0n };

  it('share a transaction, and each is decided by itself', async () => {
    const payers = await newPayers('together1', 'together2', 'together3', 'together4');
    const [good, poor, frozen, other] = payers;
    await sql`
      insert into outflow_stops (id, scope, wallet_id, cause, reason, stopped_by, stopped_at)
      values (${newKey()}, 'wallet', ${frozen!.member.walletId}, 'operator', 'a test', 'operator', now())
    `.execute(platform.deps.db);
    const keys = payers.map(newKey);
    const results = await Promise.allSettled(
      payers.map(({ payeeId, session: own }, index) =>
        request({
          key: keys[index]!,
          session: own,
          order: { payeeId, amount: payers[index] === poor ? 11n * EST : EST },
        }),
      ),
    );
    expect(
      results.map((result) =>
        result.status === 'fulfilled' ? result.value.status : (result.reason as { code: string }).code,
      ),
    ).toEqual([202, 'balance-too-low', 'wallet-frozen', 202]);
    expect(await Promise.all(keys.map(rowsOf))).toEqual([all, nothing, nothing, all]);
    for (const { member } of [good!, other!])
      expect(await platform.balance(member)).toMatchObject({ available: 9n * EST, held: EST });
    for (const { member } of [poor!, frozen!])
      expect(await platform.balance(member)).toMatchObject({ available: 10n * EST, held: 0n });
    await platform.settle();
  });

  it('have one effect and the same bytes where a thousand of them have one key, by two processes', async () => {
    const { payeeId, session: own, member } = await newPayer('thousandfold');
    const key = newKey();
    const processes = [platform.deps, { ...platform.deps }];
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        request({ key, session: own, order: { payeeId }, deps: processes[index % 2]! }),
      ),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(await rowsOf(key)).toEqual(all);
    await platform.settle();
    expect(await platform.balance(member)).toEqual({ available: 9n * EST, held: 0n, incoming: 0n });
  });

  it('let exactly one of many full payments win, by two processes (INV-08)', async () => {
    const { payeeId, session: own, member } = await newPayer('overspender');
    const processes = [platform.deps, { ...platform.deps }];
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        request({ session: own, order: { payeeId, amount: 10n * EST }, deps: processes[index % 2]! }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as AppError);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['balance-too-low']));
    await platform.settle();
    expect(await platform.balance(member)).toEqual({ available: 0n, held: 0n, incoming: 0n });
  });

  it('compare no more than five wrong PINs, however many come at once (INV-15)', async () => {
    const { payeeId, session: own, member } = await newPayer('guessed');
    const processes = [platform.deps, { ...platform.deps }];
    const guesses = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        request({
          session: own,
          order: { payeeId },
          deps: processes[index % 2]!,
          // The right one comes last, when nothing may be compared any more.
          pin: index < 58 ? new TextEncoder().encode(String(100_000 + index)) : TEST_PIN,
        }),
      ),
    );
    const codes = guesses.map((guess) => (guess.status === 'rejected' ? (guess.reason as AppError).code : 'accepted'));
    // The fifth wrong one stops the PIN and says so.
    expect(codes.filter((code) => code === 'pin-wrong')).toHaveLength(4);
    expect(codes.filter((code) => code === 'pin-stopped')).toHaveLength(56);
    const { rows } = await sql`select pin_failures from members where id = ${member.id}`.execute(platform.deps.db);
    expect(rows).toEqual([{ pin_failures: 5 }]);
  });

  it('do not wait for ever for a wallet that another process holds, and hold up nobody else', async () => {
    const [held, free] = await newPayers('heldwallet', 'freewallet');
    const key = newKey();
    const results = await inTrx(platform.deps, async (trx) => {
      await sql`select from wallets where id = ${held!.member.walletId} for no key update`.execute(trx);
      return await Promise.allSettled(
        [held!, free!].map(({ payeeId, session: own }, index) =>
          request({ session: own, order: { payeeId }, ...(index === 0 ? { key } : {}) }),
        ),
      );
    });
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'idempotency-in-progress', extras: { retryAfterSeconds: 1 } } },
      { status: 'fulfilled', value: { status: 202 } },
    ]);
    // The same key is asked again, as the refusal says.
    expect((await request({ session: held!.session, order: { payeeId: held!.payeeId }, key })).status).toBe(202);
    expect(await rowsOf(key)).toEqual(all);
    await platform.settle();
  }, 60_000);

  it('are refused where somebody else takes the id in the same moment', async () => {
    const [one, two] = await newPayers('samekey1', 'samekey2');
    const key = newKey();
    const results = await Promise.allSettled(
      [one!, two!].map(({ payeeId, session: own }, index) =>
        request({ key, session: own, order: { payeeId }, deps: index === 0 ? platform.deps : { ...platform.deps } }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({
      reason: { code: 'idempotency-key-reused' },
    });
    expect(await rowsOf(key)).toEqual(all);
    await platform.settle();
  });
});

describe('payees', () => {
  it('are found by ID and receive code, always as the same row, and not found all in the same way', async () => {
    const { rows } = await sql<{ receive_code: string }>`
      select receive_code from members where id = ${payee.id}
    `.execute(platform.deps.db);
    const byCode = await resolvePayee(platform.deps, {
      memberId: payer.id,
      query: { by: 'receive-code', value: rows[0]!.receive_code },
    });
    expect(byCode).toEqual({
      payeeId: order.payeeId,
      memberId: 'receiver',
      maskedName: '홍*동',
      badge: expect.any(Object),
      isFirstPayment: false,
    });
    const nobody = [
      { by: 'member-id', value: 'nobody99' },
      { by: 'phone', value: '01099999999' },
      { by: 'receive-code', value: newKey() },
    ] as const;
    for (const query of nobody)
      await expect(resolvePayee(platform.deps, { memberId: payer.id, query })).rejects.toMatchObject({
        code: 'payee-not-found',
        extras: {},
      });
    await expect(
      resolvePayee(platform.deps, { memberId: payer.id, query: { by: 'member-id', value: 'requester' } }),
    ).rejects.toMatchObject({ code: 'payee-is-payer' });
  });

  it('cannot be collected: look-ups are limited, and counted whether they find anybody or not', async () => {
    const collector = await platform.join('collector');
    // On a clock that stands no minute ends meanwhile.
    const deps = { ...platform.deps, clock: fakeClock() };
    const lookUp = (value: string) =>
      resolvePayee(deps, { memberId: collector.id, query: { by: 'member-id', value } }).then(
        () => 'found',
        (error: { code: string }) => error.code,
      );
    const codes: string[] = [];
    for (let index = 0; index < 12; index++) codes.push(await lookUp('receiver'), await lookUp('nobody99'));
    expect(codes).toEqual([
      ...Array.from({ length: 10 }, () => ['found', 'payee-not-found']).flat(),
      ...Array.from({ length: 4 }, () => 'rate-limited'),
    ]);
    deps.clock.advance(60_000);
    expect(await lookUp('receiver')).toBe('found');
  });

  it('are listed when they were paid, the most recent first', async () => {
    const list = await recentPayees(platform.deps, { memberId: payer.id, cursor: undefined, limit: 10 });
    expect(list.items.map((item) => item.memberId)).toEqual(['receiver']);
    expect(list.nextCursor).toBeNull();
    expect(
      (await recentPayees(platform.deps, { memberId: payee.id, cursor: undefined, limit: 10 })).items,
    ).toMatchObject([{ memberId: 'requester', isFirstPayment: false }]);
  });
});

describe('history', () => {
  it('shows both sides their own direction, and nobody else anything', async () => {
    const transferId = newKey();
    await platform.pay(payer, payee, EST, transferId);
    await platform.settle();
    expect(await getTransfer(platform.deps, { memberId: payer.id, transferId })).toMatchObject({
      direction: 'out',
      state: 'final',
    });
    expect(await getTransfer(platform.deps, { memberId: payee.id, transferId })).toMatchObject({
      direction: 'in',
      state: 'final',
    });
    const stranger = await platform.join('stranger');
    await expect(getTransfer(platform.deps, { memberId: stranger.id, transferId })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('is paged without gaps or twins, newest first, and filtered', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listTransfers(platform.deps, {
        memberId: payer.id,
        direction: undefined,
        kind: undefined,
        cursor,
        limit: 2,
      });
      seen.push(...page.items.map((item) => item.transferId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const { rows } = await sql<{ id: string }>`
      select id from transfers where ${payer.walletId} in (payer_wallet_id, payee_wallet_id)
      order by requested_at desc, id desc
    `.execute(platform.deps.db);
    expect(seen).toEqual(rows.map((row) => row.id));
    const list = (direction: 'out' | 'in' | undefined, kind: 'payment' | 'charge' | undefined) =>
      listTransfers(platform.deps, { memberId: payer.id, direction, kind, cursor: undefined, limit: 100 });
    expect(new Set((await list('in', undefined)).items.map((item) => item.direction))).toEqual(new Set(['in']));
    expect((await list(undefined, 'charge')).items).toMatchObject([
      { kind: 'charge', counterparty: null, direction: 'in' },
    ]);
    await expect(
      listTransfers(platform.deps, {
        memberId: payer.id,
        direction: undefined,
        kind: undefined,
        cursor: 'made-up',
        limit: 2,
      }),
    ).rejects.toMatchObject({ code: 'request-invalid' });
    // A date that JavaScript knows and PostgreSQL does not.
    const tooEarly = JSON.stringify(['-271821-04-20T00:00:00.000Z', '018f0000-0000-7000-8000-000000000001']);
    const madeUp = Buffer.from(tooEarly).toString('base64url');
    await expect(
      listTransfers(platform.deps, {
        memberId: payer.id,
        direction: undefined,
        kind: undefined,
        cursor: madeUp,
        limit: 2,
      }),
    ).rejects.toMatchObject({ code: 'request-invalid' });
  });
});

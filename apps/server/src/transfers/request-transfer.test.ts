import { createHash } from 'node:crypto';
import { systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberSession } from '#platform';
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

const request = (input: { key?: string; order?: Partial<PaymentOrder>; pin?: Uint8Array; session?: MemberSession }) => {
  const body = { ...order, ...input.order };
  return requestTransfer(platform.deps, {
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
    const lookUp = () =>
      resolvePayee(platform.deps, { memberId: collector.id, query: { by: 'member-id', value: 'nobody99' } });
    const codes: string[] = [];
    for (let index = 0; index < 25; index++)
      codes.push((await lookUp().catch((error: { code: string }) => error.code)) as string);
    expect(codes).toContain('rate-limited');
    expect(codes.filter((code) => code === 'payee-not-found').length).toBeLessThanOrEqual(40);
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

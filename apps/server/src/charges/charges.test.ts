import { createHmac } from 'node:crypto';
import { seededIds, systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BankDeposit, BankGateway } from '#deps';
import { confirmJob, refillGasJob, submitJob } from '#transfers';
import { auditOf, withoutAuditLog } from '#testing';
import { runUntilSettled, startTestPlatform, type TestMember, type TestPlatform } from '../transfers/testing.ts';
import { codesIn, newDepositCode, tokensForWon } from './charge.ts';
import { chargeHooks, chargeJobs } from './jobs.ts';
import { receiveNotice, type ChargeDeps } from './receive-notice.ts';
import { cancelCharge, getCharge, listCharges, requestCharge } from './request-charge.ts';

let platform: TestPlatform;
let deps: TestPlatform['deps'] & ChargeDeps;
const EST = 10n ** 18n;
const never = new AbortController().signal;

/** A bank with its own book: what it confirms is what stands there. */
const book = new Map<string, BankDeposit>();
let bankAnswers: 'well' | 'not-at-all' = 'well';
const bank: BankGateway = {
  isSigned: (rawBody, signature) => signature === sign(rawBody),
  async confirm(bankRef) {
    if (bankAnswers === 'not-at-all') return { kind: 'unknown', cause: 'timeout' };
    const deposit = book.get(bankRef);
    return deposit === undefined ? { kind: 'absent' } : { kind: 'found', deposit };
  },
};
const sign = (rawBody: Uint8Array) => createHmac('sha256', 'bank').update(rawBody).digest('hex');

beforeAll(async () => {
  platform = await startTestPlatform();
  deps = { ...platform.deps, bank };
});
afterAll(() => platform.stop());

async function charge(member: TestMember, amountWon: bigint) {
  const key = deps.ids.uuid(deps.clock.nowMs());
  await requestCharge(deps, {
    memberId: member.id,
    idempotency: { route: 'requestCharge', actor: `member:${member.id}`, key, bodyHash: new Uint8Array(32) },
    order: { amountWon, token: 'EST' },
  });
  return await getCharge(deps, { chargeId: key, memberId: member.id });
}

describe('a key', () => {
  it('asks for one charge, also where twins ask at once, and not for another amount', async () => {
    const member = await platform.join('twincharge');
    const key = deps.ids.uuid(deps.clock.nowMs());
    const ask = (amountWon: bigint) =>
      requestCharge(deps, {
        memberId: member.id,
        idempotency: {
          ...{ route: 'requestCharge', actor: `member:${member.id}`, key },
          bodyHash: createHmac('sha256', 'body').update(amountWon.toString()).digest(),
        },
        order: { amountWon, token: 'EST' },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(5_000n)));
    answers.push(await ask(5_000n));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await expect(ask(6_000n)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    const list = await listCharges(deps, { memberId: member.id, cursor: undefined, limit: 10 });
    expect(list.items.map(({ chargeId, amountWon }) => ({ chargeId, amountWon }))).toEqual([
      { chargeId: key, amountWon: 5_000n },
    ]);
    // Cancelling needs no key: asked again, it answers the same.
    const cancel = () => cancelCharge(deps, { chargeId: key, memberId: member.id });
    expect(await cancel()).toEqual(await cancel());
  });
});

let refs = 0;
/** A deposit in the bank's book, and the notice that the bank sends of it. */
function deposit(depositorName: string, amountWon: bigint, depositedAt = '2026-11-23T00:00:00.000Z') {
  const notice = {
    bankRef: `ref-${++refs}`,
    accountNumber: deps.config.bank.accountNumber,
    depositorName,
    amountWon,
    depositedAt,
  };
  book.set(notice.bankRef, notice);
  const rawBody = Buffer.from(notice.bankRef);
  return { notice, rawBody, signature: sign(rawBody) };
}

async function settle() {
  await runUntilSettled(deps, [
    ...chargeJobs(deps),
    refillGasJob(deps),
    submitJob(deps),
    confirmJob(deps, chargeHooks(deps)),
  ]);
}

describe('a charge', () => {
  it('becomes tokens when the deposit with its code and amount arrives', async () => {
    const member = await platform.join('charger');
    const waiting = await charge(member, 50_000n);
    expect(waiting).toMatchObject({ state: 'waiting', amount: 50_000n * EST, isSimulation: true });
    await receiveNotice(deps, deposit(waiting.depositCode, 50_000n));
    expect(await getCharge(deps, { chargeId: waiting.chargeId, memberId: member.id })).toMatchObject({ state: 'paid' });
    expect(await platform.balance(member)).toEqual({ available: 0n, held: 0n, incoming: 50_000n * EST });
    await settle();
    expect(await getCharge(deps, { chargeId: waiting.chargeId, memberId: member.id })).toMatchObject({
      state: 'done',
      doneAt: expect.any(String),
    });
    expect(await platform.balance(member)).toEqual({ available: 50_000n * EST, held: 0n, incoming: 0n });
    expect(await platform.onChain(member.address)).toBe(50_000n * EST);
  });

  it('has each step in the audit log, and is not marked paid where that cannot be written (INV-23)', async () => {
    const member = await platform.join('audited');
    const waiting = await charge(member, 20_000n);
    const told = deposit(waiting.depositCode, 20_000n);
    await withoutAuditLog(deps.database, async () => {
      await expect(receiveNotice(deps, told)).rejects.toMatchObject({ code: '42501' });
    });
    await receiveNotice(deps, told);
    await settle();
    const query = deps.db.selectFrom('bank_notices').select('id').where('bank_ref', '=', told.notice.bankRef);
    const { id: noticeId } = await query.executeTakeFirstOrThrow();
    const { rows } = await sql<{ id: string; token: string }>`
      select id, token_id as token from transfers where charge_id = ${waiting.chargeId}
    `.execute(deps.db);
    expect(await auditOf(deps, waiting.chargeId)).toEqual([
      `member:${member.id} charge.requested {"amount":"${20_000n * EST}","token":"${rows[0]!.token}","wallet":"${member.walletId}","won":"20000"}`,
      `bank charge.paid {"after":"paid","before":"waiting","notice":"${noticeId}","won":"20000"}`,
      'job:confirm charge.done {"after":"done","before":"paid"}',
    ]);
    expect(await auditOf(deps, noticeId)).toEqual([`bank bank.notice {"charge":"${waiting.chargeId}","won":"20000"}`]);
    expect((await auditOf(deps, rows[0]!.id))[0]).toMatch(
      /^job:pay-charges payment.accepted \{"amount":"20000000000000000000000","hash":"[0-9a-f]{64}","kind":"charge",/,
    );
  });

  it('is credited exactly once for fifty concurrent notices of one deposit (INV-19)', async () => {
    const member = await platform.join('twice');
    const waiting = await charge(member, 10_000n);
    const told = deposit(waiting.depositCode.toLowerCase(), 10_000n);
    await Promise.all(Array.from({ length: 50 }, () => receiveNotice(deps, told)));
    await settle();
    await receiveNotice(deps, told);
    await settle();
    expect(await platform.balance(member)).toEqual({ available: 10_000n * EST, held: 0n, incoming: 0n });
    const { rows } = await sql<{ count: bigint }>`
      select count(*) as count from transfers where charge_id = ${waiting.chargeId}
    `.execute(deps.db);
    expect(rows[0]!.count).toBe(1n);
  });

  it('takes no second deposit with the same code', async () => {
    const member = await platform.join('again');
    const waiting = await charge(member, 10_000n);
    await receiveNotice(deps, deposit(waiting.depositCode, 10_000n));
    await receiveNotice(deps, deposit(waiting.depositCode, 10_000n));
    await settle();
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
    const { rows } = await sql<{ count: bigint }>`
      select count(*) as count from bank_notices where depositor_name = ${waiting.depositCode} and charge_id is null
    `.execute(deps.db);
    expect(rows[0]!.count).toBe(1n);
  });

  it('is not credited for another amount, another code, or a deposit that the bank does not confirm', async () => {
    const member = await platform.join('strict');
    const waiting = await charge(member, 10_000n);
    await receiveNotice(deps, deposit(waiting.depositCode, 10_001n));
    await receiveNotice(deps, deposit('홍길동', 10_000n));
    const forged = deposit(waiting.depositCode, 10_000n);
    await expect(receiveNotice(deps, { ...forged, signature: sign(Buffer.from('other')) })).rejects.toMatchObject({
      code: 'signature-invalid',
    });
    await expect(receiveNotice(deps, { ...forged, signature: undefined })).rejects.toMatchObject({
      code: 'signature-invalid',
    });
    book.delete(forged.notice.bankRef);
    await expect(receiveNotice(deps, forged)).rejects.toMatchObject({ code: 'request-invalid' });
    const changed = deposit(waiting.depositCode, 10_000n);
    book.set(changed.notice.bankRef, { ...changed.notice, amountWon: 1n });
    await expect(receiveNotice(deps, changed)).rejects.toMatchObject({ code: 'request-invalid' });
    expect(await getCharge(deps, { chargeId: waiting.chargeId, memberId: member.id })).toMatchObject({
      state: 'waiting',
    });
  });

  it('asks the bank to tell again when it cannot be asked back, and credits then', async () => {
    const member = await platform.join('patient');
    const waiting = await charge(member, 10_000n);
    const told = deposit(waiting.depositCode, 10_000n);
    bankAnswers = 'not-at-all';
    await expect(receiveNotice(deps, told)).rejects.toMatchObject({ code: 'service-busy' });
    bankAnswers = 'well';
    await receiveNotice(deps, told);
    await settle();
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
  });

  it('stays paid while its tokens cannot be sent, and sends them later, once', async () => {
    const member = await platform.join('later');
    const waiting = await charge(member, 10_000n);
    await sql`update tokens set state = 'paused'`.execute(deps.db);
    await receiveNotice(deps, deposit(waiting.depositCode, 10_000n));
    await settle();
    expect(await getCharge(deps, { chargeId: waiting.chargeId, memberId: member.id })).toMatchObject({ state: 'paid' });
    expect(await platform.balance(member)).toEqual({ available: 0n, held: 0n, incoming: 0n });
    await sql`update tokens set state = 'active'`.execute(deps.db);
    await Promise.all(Array.from({ length: 5 }, () => chargeJobs(deps)[0]!.run(never)));
    await settle();
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
  });

  it('is not kept waiting by others that cannot be paid, however many those are', async () => {
    const stuck = await platform.join('stuck');
    const member = await platform.join('behind');
    const waiting = await charge(member, 10_000n);
    // A hundred older charges of a token that is paused, and one whose payment breaks.
    await sql`
      insert into tokens (id, symbol, name, decimals, won_per_token, chain_id, state, contract, created_at)
      select gen_random_uuid(), 'PAU', 'Paused', 0, 1, chain_id, 'paused', 'none', now() from tokens where symbol = 'EST'
    `.execute(deps.db);
    await sql`
      insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at, expires_at, paid_at)
      select gen_random_uuid(), ${stuck.id}, ${stuck.walletId}, (select id from tokens where symbol = 'PAU'), 1000, 1000,
             'stuck' || n, 'paid', now(), now(), now() - interval '1 day'
      from generate_series(1, 100) n
    `.execute(deps.db);
    await sql`update tokens set state = 'paused' where symbol = 'EST'`.execute(deps.db);
    await receiveNotice(deps, deposit(waiting.depositCode, 10_000n));
    await sql`update tokens set state = 'active' where symbol = 'EST'`.execute(deps.db);
    await settle();
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
    await sql`update charges set state = 'expired' where deposit_code like 'stuck%'`.execute(deps.db);
  });

  it('is paid although the payment of an older one breaks', async () => {
    const [broken, member] = [await platform.join('broken'), await platform.join('unharmed')];
    const [first, second] = [await charge(broken, 10_000n), await charge(member, 10_000n)];
    await sql`update tokens set state = 'paused' where symbol = 'EST'`.execute(deps.db);
    await receiveNotice(deps, deposit(first.depositCode, 10_000n));
    await receiveNotice(deps, deposit(second.depositCode, 10_000n));
    await sql`update tokens set state = 'active' where symbol = 'EST'`.execute(deps.db);
    const sign: typeof deps.chain.sign = (input) => {
      if (input.intent.kind === 'transfer' && input.intent.to === broken.address) throw new Error('It breaks.');
      return deps.chain.sign(input);
    };
    const [payCharges] = chargeJobs({ ...deps, chain: { ...deps.chain, sign } });
    await expect(payCharges!.run(never)).rejects.toThrow(first.chargeId);
    expect(await getCharge(deps, { chargeId: second.chargeId, memberId: member.id })).toMatchObject({ state: 'paid' });
    expect((await platform.balance(member)).incoming).toBe(10_000n * EST);
    await settle();
    expect((await platform.balance(broken)).available).toBe(10_000n * EST);
  });

  it('is paid whatever stands beside its code, and a deposit with an unwritable name is kept too', async () => {
    const member = await platform.join('beside');
    const waiting = await charge(member, 10_000n);
    await receiveNotice(deps, deposit(`${waiting.depositCode}\u0000\ud800`, 10_000n));
    const unmatched = deposit('\u0000', 10_000n);
    await receiveNotice(deps, unmatched);
    await settle();
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
    const { rows } = await sql<{ charge_id: string | null }>`
      select charge_id from bank_notices where bank_ref = ${unmatched.notice.bankRef}
    `.execute(deps.db);
    expect(rows).toEqual([{ charge_id: null }]);
  });

  it('can be cancelled while it waits, and not after', async () => {
    const member = await platform.join('undo');
    const first = await charge(member, 10_000n);
    expect(await cancelCharge(deps, { chargeId: first.chargeId, memberId: member.id })).toMatchObject({
      state: 'cancelled',
    });
    expect(await cancelCharge(deps, { chargeId: first.chargeId, memberId: member.id })).toMatchObject({
      state: 'cancelled',
    });
    await receiveNotice(deps, deposit(first.depositCode, 10_000n));
    const second = await charge(member, 10_000n);
    await receiveNotice(deps, deposit(second.depositCode, 10_000n));
    await expect(cancelCharge(deps, { chargeId: second.chargeId, memberId: member.id })).rejects.toMatchObject({
      code: 'charge-not-cancellable',
    });
    await settle();
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
  });

  const tomorrow = () => ({ ...deps, clock: { ...systemClock, nowMs: () => systemClock.nowMs() + 25 * 3_600_000 } });

  it('is paid by a deposit that was made in time, although the bank tells of it after the expiry', async () => {
    const member = await platform.join('intime');
    const waiting = await charge(member, 10_000n);
    const madeAt = new Date(systemClock.nowMs()).toISOString();
    await chargeJobs(tomorrow())[1]!.run(never);
    await receiveNotice(deps, deposit(waiting.depositCode, 10_000n, madeAt));
    await settle();
    expect(await getCharge(deps, { chargeId: waiting.chargeId, memberId: member.id })).toMatchObject({ state: 'done' });
    expect((await platform.balance(member)).available).toBe(10_000n * EST);
  });

  it('expires, and a deposit that is made afterwards is kept unmatched', async () => {
    const member = await platform.join('slow');
    const waiting = await charge(member, 10_000n);
    await chargeJobs(tomorrow())[1]!.run(never);
    expect(await getCharge(deps, { chargeId: waiting.chargeId, memberId: member.id })).toMatchObject({
      state: 'expired',
    });
    const madeAt = new Date(tomorrow().clock.nowMs()).toISOString();
    await receiveNotice(deps, deposit(waiting.depositCode, 10_000n, madeAt));
    await settle();
    expect((await platform.balance(member)).available).toBe(0n);
  });

  it('is nobody else’s to see or cancel', async () => {
    const member = await platform.join('owner');
    const other = await platform.join('other');
    const waiting = await charge(member, 10_000n);
    const asOther = { chargeId: waiting.chargeId, memberId: other.id };
    await expect(getCharge(deps, asOther)).rejects.toMatchObject({ code: 'not-found' });
    await expect(cancelCharge(deps, asOther)).rejects.toMatchObject({ code: 'not-found' });
    expect((await listCharges(deps, { memberId: other.id, cursor: undefined, limit: 20 })).items).toEqual([]);
  });

  it('refuses an amount that is too small or too large', async () => {
    const member = await platform.join('bounds');
    await expect(charge(member, 999n)).rejects.toMatchObject({ code: 'amount-out-of-range' });
    await expect(charge(member, 10_000_001n)).rejects.toMatchObject({ code: 'amount-out-of-range' });
  });

  it('is listed newest first, page by page', async () => {
    const member = await platform.join('pages');
    const made: string[] = [];
    for (let index = 0; index < 5; index++) made.unshift((await charge(member, 1_000n + BigInt(index))).chargeId);
    const first = await listCharges(deps, { memberId: member.id, cursor: undefined, limit: 3 });
    const second = await listCharges(deps, { memberId: member.id, cursor: first.nextCursor ?? undefined, limit: 3 });
    expect([...first.items, ...second.items].map((item) => item.chargeId)).toEqual(made);
    expect(second.nextCursor).toBeNull();
  });
});

describe('a deposit code', () => {
  it('is found in what people write around it', () => {
    const code = newDepositCode(seededIds('codes'));
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{6}$/);
    for (const name of [
      code,
      code.toLowerCase(),
      `홍길동 ${code}`,
      `${code}홍길동`,
      ` ${code.slice(0, 3)} ${code.slice(3)} `,
    ])
      expect(codesIn(name)).toContain(code);
    for (const name of ['', '홍길동', `${code}X`, code.slice(1), 'O0I1O0']) expect(codesIn(name)).not.toContain(code);
  });
});

describe('tokens for won', () => {
  it('are exact or refused', () => {
    expect(tokensForWon({ won: 50_000n, decimals: 18, wonPerToken: 1n })).toBe(50_000n * EST);
    expect(tokensForWon({ won: 1_500n, decimals: 0, wonPerToken: 1_000n })).toBeNull();
    expect(tokensForWon({ won: 1_500n, decimals: 1, wonPerToken: 1_000n })).toBe(15n);
  });
});

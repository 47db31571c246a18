/**
 * A simulated bank: takes deposits by form or JSON, tells the payment server of each until it has heard, and answers
 * when it is asked again. A deposit is on disk before it is answered, so that a notice is never forgotten.
 *
 *   node bank.ts --port 8082 --secret-file <file> --notice-url <url> [--data <file>] [--account-number 110-000-000001]
 *
 * `POST /deposits {accountNumber, depositorName, amountWon}`, `GET /deposits/:bankRef` (bearer: the secret), `GET /` for people.
 * A notice is signed over its exact bytes: `x-bank-signature: t=<unix seconds>,v1=<HMAC-SHA256 hex of "t.body">`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { bytesToHex, randomIds, systemClock } from '@jigeum/std';
import { z } from 'zod';
import { createApp, escapeHtml, page, readArguments, serve } from './program.ts';

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
const NOTICE_WITHIN_MS = 10_000;
const ACCOUNT_NUMBER_DEFAULT = '110-000-000001';

const depositBody = z.object({
  accountNumber: z
    .string()
    .trim()
    .regex(/^[0-9-]{6,20}$/, 'Expected 6 to 20 digits and hyphens.'),
  depositorName: z.string().trim().min(1).max(40),
  amountWon: z
    .string()
    .trim()
    .regex(/^[1-9][0-9]{0,11}$/, 'Expected whole won, more than 0.'),
});

interface Deposit extends z.infer<typeof depositBody> {
  readonly bankRef: string;
  readonly depositedAt: string;
}

const args = readArguments(['secret-file', 'notice-url', 'data', 'account-number']);
const secret = args.secret('secret-file');
const noticeUrl = args.need('notice-url');
const dataFile = args.optional('data');
const accountNumber = args.optional('account-number') ?? ACCOUNT_NUMBER_DEFAULT;
const deposits = new Map<string, Deposit>();
const told = new Set<string>();
const app = createApp();

if (dataFile !== undefined && existsSync(dataFile)) load(dataFile);

app.post('/deposits', async (request, reply) => {
  const body = depositBody.safeParse(request.body);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  if (!body.success) {
    const problem = z.prettifyError(body.error);
    return isForm
      ? reply.code(400).type('text/html; charset=utf-8').send(front(problem))
      : reply.code(400).send({ message: problem });
  }
  const deposit: Deposit = {
    ...body.data,
    bankRef: `B${bytesToHex(randomIds.bytes(8)).toUpperCase()}`,
    depositedAt: new Date(systemClock.nowMs()).toISOString(),
  };
  record({ deposit });
  deposits.set(deposit.bankRef, deposit);
  void tell(deposit, RETRY_FIRST_MS);
  return isForm ? reply.redirect('/', 303) : reply.code(201).send(deposit);
});

app.get('/deposits/:bankRef', async (request, reply) => {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${secret}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return reply.code(401).send({ message: 'Expected the bearer secret.' });
  const { bankRef } = z.object({ bankRef: z.string() }).parse(request.params);
  const deposit = deposits.get(bankRef);
  return deposit === undefined ? reply.code(404).send({ message: 'No such deposit.' }) : deposit;
});

app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(front()));

for (const deposit of deposits.values()) if (!told.has(deposit.bankRef)) void tell(deposit, RETRY_FIRST_MS);
await serve(app, 'Bank', args.port);

/** Tells the server of a deposit until it answers 204. Told twice has no effect there: the reference is unique. */
async function tell(deposit: Deposit, waitMs: number): Promise<void> {
  const body = JSON.stringify(deposit);
  const seconds = Math.floor(systemClock.nowMs() / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const response = await fetch(noticeUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-bank-signature': `t=${seconds},v1=${signature}` },
    body,
    signal: AbortSignal.timeout(NOTICE_WITHIN_MS),
  }).catch(() => undefined);
  if (response?.status === 204) {
    told.add(deposit.bankRef);
    record({ told: deposit.bankRef });
    return;
  }
  console.log(
    `Notice ${deposit.bankRef}: ${response === undefined ? 'no answer' : `status ${response.status}`}; again in ${waitMs} ms`,
  );
  setTimeout(() => void tell(deposit, Math.min(waitMs * 2, RETRY_MAX_MS)), waitMs).unref();
}

function record(line: { deposit: Deposit } | { told: string }): void {
  if (dataFile !== undefined) appendFileSync(dataFile, `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
}

/** A last line that a crash cut off was never answered and is left out. */
function load(file: string): void {
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    if (!text.endsWith('}')) continue;
    const line = JSON.parse(text) as { deposit?: Deposit; told?: string };
    if (line.deposit !== undefined) deposits.set(line.deposit.bankRef, line.deposit);
    if (line.told !== undefined) told.add(line.told);
  }
}

function front(problem?: string): string {
  const rows = [...deposits.values()]
    .toReversed()
    .slice(0, 30)
    .map((deposit) => {
      const state = told.has(deposit.bankRef) ? '입금 알림을 보냈어요' : '입금 알림을 보내고 있어요';
      return `<article class="card"><div class="amount">${escapeHtml(Intl.NumberFormat('ko-KR').format(BigInt(deposit.amountWon)))}원</div><div class="meta"><span>${escapeHtml(deposit.depositorName)}</span><span>${state}</span></div></article>`;
    });
  return page({
    title: '은행 (시뮬레이션)',
    lead: '앱의 충전 화면에 나온 계좌번호와 입금자명으로 입금해 보세요. 실제 돈은 움직이지 않아요.',
    body: `<form class="card" method="post" action="/deposits">
${problem === undefined ? '' : `<div class="note" role="alert">${escapeHtml(problem)}</div>`}
<label for="accountNumber">계좌번호</label><input id="accountNumber" name="accountNumber" value="${escapeHtml(accountNumber)}" required inputmode="numeric">
<label for="depositorName">입금자명 (충전 화면의 코드)</label><input id="depositorName" name="depositorName" required autocomplete="off">
<label for="amountWon">금액 (원)</label><input id="amountWon" name="amountWon" required inputmode="numeric" autocomplete="off">
<button type="submit">입금하기</button></form>
${rows.join('')}`,
  });
}

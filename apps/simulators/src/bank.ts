/**
 * Simulated bank: a page to pay something in, signed notices to the platform until they are taken (so at least once),
 * and the answer whether it knows a deposit. No won moves.
 *   node apps/simulators/src/bank.ts --port 8082 --secret-file FILE --notice-url URL [--data FILE]
 * With --data each deposit is written to that file (one JSON a line) and read again at the next start.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { z } from 'zod';
import { systemClock } from '@jigeum/std';
import {
  escapeHtml,
  hmacHex,
  isSameText,
  koreanTime,
  pageHeaders,
  pageOf,
  readOptions,
  readSecret,
  runProgram,
} from './program.ts';

const options = readOptions(['port', 'secret-file', 'notice-url'], ['data']);
const secret = readSecret(options['secret-file']);

const RETRY_FIRST_MS = 300;
const RETRY_MAX_MS = 15_000;
const NOTICE_TIMEOUT_MS = 5_000;
const QUESTION_AGE_SECONDS_MAX = 300;

const depositBody = z.object({
  accountNumber: z
    .string()
    .trim()
    .regex(/^[0-9-]{6,20}$/, '계좌번호는 숫자와 - 로 6~20자여야 해요.'),
  depositorName: z.string().trim().min(1, '입금자명을 적어 주세요.').max(40),
  amountWon: z
    .string()
    .trim()
    .transform((text) => text.replaceAll(',', ''))
    .pipe(z.string().regex(/^[1-9][0-9]{0,11}$/, '금액은 1원 이상의 숫자여야 해요.')),
});

interface Deposit {
  bankRef: string;
  accountNumber: string;
  depositorName: string;
  amountWon: string;
  depositedAt: string;
}

/** Oldest first. */
const deposits = new Map<string, Deposit>();
/** Deposits whose notice the platform has taken. */
const told = new Set<string>();

const app = Fastify({ bodyLimit: 16 * 1024 });
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
  done(null, Object.fromEntries(new URLSearchParams(text as string))),
);

app.post('/deposits', async (request, reply) => {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const parsed = depositBody.safeParse(request.body);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => issue.message);
    return isForm
      ? reply
          .code(400)
          .headers(pageHeaders)
          .send(page({ problems: sentences }))
      : reply.code(400).send({ message: sentences.join(' ') });
  }
  const deposit: Deposit = {
    bankRef: `SIM-${randomBytes(8).toString('hex')}`,
    ...parsed.data,
    depositedAt: new Date(systemClock.nowMs()).toISOString(),
  };
  // Written before anyone is told: the platform asks for it.
  record({ kind: 'deposit', deposit });
  deposits.set(deposit.bankRef, deposit);
  void tell(deposit);
  return isForm ? reply.redirect('/', 303) : reply.code(201).send(deposit);
});

app.get<{ Params: { bankRef: string } }>('/deposits/:bankRef', async (request, reply) => {
  const match = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/.exec(String(request.headers['x-bank-signature'] ?? ''));
  const age = match === null ? Infinity : Math.abs(systemClock.nowMs() / 1000 - Number.parseInt(match[1]!, 10));
  if (
    match === null ||
    age > QUESTION_AGE_SECONDS_MAX ||
    !isSameText(match[2]!, hmacHex(secret, `${match[1]}.GET ${request.url}`))
  )
    return reply.code(401).send({ message: 'Expected the header x-bank-signature.' });
  return deposits.get(request.params.bankRef) ?? reply.code(404).send({ message: 'No such deposit.' });
});

app.get('/', async (_request, reply) => reply.headers(pageHeaders).send(page({ problems: [] })));

/** Tells the platform until it answers 204. A lost answer means telling twice: the platform must not mind. */
async function tell(deposit: Deposit): Promise<void> {
  const body = JSON.stringify(deposit);
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
    const seconds = Math.floor(systemClock.nowMs() / 1000);
    try {
      const response = await fetch(options['notice-url'], {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-bank-signature': `t=${seconds},v1=${hmacHex(secret, `${seconds}.`, body)}`,
        },
        body,
        signal: AbortSignal.timeout(NOTICE_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (response.status === 204) {
        told.add(deposit.bankRef);
        record({ kind: 'told', bankRef: deposit.bankRef });
        return;
      }
      console.error(`The platform answered ${response.status} to a notice; it will be told again.`);
    } catch (error) {
      console.error(`The platform did not take a notice (${(error as Error).name}); it will be told again.`);
    }
    await new Promise<void>((resolve) => {
      setTimeout(resolve, waitMs).unref();
    });
  }
}

type Line = { kind: 'deposit'; deposit: Deposit } | { kind: 'told'; bankRef: string };

function record(line: Line): void {
  if (options['data'] !== undefined)
    appendFileSync(options['data'], `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
}

function recall(): void {
  if (options['data'] === undefined || !existsSync(options['data'])) return;
  const content = readFileSync(options['data'], 'utf8');
  // After a cut-off line the next one begins on a line of its own.
  if (content !== '' && !content.endsWith('\n')) appendFileSync(options['data'], '\n');
  for (const text of content.split('\n')) {
    if (text === '') continue;
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      // The last line of a killed process may be cut off: nobody was told of that deposit.
      console.error('A cut-off line of the data file is passed over.');
      continue;
    }
    if (line.kind === 'deposit') deposits.set(line.deposit.bankRef, line.deposit);
    else told.add(line.bankRef);
  }
  for (const deposit of deposits.values()) if (!told.has(deposit.bankRef)) void tell(deposit);
}

function page(input: { problems: readonly string[] }): string {
  const cards = [...deposits.values()]
    .reverse()
    .slice(0, 20)
    .map(
      (deposit) =>
        `<article class="card"><div class="row"><span>${escapeHtml(deposit.accountNumber)}</span><time datetime="${deposit.depositedAt}">${koreanTime(
          Date.parse(deposit.depositedAt),
        )}</time></div><div class="text"><b>${BigInt(deposit.amountWon).toLocaleString('ko-KR')}원</b> · ${escapeHtml(
          deposit.depositorName,
        )} · ${told.has(deposit.bankRef) ? '통지 완료' : '통지 중'}</div></article>`,
    );
  return pageOf({
    title: '은행 입금 (시뮬레이션)',
    banner: '시뮬레이션이에요. 실제 돈은 움직이지 않아요. This is a simulation: no money moves.',
    body: `<p>충전 화면에 나온 계좌번호, 입금자명, 금액을 그대로 적어 주세요.</p>${input.problems
      .map((problem) => `<div class="card" role="alert">${escapeHtml(problem)}</div>`)
      .join(
        '',
      )}<form class="card" method="post" action="/deposits"><label>계좌번호<input name="accountNumber" required inputmode="numeric" autocomplete="off" pattern="[0-9\\-]{6,20}"></label><label>입금자명 (충전 코드)<input name="depositorName" required maxlength="40" autocomplete="off"></label><label>금액 (원)<input name="amountWon" required inputmode="numeric" autocomplete="off" pattern="[0-9,]{1,15}"></label><button>입금하기</button></form><h1>최근 입금</h1><section>${
      cards.join('') || '<div class="card">아직 입금이 없어요.</div>'
    }</section>`,
  });
}

recall();
await runProgram(app, options.port);

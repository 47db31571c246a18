/**
 * Simulated real-name agency: PortOne's identity-verification REST. It checks nobody: whoever can read the code that it
 * sends through the simulated SMS is taken for the person. Memory only.
 *   node apps/simulators/src/agency.ts --port 8083 --secret-file FILE --sms-url URL --sms-secret-file FILE
 *
 * Names that make it refuse: one that contains 불일치 differs from the carrier's records; 한도초과 has used up its
 * transactions; 점검중 gets a gateway that is down.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import Fastify, { type FastifyReply } from 'fastify';
import { z } from 'zod';
import { systemClock } from '@jigeum/std';
import { hmacHex, isSameText, pageHeaders, pageOf, readOptions, readSecret, runProgram } from './program.ts';

const options = readOptions(['port', 'secret-file', 'sms-url', 'sms-secret-file']);
const secret = readSecret(options['secret-file']);
const smsSecret = readSecret(options['sms-secret-file']);

const CODE_MS = 180_000;
const TRIES_MAX = 5;
const CHECKS_MAX = 10_000;
const SMS_TIMEOUT_MS = 4_000;

const sendBody = z.object({
  channelKey: z.string().min(1),
  customer: z.object({
    name: z.string().min(1).max(60),
    phoneNumber: z.string().regex(/^010[0-9]{8}$/),
    identityNumber: z.string().regex(/^[0-9]{7}$/),
  }),
  operator: z.enum(['SKT', 'KT', 'LGU', 'SKT_MVNO', 'KT_MVNO', 'LGU_MVNO']),
  method: z.literal('SMS'),
});
const confirmBody = z.object({ otp: z.string().regex(/^[0-9]{6}$/) });

interface Check {
  id: string;
  status: 'READY' | 'VERIFIED' | 'FAILED';
  customer: z.infer<typeof sendBody>['customer'];
  operator: string;
  code: string;
  expiresAtMs: number;
  tries: number;
}

/** Oldest first; the oldest go when there are too many. */
const checks = new Map<string, Check>();

const app = Fastify({ bodyLimit: 16 * 1024 });

app.addHook('onRequest', async (request, reply) => {
  if (!request.url.startsWith('/identity-verifications/')) return;
  if (!isSameText(request.headers.authorization ?? '', `PortOne ${secret}`))
    return problem(reply, 401, 'UNAUTHORIZED', 'Expected the header Authorization: PortOne <secret>.');
});
app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
  problem(reply, error.statusCode ?? 500, 'INVALID_REQUEST', error.message),
);
// PortOne's resend has no body, but clients send the content type all the same.
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
  try {
    done(null, text === '' ? {} : JSON.parse(text as string));
  } catch (error) {
    done(Object.assign(error as Error, { statusCode: 400 }));
  }
});

type Params = { Params: { id: string } };

app.post<Params>('/identity-verifications/:id/send', async (request, reply) => {
  const parsed = sendBody.safeParse(request.body);
  if (!parsed.success) return problem(reply, 400, 'INVALID_REQUEST', z.prettifyError(parsed.error));
  if (checks.has(request.params.id))
    return problem(reply, 409, 'IDENTITY_VERIFICATION_ALREADY_SENT', 'This id has been sent already: resend it.');
  const { customer, operator } = parsed.data;
  if (customer.name.includes('불일치'))
    return gatewayProblem(reply, 'PERSON_MISMATCH', '명의자 정보가 일치하지 않습니다.');
  if (customer.name.includes('점검중')) return gatewayProblem(reply, 'MAINTENANCE', '기관 점검 중입니다.');
  if (customer.name.includes('한도초과'))
    return problem(reply, 429, 'MAX_TRANSACTION_COUNT_REACHED', 'No further transactions today.');
  const check: Check = {
    id: request.params.id,
    status: 'READY',
    customer,
    operator,
    code: newCode(),
    expiresAtMs: systemClock.nowMs() + CODE_MS,
    tries: 0,
  };
  if (checks.size >= CHECKS_MAX) checks.delete(checks.keys().next().value!);
  checks.set(check.id, check);
  return sendCode(reply, check);
});

app.post<Params>('/identity-verifications/:id/resend', async (request, reply) => {
  const check = checks.get(request.params.id);
  if (check === undefined) return problem(reply, 404, 'IDENTITY_VERIFICATION_NOT_FOUND', 'No such id.');
  if (check.status === 'VERIFIED')
    return problem(reply, 409, 'IDENTITY_VERIFICATION_ALREADY_VERIFIED', 'This id is verified.');
  check.code = newCode();
  check.expiresAtMs = systemClock.nowMs() + CODE_MS;
  return sendCode(reply, check);
});

app.post<Params>('/identity-verifications/:id/confirm', async (request, reply) => {
  const check = checks.get(request.params.id);
  if (check === undefined) return problem(reply, 404, 'IDENTITY_VERIFICATION_NOT_FOUND', 'No such id.');
  if (check.status === 'VERIFIED')
    return problem(reply, 409, 'IDENTITY_VERIFICATION_ALREADY_VERIFIED', 'This id is verified.');
  const parsed = confirmBody.safeParse(request.body);
  if (!parsed.success) return problem(reply, 400, 'INVALID_REQUEST', z.prettifyError(parsed.error));
  if (check.status === 'FAILED' || check.expiresAtMs <= systemClock.nowMs())
    return gatewayProblem(reply, 'OTP_EXPIRED', '인증번호 유효 시간이 지났습니다.');
  check.tries++;
  if (!isSameText(parsed.data.otp, check.code)) {
    if (check.tries >= TRIES_MAX) check.status = 'FAILED';
    return gatewayProblem(reply, 'OTP_MISMATCH', '인증번호가 일치하지 않습니다.');
  }
  check.status = 'VERIFIED';
  return { identityVerification: viewOf(check) };
});

app.get<Params>('/identity-verifications/:id', async (request, reply) => {
  const check = checks.get(request.params.id);
  return check === undefined ? problem(reply, 404, 'IDENTITY_VERIFICATION_NOT_FOUND', 'No such id.') : viewOf(check);
});

app.get('/', async (_request, reply) =>
  reply.headers(pageHeaders).send(
    pageOf({
      title: '본인확인 기관 (시뮬레이션)',
      banner: '시뮬레이션이에요. 실제 신원을 확인하지 않아요. This is a simulation: nobody is checked.',
      body: `<p>인증번호는 SMS 보관함으로 보내요.</p><div class="card"><div class="text">이름에 <b>불일치</b>가 있으면 정보 불일치, <b>한도초과</b>가 있으면 횟수 초과, <b>점검중</b>이 있으면 기관 점검으로 답해요.</div></div>`,
    }),
  ),
);

async function sendCode(reply: FastifyReply, check: Check): Promise<unknown> {
  const date = new Date(systemClock.nowMs()).toISOString();
  const salt = randomBytes(16).toString('hex');
  let status: number;
  try {
    const response = await fetch(`${options['sms-url']}/messages/v4/send`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `HMAC-SHA256 apiKey=simulator, date=${date}, salt=${salt}, signature=${hmacHex(smsSecret, date, salt)}`,
      },
      body: JSON.stringify({
        message: {
          to: check.customer.phoneNumber,
          from: '15990000',
          text: `[지금 본인확인·시뮬레이션] 인증번호는 ${check.code} 입니다. 3분 안에 입력해 주세요. 다른 사람에게 알려 주지 마세요.`,
        },
      }),
      signal: AbortSignal.timeout(SMS_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    status = response.status;
  } catch (error) {
    return gatewayProblem(reply, 'SMS_UNREACHABLE', (error as Error).name);
  }
  return status === 200 ? {} : gatewayProblem(reply, 'SMS_REFUSED', `The SMS part answered ${status}.`);
}

/** One person has one CI, whatever the phone: 88 characters of base64, as the real ones have. */
const ciOf = ({ name, identityNumber }: Check['customer']): string =>
  createHash('sha512').update(`simulated ci\n${name}\n${identityNumber}`).digest('base64');

const newCode = (): string => String(randomInt(0, 1_000_000)).padStart(6, '0');

function viewOf(check: Check): unknown {
  const { customer } = check;
  return {
    status: check.status,
    id: check.id,
    channel: { type: 'TEST' },
    ...(check.status === 'VERIFIED'
      ? {
          verifiedCustomer: {
            name: customer.name,
            operator: check.operator,
            phoneNumber: customer.phoneNumber,
            birthDate: customer.identityNumber.slice(0, 6),
            ci: ciOf(customer),
          },
        }
      : {}),
  };
}

const problem = (reply: FastifyReply, status: number, type: string, message: string): FastifyReply =>
  reply.code(status).send({ type, message });

/** What the carrier's gateway refuses comes as PG_PROVIDER with the gateway's own code. */
const gatewayProblem = (reply: FastifyReply, pgCode: string, pgMessage: string): FastifyReply =>
  reply.code(502).send({ type: 'PG_PROVIDER', message: pgMessage, pgCode, pgMessage });

await runProgram(app, options.port);

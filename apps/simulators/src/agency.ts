/**
 * A simulated real-name agency by the shape of PortOne's identity-verification REST API.
 *
 *   node agency.ts --port 8083 --secret-file <file> --sms-url <url> --sms-secret-file <file>
 *
 * It knows nobody, so any well-formed person matches, except for these, which let every refusal be seen:
 * a name with "불일치" differs from the carrier's records; a name with "무응답" is never answered (a hanging agency).
 * The CI of a person is a hash of name, birth date and sex digit: the same person with another phone has the same CI.
 */
import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { bytesToHex, randomIds, systemClock } from '@jigeum/std';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { createApp, page, readArguments, serve } from './program.ts';

const CODE_TTL_MS = 180_000;
const TRIES_MAX = 5;
const SENDS_MAX = 10;
/** Checks that are remembered; the oldest are forgotten. */
const CHECKS_MAX = 10_000;
const HANG_MS = 60_000;
const SMS_API_KEY = 'jigeum-simulation';
const SMS_SENDER = '15880000';

const sendBody = z.object({
  channelKey: z.string().min(1),
  customer: z.object({
    name: z.string().min(1),
    phoneNumber: z.string().regex(/^010[0-9]{8}$/),
    identityNumber: z.string().regex(/^[0-9]{6}[1-8]$/),
  }),
  operator: z.string().min(1),
  method: z.literal('SMS'),
});
const confirmBody = z.object({ otp: z.string().regex(/^[0-9]{6}$/) });
const idParams = z.object({ id: z.string().min(1).max(64) });

interface Check {
  readonly id: string;
  readonly customer: z.infer<typeof sendBody>['customer'];
  readonly operator: string;
  readonly requestedAt: string;
  code: string;
  expiresAtMs: number;
  tries: number;
  sends: number;
  verifiedAt: string | null;
}

const args = readArguments(['secret-file', 'sms-url', 'sms-secret-file']);
const secret = args.secret('secret-file');
const smsUrl = args.need('sms-url');
const smsSecret = args.secret('sms-secret-file');
const checks = new Map<string, Check>();
const app = createApp();

app.addHook('onRequest', async (request, reply) => {
  if (request.url === '/') return;
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`PortOne ${secret}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    await refuse(reply, 401, 'UNAUTHORIZED', 'Expected "Authorization: PortOne <API secret>".');
  }
});

app.post('/identity-verifications/:id/send', async (request, reply) => {
  const { id } = idParams.parse(request.params);
  const body = sendBody.safeParse(request.body);
  if (!body.success) return refuse(reply, 400, 'INVALID_REQUEST', z.prettifyError(body.error));
  if (checks.has(id)) return refuse(reply, 409, 'IDENTITY_VERIFICATION_ALREADY_SENT', `${id} was sent; use resend.`);
  const { customer, operator } = body.data;
  if (customer.name.includes('무응답')) await new Promise((resume) => setTimeout(resume, HANG_MS));
  if (customer.name.includes('불일치'))
    return refuseByCarrier(reply, 'PERSON_MISMATCH', "The person differs from the carrier's records.");
  const check: Check = {
    ...{ id, customer, operator, requestedAt: now() },
    ...{ code: '', expiresAtMs: 0, tries: 0, sends: 0, verifiedAt: null },
  };
  remember(check);
  return sendCode(check, reply);
});

app.post('/identity-verifications/:id/resend', async (request, reply) => {
  const check = checks.get(idParams.parse(request.params).id);
  if (check === undefined) return refuse(reply, 404, 'IDENTITY_VERIFICATION_NOT_FOUND', 'No such verification.');
  if (check.verifiedAt !== null) return refuse(reply, 409, 'IDENTITY_VERIFICATION_ALREADY_VERIFIED', 'It is verified.');
  if (check.sends >= SENDS_MAX)
    return refuse(reply, 429, 'MAX_TRANSACTION_COUNT_REACHED', `At most ${SENDS_MAX} codes.`);
  return sendCode(check, reply);
});

app.post('/identity-verifications/:id/confirm', async (request, reply) => {
  const check = checks.get(idParams.parse(request.params).id);
  if (check === undefined) return refuse(reply, 404, 'IDENTITY_VERIFICATION_NOT_FOUND', 'No such verification.');
  if (check.verifiedAt !== null) return refuse(reply, 409, 'IDENTITY_VERIFICATION_ALREADY_VERIFIED', 'It is verified.');
  const body = confirmBody.safeParse(request.body);
  if (!body.success) return refuse(reply, 400, 'INVALID_REQUEST', z.prettifyError(body.error));
  if (check.tries >= TRIES_MAX)
    return refuse(reply, 429, 'MAX_TRANSACTION_COUNT_REACHED', `At most ${TRIES_MAX} tries.`);
  check.tries += 1;
  if (systemClock.nowMs() > check.expiresAtMs) return refuseByCarrier(reply, 'OTP_EXPIRED', 'The code has expired.');
  if (!timingSafeEqual(Buffer.from(check.code), Buffer.from(body.data.otp))) {
    return refuseByCarrier(reply, 'OTP_MISMATCH', 'The code is not right.');
  }
  check.verifiedAt = now();
  return { identityVerification: view(check) };
});

app.get('/identity-verifications/:id', async (request, reply) => {
  const check = checks.get(idParams.parse(request.params).id);
  return check === undefined
    ? refuse(reply, 404, 'IDENTITY_VERIFICATION_NOT_FOUND', 'No such verification.')
    : view(check);
});

app.get('/', async (_request, reply) =>
  reply.type('text/html; charset=utf-8').send(
    page({
      title: '본인확인 기관 (시뮬레이션)',
      lead: '형식이 맞는 사람이면 누구든 확인해 줘요. 인증번호는 문자 보관함에 도착해요.',
      body: '<div class="card">이름에 <b>불일치</b>가 들어 있으면 통신사 정보와 다르다고 답하고, <b>무응답</b>이 들어 있으면 1분 동안 답하지 않아요.</div>',
    }),
  ),
);

await serve(app, 'Real-name agency', args.port);

async function sendCode(check: Check, reply: FastifyReply): Promise<unknown> {
  check.code = randomInt(0, 1_000_000).toString().padStart(6, '0');
  check.expiresAtMs = systemClock.nowMs() + CODE_TTL_MS;
  check.sends += 1;
  const date = now();
  const salt = bytesToHex(randomIds.bytes(16));
  const signature = createHmac('sha256', smsSecret).update(`${date}${salt}`).digest('hex');
  const response = await fetch(`${smsUrl}/messages/v4/send`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `HMAC-SHA256 apiKey=${SMS_API_KEY}, date=${date}, salt=${salt}, signature=${signature}`,
    },
    body: JSON.stringify({
      message: {
        to: check.customer.phoneNumber,
        from: SMS_SENDER,
        text: `[지금] 본인확인 인증번호 ${check.code} 를 입력해 주세요. 누구에게도 알려 주지 마세요.`,
      },
    }),
  }).catch(() => undefined);
  if (response?.ok !== true)
    return refuse(reply, 502, 'PG_PROVIDER', 'The message could not be sent.', { pgCode: 'SMS_FAILED' });
  return {};
}

function view(check: Check): unknown {
  const { customer } = check;
  if (check.verifiedAt === null) return { status: 'READY', id: check.id, requestedAt: check.requestedAt };
  return {
    status: 'VERIFIED',
    id: check.id,
    requestedAt: check.requestedAt,
    verifiedAt: check.verifiedAt,
    verifiedCustomer: {
      name: customer.name,
      operator: check.operator,
      phoneNumber: customer.phoneNumber,
      // 88 characters, as a CI has.
      ci: createHash('sha512').update(`${customer.name}|${customer.identityNumber}`).digest('base64'),
    },
  };
}

function remember(check: Check): void {
  checks.set(check.id, check);
  const [oldest] = checks.keys();
  if (checks.size > CHECKS_MAX && oldest !== undefined) checks.delete(oldest);
}

const now = (): string => new Date(systemClock.nowMs()).toISOString();

function refuse(reply: FastifyReply, status: number, type: string, message: string, more: object = {}): FastifyReply {
  return reply.code(status).send({ type, message, ...more });
}

/** What the carrier behind the agency refuses. */
const refuseByCarrier = (reply: FastifyReply, pgCode: string, pgMessage: string): FastifyReply =>
  refuse(reply, 502, 'PG_PROVIDER', pgMessage, { pgCode, pgMessage });

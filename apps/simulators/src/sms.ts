/**
 * A simulated SMS provider: takes messages by the shape of SOLAPI's `POST /messages/v4/send` and shows them in an inbox.
 *
 *   node sms.ts --port 8081 --secret-file <file>
 *
 * `GET /` the inbox for people, `GET /inbox?to=<phone>` the same as JSON, newest first.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { bytesToHex, randomIds, systemClock } from '@jigeum/std';
import { z } from 'zod';
import { createApp, escapeHtml, page, readArguments, serve } from './program.ts';

/** The newest are kept. */
const MESSAGES_MAX = 1_000;
const DATE_TOLERANCE_MS = 15 * 60 * 1000;
const API_KEY = 'jigeum-simulation';

interface Message {
  readonly messageId: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly at: string;
}

const sendBody = z.object({
  message: z.object({
    to: z.string().regex(/^0[0-9]{8,10}$/),
    from: z.string().min(1).max(20),
    text: z.string().min(1).max(2000),
  }),
});
const inboxQuery = z.object({ to: z.string().max(20).optional() });

const args = readArguments(['secret-file']);
const secret = args.secret('secret-file');
const messages: Message[] = [];
const app = createApp();

app.post('/messages/v4/send', async (request, reply) => {
  if (!isAuthorised(request.headers.authorization)) {
    return reply
      .code(403)
      .send({ errorCode: 'SignatureDoesNotMatch', errorMessage: 'Expected an HMAC-SHA256 signature by the secret.' });
  }
  const body = sendBody.safeParse(request.body);
  if (!body.success)
    return reply.code(400).send({ errorCode: 'ValidationError', errorMessage: z.prettifyError(body.error) });
  const message: Message = {
    messageId: `M${bytesToHex(randomIds.bytes(12))}`,
    ...body.data.message,
    at: new Date(systemClock.nowMs()).toISOString(),
  };
  messages.unshift(message);
  messages.length = Math.min(messages.length, MESSAGES_MAX);
  return {
    messageId: message.messageId,
    to: message.to,
    from: message.from,
    type: 'SMS',
    statusCode: '2000',
    statusMessage: 'Accepted',
  };
});

app.get('/inbox', async (request) => {
  const { to } = inboxQuery.parse(request.query);
  return { messages: messages.filter((message) => to === undefined || message.to === to) };
});

app.get('/', async (_request, reply) => {
  const cards = messages
    .slice(0, 50)
    .map(
      (message) =>
        `<article class="card"><div class="meta"><strong>${escapeHtml(message.to)}</strong><time>${escapeHtml(korean(message.at))}</time></div>${escapeHtml(message.text)}</article>`,
    );
  return reply.type('text/html; charset=utf-8').send(
    page({
      title: '문자 보관함 (시뮬레이션)',
      lead: '가입하거나 확인할 때 보낸 문자가 여기에 도착해요. 새 문자는 3초마다 보여요.',
      body: cards.length === 0 ? '<div class="card">아직 온 문자가 없어요.</div>' : cards.join(''),
      refreshSeconds: 3,
    }),
  );
});

await serve(app, 'SMS provider', args.port);

/** `HMAC-SHA256 apiKey=…, date=…, salt=…, signature=…`: the signature is over date and salt. */
function isAuthorised(header: string | undefined): boolean {
  const match = /^HMAC-SHA256 apiKey=([^,]+), date=([^,]+), salt=([^,]{12,64}), signature=([0-9a-f]{64})$/.exec(
    header ?? '',
  );
  if (match === null || match[1] !== API_KEY) return false;
  const sentAt = Date.parse(match[2]!);
  if (!(Math.abs(systemClock.nowMs() - sentAt) <= DATE_TOLERANCE_MS)) return false;
  const expected = createHmac('sha256', secret).update(`${match[2]}${match[3]}`).digest();
  return timingSafeEqual(expected, Buffer.from(match[4]!, 'hex'));
}

const korean = (at: string): string => new Date(at).toLocaleTimeString('ko-KR', { timeZone: 'Asia/Seoul' });

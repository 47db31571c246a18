/**
 * Simulated SMS: takes messages as Solapi does (`POST /messages/v4/send`, HMAC-SHA256 header) and shows them on a page
 * instead of a phone. Memory only: what it has taken is gone when it ends.
 *   node apps/simulators/src/sms.ts --port 8081 --secret-file FILE
 */
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

const options = readOptions(['port', 'secret-file']);
const secret = readSecret(options['secret-file']);

const MESSAGES_MAX = 500;
const CLOCK_SKEW_MS = 5 * 60_000;
const AUTHORIZATION =
  /^HMAC-SHA256 apiKey=(?<apiKey>[\w-]{1,64}), date=(?<date>[^,]{1,40}), salt=(?<salt>[\w-]{12,64}), signature=(?<signature>[0-9a-f]{64})$/;

const body = z.object({
  message: z.object({
    to: z.string().regex(/^[0-9]{8,12}$/),
    from: z.string().regex(/^[0-9]{3,12}$/),
    text: z.string().min(1).max(2000),
  }),
});

interface Message {
  messageId: string;
  to: string;
  from: string;
  text: string;
  at: string;
}

/** Newest first. */
const messages: Message[] = [];
let count = 0;

const app = Fastify({ bodyLimit: 16 * 1024 });

app.post('/messages/v4/send', async (request, reply) => {
  const given = AUTHORIZATION.exec(request.headers.authorization ?? '')?.groups;
  const isFresh = Math.abs(Date.parse(given?.['date'] ?? '') - systemClock.nowMs()) <= CLOCK_SKEW_MS;
  if (
    given === undefined ||
    !isFresh ||
    !isSameText(given['signature']!, hmacHex(secret, given['date']!, given['salt']!))
  )
    return reply
      .code(403)
      .send({ errorCode: 'SignatureDoesNotMatch', errorMessage: 'Expected a fresh HMAC-SHA256 header.' });
  const parsed = body.safeParse(request.body);
  if (!parsed.success)
    return reply.code(400).send({ errorCode: 'ValidationError', errorMessage: z.prettifyError(parsed.error) });
  const message: Message = {
    messageId: `SIM${String(++count).padStart(10, '0')}`,
    ...parsed.data.message,
    at: new Date(systemClock.nowMs()).toISOString(),
  };
  messages.unshift(message);
  messages.length = Math.min(messages.length, MESSAGES_MAX);
  return {
    messageId: message.messageId,
    to: message.to,
    from: message.from,
    statusCode: '2000',
    statusMessage: '정상 접수(시뮬레이션)',
  };
});

app.get<{ Querystring: { to?: string } }>('/inbox', async (request, reply) => {
  const to = request.query.to?.replaceAll(/[^0-9]/g, '') ?? '';
  const shown = to === '' ? messages : messages.filter((message) => message.to === to);
  if (!(request.headers.accept ?? '').includes('text/html')) return { isSimulation: true, messages: shown };
  return reply.headers(pageHeaders).send(inboxPage(shown, to));
});
app.get('/', async (_request, reply) => reply.redirect('/inbox'));

function inboxPage(shown: readonly Message[], to: string): string {
  const cards = shown
    .slice(0, 50)
    .map(
      (message) =>
        `<article class="card"><div class="row"><span>받는 번호 ${escapeHtml(message.to)}</span><time datetime="${message.at}">${koreanTime(Date.parse(message.at))}</time></div><div class="text">${escapeHtml(
          message.text,
        ).replace(/\b([0-9]{6})\b/, '<span class="code">$1</span>')}</div></article>`,
    );
  return pageOf({
    title: 'SMS 보관함 (시뮬레이션)',
    banner: '시뮬레이션이에요. 실제 문자는 보내지 않아요. This is a simulation: no SMS is sent.',
    refreshSeconds: 3,
    body: `<p>휴대폰으로 갈 문자가 여기에 보여요. 최신 문자가 맨 위에 있고, 3초마다 새로 고쳐요.</p>${
      to === '' ? '' : `<p>${escapeHtml(to)} 번호의 문자만 보고 있어요. <a href="/inbox">모두 보기</a></p>`
    }<section aria-live="polite">${cards.join('') || '<div class="card">아직 문자가 없어요.</div>'}</section>`,
  });
}

await runProgram(app, options.port);

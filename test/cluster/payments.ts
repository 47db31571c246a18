/** Asks servers for payments and keeps every answer as it came, for whoever checks afterwards. */
import { Agent, request } from 'node:http';
import type pg from 'pg';
import { encodeSecretForm, SECRET_FORM_TYPE } from '@jigeum/api';
import { systemClock } from '@jigeum/std';
import type { Person } from './people.ts';
import { until } from './until.ts';

/** What came back. `none`: nothing, so whether it happened is unknown. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The body's exact text. */
      readonly text: string;
      /** Seconds that the server wants us to wait; null where it says nothing. */
      readonly retryAfterS: number | null;
    }
  | { readonly kind: 'none'; readonly cause: string };

export interface PaymentOrder {
  /** A UUID: the idempotency key, which becomes the transfer's id. */
  readonly key: string;
  readonly payer: Person;
  readonly payee: Person;
  /** Base units. */
  readonly amount: bigint;
  /** The payer's own unless given. */
  readonly pin?: string;
}

export interface RecordedAnswer {
  readonly key: string;
  /** `members.id` of who asked. */
  readonly memberId: string;
  readonly url: string;
  readonly answer: Answer;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

export interface PaymentClient {
  /** Sends the request once. Never throws. */
  ask(url: string, order: PaymentOrder): Promise<Answer>;
  /**
   * Asks again with the same key, at the next address, while there is no answer or the answer says "later" (429, 503, or
   * 409 for a twin that is under way).
   * Resolves to the first answer that settles it; to the last one where time is up.
   */
  askUntilSettled(urls: readonly string[], order: PaymentOrder, withinMs?: number): Promise<Answer>;
  /** Every answer so far, in the order in which they came. */
  readonly answers: readonly RecordedAnswer[];
  /** Keys that were answered with 2xx. */
  acceptedKeys(): ReadonlySet<string>;
  close(): void;
}

const NO_ANSWER_AFTER_MS = 15_000;
/** Between two askings where the server names no time; a client with a person before it would wait longer. */
const PAUSE_MS = 50;
const PAUSE_MAX_MS = 1_000;

/** Makes a client. `owner` writes who may pay whom, which the screens do by resolving a payee. */
export function createPaymentClient(owner: pg.Pool): PaymentClient {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const payees = new Map<string, Promise<string>>();
  const answers: RecordedAnswer[] = [];
  const accepted = new Set<string>();

  const client: PaymentClient = {
    answers,
    acceptedKeys: () => accepted,
    close: () => agent.destroy(),
    async ask(url, order) {
      const { payer, payee } = order;
      const pair = `${payer.id} ${payee.id}`;
      if (!payees.has(pair)) payees.set(pair, findPayeeOften(owner, payer, payee));
      const body = encodeSecretForm(
        {
          payeeId: await payees.get(pair),
          maskedName: payee.maskedName,
          token: 'EST',
          amount: order.amount.toString(),
          memo: '',
        },
        [new TextEncoder().encode(order.pin ?? payer.pin)],
      );
      const askedAtMs = systemClock.monotonicMs();
      const answer = await send(agent, url, { cookie: payer.cookie, key: order.key, body });
      if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) accepted.add(order.key);
      const answeredAtMs = systemClock.monotonicMs();
      answers.push({ key: order.key, memberId: payer.id, url, answer, askedAtMs, answeredAtMs });
      return answer;
    },
    async askUntilSettled(urls, order, withinMs = 60_000) {
      const deadlineMs = systemClock.monotonicMs() + withinMs;
      for (let turn = 0; ; turn++) {
        const answer = await client.ask(urls[turn % urls.length]!, order);
        if (answer.kind === 'answered' && !saysLater(answer)) return answer;
        if (systemClock.monotonicMs() > deadlineMs) return answer;
        const asked = answer.kind === 'answered' ? (answer.retryAfterS ?? 0) * 1_000 : 0;
        await new Promise((resume) => setTimeout(resume, Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MS, asked))));
      }
    },
  };
  return client;
}

/** True where the server asks us to come again with the same key. */
export const saysLater = ({ status, text }: { status: number; text: string }): boolean =>
  status === 429 || status === 503 || (status === 409 && codeOf(text) === 'idempotency-in-progress');

/** The code of a refusal; empty where the text is none. */
export function codeOf(text: string): string {
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    // Not JSON: no server of ours wrote it.
    return '';
  }
}

/** The database may be the part that is being killed. */
const findPayeeOften = (owner: pg.Pool, payer: Person, payee: Person): Promise<string> =>
  until('a database to write a payee to', () => findPayee(owner, payer, payee).catch(() => undefined));

async function findPayee(owner: pg.Pool, payer: Person, payee: Person): Promise<string> {
  await owner.query(
    `insert into payees (id, payer_member_id, payee_member_id, created_at) values (gen_random_uuid(), $1, $2, now())
     on conflict (payer_member_id, payee_member_id) do nothing`,
    [payer.id, payee.id],
  );
  const { rows } = await owner.query<{ id: string }>(
    'select id from payees where payer_member_id = $1 and payee_member_id = $2',
    [payer.id, payee.id],
  );
  return rows[0]!.id;
}

function send(
  agent: Agent,
  url: string,
  { cookie, key, body }: { cookie: string; key: string; body: Uint8Array },
): Promise<Answer> {
  return new Promise((resolve) => {
    const none = (cause: string): void => resolve({ kind: 'none', cause });
    const outgoing = request(`${url}/v1/transfers`, {
      method: 'POST',
      agent,
      timeout: NO_ANSWER_AFTER_MS,
      headers: {
        accept: 'application/json',
        'x-requested-with': 'jigeum',
        'idempotency-key': key,
        'content-type': SECRET_FORM_TYPE,
        'content-length': String(body.length),
        cookie,
      },
    });
    outgoing.once('error', (error) => none(error.message));
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${NO_ANSWER_AFTER_MS} ms`)));
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', (error) => none(error.message));
      response.once('end', () =>
        resolve({
          kind: 'answered',
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          retryAfterS: /^[0-9]+$/.test(response.headers['retry-after'] ?? '')
            ? Number(response.headers['retry-after'])
            : null,
        }),
      );
    });
    outgoing.end(body);
  });
}

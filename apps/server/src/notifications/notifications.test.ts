import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { emit, inTrx, recordEvents } from '#platform';
import { createTestDeps } from '#testing';
import { closeHttp, createHttp } from '../platform/http.ts';
import { EVENTS_CHANNEL } from '../platform/events.ts';
import { createListener, type Listener } from '../platform/listen.ts';
import { mountNoWeb } from '../platform/static-web.ts';
import { createStreams, eventRoutes, type Streams } from './index.ts';
import { openCursor } from './cursor.ts';

const member = (last: number) => `018f0000-0000-7000-8000-0000000000${String(last).padStart(2, '0')}`;

let deps: Awaited<ReturnType<typeof createTestDeps>>;
let app: FastifyInstance;
let listener: Listener;
let streams: Streams;
const endedSessions = new Set<number>();
const usedSessions = new Set<number>();
let url: string;
let me: string;
let count = 0;

beforeAll(async () => {
  deps = await createTestDeps();
  app = await createHttp(deps, {
    async findSession(secret, isUse) {
      if (isUse) usedSessions.add(secret[0]!);
      return {
        memberId: member(secret[0]!),
        idHash: secret.slice(),
        unlockKey: new Uint8Array(32),
        sealedKey: null,
        unlockedUntil: null,
      };
    },
    operatorTokenHash: null,
  });
  mountNoWeb(app);
  streams = createStreams({ perMemberMax: 2, totalMax: 50 });
  const gone = async () => null;
  eventRoutes(app, deps, {
    streams,
    isSessionLive: async (idHash) => !endedSessions.has(idHash[0]!),
    heartbeatMs: 500,
    renderers: {
      transfer: gone,
      charge: gone,
      me: gone,
      balances: async (_context, subjectId) => ({
        kind: 'balances',
        balances: { balances: [], asOfBlock: Number.parseInt(subjectId.slice(-4), 10) },
      }),
    },
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  listener = createListener(deps, { connectionString: deps.database.url });
  listener.on(EVENTS_CHANNEL, (memberIds) => memberIds.split(',').forEach((memberId) => streams.poke(memberId)));
  const connected = new Promise<void>((resolve) => listener.onConnected(resolve));
  listener.start();
  await connected;
});
afterAll(async () => {
  streams.closeAll();
  await listener.stop();
  await closeHttp(app);
  await deps.database.drop();
});

beforeEach(async () => {
  me = member(++count);
  await deps.db
    .insertInto('members')
    .values({
      id: me,
      member_id: `member${count}`,
      name_masked: 'x',
      phone_hmac: Buffer.of(count),
      phone_masked: 'x',
      ci_hmac: Buffer.of(count),
      receive_code: me,
      verified_at: new Date(0),
      pin_hmac: Buffer.of(0),
      created_at: new Date(0),
    })
    .execute();
});

const subject = (figure: number) => `018f0000-0000-7000-8000-00000000${String(figure).padStart(4, '0')}`;
const tell = (figure: number, of = me) =>
  inTrx(deps, (trx) => emit(deps, trx, { memberId: of, kind: 'balances', subjectId: subject(figure) }));

interface Received {
  id: string;
  figure: number;
}

/** A browser's EventSource. */
async function listen(lastEventId?: string) {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/events`, {
    headers: {
      cookie: `jigeum=${Buffer.alloc(32, count).toString('hex')}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: abort.signal,
  });
  const received: Received[] = [];
  let text = '';
  let isEnded = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const id = /^id: (\d+)$/m.exec(block)?.[1];
        const data = /^data: (.+)$/m.exec(block)?.[1];
        if (id !== undefined && data !== undefined)
          received.push({ id, figure: (JSON.parse(data) as { balances: { asOfBlock: number } }).balances.asOfBlock });
      }
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      isEnded = true;
    });
  return {
    response,
    received,
    isEnded: () => isEnded,
    figures: () => received.map((event) => event.figure),
    async close() {
      abort.abort();
      await reading;
    },
  };
}

describe('a stream of live events', () => {
  test('shows what happens from now on, and nothing of before', async () => {
    await tell(1);
    const stream = await listen();
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers.get('content-security-policy')).toContain("default-src 'none'");
    await tell(2);
    await tell(3);
    await expect.poll(stream.figures).toEqual([2, 3]);
    await stream.close();
  });

  test('goes on after the last event that the browser has seen', async () => {
    const first = await listen();
    await tell(1);
    await expect.poll(first.figures).toEqual([1]);
    await first.close();
    await tell(2);
    // Older than the minute that is read again.
    deps.clock.advance(61_000);
    await tell(3);
    const second = await listen(first.received[0]!.id);
    await expect.poll(second.figures).toEqual([2, 3]);
    await second.close();
  });

  test('shows a member nothing of another', async () => {
    const stream = await listen();
    await tell(1, member(1));
    await tell(2);
    await expect.poll(stream.figures).toEqual([2]);
    await stream.close();
  });

  test('finds at its next beat what was recorded by a process that told nobody', async () => {
    const stream = await listen();
    await expect.poll(() => streams.count()).toBe(1);
    const event = { memberId: me, kind: 'balances', subjectId: subject(8) } as const;
    await inTrx(deps, (trx) => recordEvents(deps, trx, [event, event]));
    await expect.poll(stream.figures).toEqual([8]);
    await stream.close();
  });

  test('is told of what another process has committed, and not of what was rolled back', async () => {
    const stream = await listen();
    const refused = inTrx(deps, async (trx) => {
      await emit(deps, trx, { memberId: me, kind: 'balances', subjectId: subject(1) });
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    await tell(2);
    await expect.poll(stream.figures).toEqual([2]);
    await stream.close();
  });

  test('is opened again by the browser alone, so it does not count as use of the session', async () => {
    const stream = await listen();
    expect(stream.response.status).toBe(200);
    expect(usedSessions.has(count)).toBe(false);
    await stream.close();
  });

  test('ends with its session', async () => {
    const stream = await listen();
    await tell(1);
    await expect.poll(stream.figures).toEqual([1]);
    expect(stream.isEnded()).toBe(false);
    endedSessions.add(count);
    await expect.poll(stream.isEnded).toBe(true);
    await stream.close();
  });

  test('shows nothing of what happens after its session has ended', async () => {
    const stream = await listen();
    await tell(1);
    await expect.poll(stream.figures).toEqual([1]);
    endedSessions.add(count);
    await tell(2);
    await expect.poll(stream.isEnded).toBe(true);
    expect(stream.figures()).toEqual([1]);
    await stream.close();
  });

  test('ends the oldest where a member opens too many', async () => {
    const [first, second, third] = [await listen(), await listen(), await listen()];
    await expect.poll(first.isEnded).toBe(true);
    await tell(1);
    await expect.poll(third.figures).toEqual([1]);
    expect(second.isEnded()).toBe(false);
    await Promise.all([second.close(), third.close()]);
    await expect.poll(() => streams.count()).toBe(0);
  });
});

test('an event whose transaction commits after one with a larger id is not passed over', async () => {
  const cursor = await openCursor(deps, { memberId: me, lastEventId: null });
  let release!: () => void;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let inserted!: () => void;
  const isInserted = new Promise<void>((resolve) => {
    inserted = resolve;
  });
  const slow = inTrx(deps, async (trx) => {
    await emit(deps, trx, { memberId: me, kind: 'balances', subjectId: subject(1) });
    inserted();
    await held;
  });
  await isInserted;
  await tell(2);
  expect((await cursor.next()).events.map((event) => event.subjectId)).toEqual([subject(2)]);
  release();
  await slow;
  expect((await cursor.next()).events.map((event) => event.subjectId)).toEqual([subject(1)]);
  expect((await cursor.next()).events).toEqual([]);
  // Once a minute has passed the cursor forgets what it has sent, and still sends nothing twice.
  deps.clock.advance(61_000);
  await tell(3);
  expect((await cursor.next()).events.map((event) => event.subjectId)).toEqual([subject(3)]);
  expect((await cursor.next()).events).toEqual([]);
});

test('needs a session', async () => {
  expect((await fetch(`${url}/v1/events`)).status).toBe(401);
});

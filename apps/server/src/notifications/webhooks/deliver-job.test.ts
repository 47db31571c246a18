import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyWebhook } from '@jigeum/api';
import { systemClock } from '@jigeum/std';
import { jobLoop } from '#platform';
import { armFailpoints } from '../../platform/failpoint.ts';
import { createAddressGuard } from './address-guard.ts';
import { deliverWebhooksJob } from './deliver-job.ts';
import { createSender, type Send } from './send.ts';
import {
  createWebhookDeps,
  hurriedSender,
  startReceiver,
  transferId,
  type Receiver,
  type WebhookTestDeps,
} from './testing.ts';

const [SECOND, MINUTE, DAY] = [1_000, 60_000, 86_400_000];

let deps: WebhookTestDeps;
let till: Receiver;
beforeEach(async () => {
  [deps, till] = await Promise.all([createWebhookDeps(), startReceiver()]);
});
afterEach(async () => {
  await Promise.all([deps.database.drop(), till.close()]);
});

const idsAt = (receiver: Receiver) => receiver.received.map(({ headers }) => headers['webhook-id']);
const tellsOf = (receiver: Receiver) =>
  receiver.received.map(({ body }) => (JSON.parse(body) as { data: { transferId: string } }).data.transferId);
const states = async () => (await deps.rows()).map(({ state }) => state);

describe('an event', () => {
  test('makes no row where there is no endpoint, and none for one that was removed', async () => {
    await deps.tell(1);
    await deps.add(till.url);
    await deps.db
      .updateTable('webhook_endpoints')
      .set({ disabled_at: new Date(deps.clock.nowMs()) })
      .execute();
    await deps.tell(2);
    expect(await deps.rows()).toEqual([]);
  });

  test('is one row for each endpoint, each with an id of its own that is always the same', async () => {
    const other = await startReceiver();
    await deps.add(till.url);
    await deps.add(other.url);
    await deps.tell(1);
    const first = await deps.rows();
    expect(new Set(first.map(({ id }) => id)).size).toBe(2);
    expect(new Set(first.map(({ body }) => body)).size).toBe(1);
    // The same end, told again: nothing changes.
    deps.clock.advance(SECOND);
    await deps.tell(1, 1, { type: 'payment.returned' });
    expect(await deps.rows()).toEqual(first);
    await other.close();
  });

  test('is sent once, signed, with ids, amounts and nothing else', async () => {
    const { secret } = await deps.add(till.url);
    await deps.tell(1);
    await deps.deliver();
    await deps.deliver();
    const [row] = await deps.rows();
    expect(row).toMatchObject({ state: 'delivered', attempts: 1, last_status: 204, last_error: null });
    expect(till.received).toHaveLength(1);
    const [{ headers, body }] = till.received as [Receiver['received'][0]];
    expect(headers['content-type']).toBe('application/json');
    const verified = await verifyWebhook(
      { body: new TextEncoder().encode(body), headers: new Headers(headers) },
      { secret, nowMs: deps.clock.nowMs() },
    );
    expect(verified.id).toBe(row?.id);
    expect(body).toBe(row?.body);
    expect(JSON.parse(body)).toEqual({
      type: 'payment.final',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: {
        transferId: transferId(1),
        kind: 'payment',
        state: 'final',
        sequence: 1,
        tokenId: transferId(900),
        token: 'EST',
        amount: '12000000000000000000000',
        payerWalletId: transferId(901),
        payeeWalletId: transferId(902),
      },
    });
  });

  test('of which the receiver says nothing but 2xx is sent again, the same bytes under the same id, until it does', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    till.answerBy((_, response, count) => {
      if (count === 1) response.writeHead(500).end();
      else if (count === 2) response.destroy();
      else response.writeHead(200).end('thank you');
    });
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([
      { state: 'pending', attempts: 1, last_status: 500, last_error: 'Answered 500 instead of 2xx.' },
    ]);
    await deps.deliver();
    expect(till.received).toHaveLength(1);
    deps.clock.advance(6 * SECOND);
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([
      {
        ...{ state: 'pending', attempts: 2, last_status: null },
        last_error: 'The name was not found, or the connection did not come about or broke (ECONNRESET).',
      },
    ]);
    deps.clock.advance(72 * SECOND);
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([{ state: 'delivered', attempts: 3, last_status: 200, last_error: null }]);
    expect(new Set(idsAt(till)).size).toBe(1);
    expect(new Set(till.received.map(({ body }) => body)).size).toBe(1);
    // Each try is signed for its own time: a receiver refuses an old one.
    expect(new Set(till.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
  });

  test('is not carried on to where a redirect points', async () => {
    const elsewhere = await startReceiver();
    await deps.add(till.url);
    await deps.tell(1);
    till.answerBy((_, response) => void response.writeHead(307, { location: elsewhere.url }).end());
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([
      { state: 'pending', last_status: 307, last_error: 'Answered 307: a redirect is not followed.' },
    ]);
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  test('of a transfer comes after the earlier one has arrived, whatever else is due', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    await deps.tell(1, 2);
    await deps.tell(2);
    till.answerBy((_, response, count) => void response.writeHead(count <= 2 ? 503 : 204).end());
    await deps.deliver();
    expect(tellsOf(till).toSorted()).toEqual([transferId(1), transferId(2)]);
    deps.clock.advance(6 * SECOND);
    await deps.deliver();
    const told = till.received.map(
      ({ body }) => JSON.parse(body) as { data: { transferId: string; sequence: number } },
    );
    const ofFirst = told.filter(({ data }) => data.transferId === transferId(1)).map(({ data }) => data.sequence);
    expect(ofFirst).toEqual([1, 1, 2]);
    expect(await states()).toEqual(['delivered', 'delivered', 'delivered']);
  });
});

describe('a server that ends between sending and marking', () => {
  let folder: string;
  let disarm: () => void;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'jigeum-webhooks-'));
    const plan = { run: '1', points: { 'F13-after-send': { at: 1, act: 'throw' } } };
    writeFileSync(join(folder, 'failpoints'), JSON.stringify(plan));
    disarm = armFailpoints(join(folder, 'failpoints'));
  });
  afterEach(() => {
    disarm();
    rmSync(folder, { recursive: true });
  });

  test('leaves a row that is sent again, with the same id and bytes, when its lease is over', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    await deps.deliver();
    expect(till.received).toHaveLength(1);
    expect(await states()).toEqual(['pending']);
    await deps.deliver();
    expect(till.received).toHaveLength(1);
    deps.clock.advance(21 * SECOND);
    await deps.deliver();
    expect(await states()).toEqual(['delivered']);
    expect(till.received).toHaveLength(2);
    expect(new Set(idsAt(till)).size).toBe(1);
    expect(new Set(till.received.map(({ body }) => body)).size).toBe(1);
  });
});

test('a server that is told to stop breaks its tries off, and they are due at once', async () => {
  await deps.add(till.url);
  await deps.tell(1);
  const stopping = new AbortController();
  till.answerBy(() => stopping.abort());
  const job = deliverWebhooksJob(deps, deps.patient);
  await job.run(stopping.signal);
  await job.drain!();
  expect(await deps.rows()).toMatchObject([
    { state: 'pending', last_error: 'This server stopped while it waited for the answer.' },
  ]);
  till.answerWith(204);
  await deps.deliver();
  expect(await states()).toEqual(['delivered']);
});

test('two workers send each delivery once, and both have some', async () => {
  await deps.add(till.url);
  for (let n = 1; n <= 12; n++) await deps.tell(n);
  const jobs = [deliverWebhooksJob(deps, deps.patient), deliverWebhooksJob(deps, deps.patient)];
  // Nobody is answered before the other worker has sent, too: eight each at most.
  till.answerBy((_, response, count) => {
    waiting.push(() => void response.writeHead(204).end());
    if (count >= 12) for (const go of waiting.splice(0)) go();
  });
  const waiting: (() => void)[] = [];
  for (const job of jobs) await job.run(new AbortController().signal);
  for (const job of jobs) await job.drain!();
  expect(await states()).toEqual(Array.from({ length: 12 }, () => 'delivered'));
  expect(till.received).toHaveLength(12);
  expect(new Set(idsAt(till)).size).toBe(12);
});

describe('a receiver', () => {
  test('that never ends its headers is left when its time is up', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    const { send, timeIsUp } = hurriedSender();
    till.answerBy(({ socket }) => {
      // Byte by byte, for as long as somebody listens.
      socket.write('HTTP/1.1 200 OK\r\nx-drip: ');
      const drip = setInterval(() => socket.write('H'), 20);
      socket.once('close', () => clearInterval(drip));
      timeIsUp();
    });
    await deps.deliver(send);
    expect(await deps.rows()).toMatchObject([
      { state: 'pending', last_status: null, last_error: 'No answer came within 0.5 s.' },
    ]);
  });

  test('that says nothing is left when its time is up', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    const { send, timeIsUp } = hurriedSender();
    till.answerBy(timeIsUp);
    await deps.deliver(send);
    expect(await deps.rows()).toMatchObject([
      { state: 'pending', last_status: null, last_error: 'No answer came within 0.5 s.' },
    ]);
  });

  test('that says 200 and goes on talking has accepted, and is left when it has said enough', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    till.answerBy((request, response) => {
      response.writeHead(200);
      const flood = setInterval(() => response.write('x'.repeat(10_000)), 1);
      request.socket.once('close', () => clearInterval(flood));
    });
    // Only the bound on its bytes can end this within the time of a test.
    await deps.deliver();
    expect(await states()).toEqual(['delivered']);
  });

  test('that says 200 and goes on talking drop by drop has accepted, and is left when its time is up', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    till.answerBy((request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 20);
      request.socket.once('close', () => clearInterval(drip));
    });
    const { send, timeIsUp } = hurriedSender();
    // The sender has read the status, and its time is up before the answer has ended.
    const onStatus = (): void => void setImmediate(timeIsUp);
    subscribe('http.client.response.finish', onStatus);
    await deps.deliver(send);
    unsubscribe('http.client.response.finish', onStatus);
    expect(await states()).toEqual(['delivered']);
  });

  test('that changes the protocol, or closes without a word, has not accepted', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    till.answerBy(({ socket }, _, count) => {
      if (count === 1) socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n');
      else socket.end();
    });
    // No clock ends this: the closed connection does.
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([{ state: 'pending', attempts: 1, last_status: null }]);
    deps.clock.advance(6 * SECOND);
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([{ state: 'pending', attempts: 2, last_status: null }]);
  });

  test('that does not answer keeps no other waiting', async () => {
    const other = await startReceiver();
    await deps.add(till.url);
    await deps.add(other.url);
    till.answerBy(() => undefined);
    const stopping = new AbortController();
    await deps.tell(1);
    const job = deliverWebhooksJob(deps, deps.patient);
    await job.run(stopping.signal);
    await expect.poll(() => other.received.length, { timeout: 20_000 }).toBe(1);
    // The silent one has its round still; the other one is served again and again meanwhile.
    for (let n = 2; n <= 4; n++) {
      await deps.tell(n);
      await expect
        .poll(async () => (await job.run(stopping.signal), other.received.length), { timeout: 20_000 })
        .toBe(n);
    }
    expect(till.received).toHaveLength(1);
    stopping.abort();
    await job.drain!();
    await other.close();
  });

  test('that is broken gets one try at a time, and everything when it is back', async () => {
    const { webhookId } = await deps.add(till.url);
    till.answerWith(500);
    for (let round = 1; round <= 5; round++) {
      await deps.tell(round);
      await deps.deliver();
    }
    expect(await deps.endpoint(webhookId)).toMatchObject({ failures: 5 });
    for (let n = 6; n <= 20; n++) await deps.tell(n);
    const before = till.received.length;
    await deps.deliver();
    expect(till.received).toHaveLength(before);
    deps.clock.advance(7 * SECOND);
    await deps.deliver();
    expect(till.received).toHaveLength(before + 1);
    expect(await deps.endpoint(webhookId)).toMatchObject({ failures: 6 });
    till.answerWith(204);
    deps.clock.advance(2 * MINUTE);
    await deps.deliver();
    expect(await states()).toEqual(Array.from({ length: 20 }, () => 'delivered'));
    expect(await deps.endpoint(webhookId)).toMatchObject({ failures: 0, failing_since: null, next_try_at: null });
  });

  test('that is broken gets one try at a time from two workers together', async () => {
    const { webhookId } = await deps.add(till.url);
    for (let n = 1; n <= 4; n++) await deps.tell(n);
    const failing = {
      failures: 9,
      failing_since: new Date(deps.clock.nowMs()),
      next_try_at: new Date(deps.clock.nowMs()),
    };
    await deps.db.updateTable('webhook_endpoints').set(failing).where('id', '=', webhookId).execute();
    let answer!: () => void;
    till.answerBy((_, response) => void (answer = () => response.writeHead(500).end()));
    const [first, second] = [deliverWebhooksJob(deps, deps.patient), deliverWebhooksJob(deps, deps.patient)];
    await first.run(new AbortController().signal);
    await expect.poll(() => till.received.length, { timeout: 20_000 }).toBe(1);
    // While the one is out, the other worker sends nothing.
    await second.run(new AbortController().signal);
    await second.drain!();
    expect(till.received).toHaveLength(1);
    answer();
    await first.drain!();
    expect(await deps.endpoint(webhookId)).toMatchObject({ failures: 10 });
  });
});

test('a round wakes the next one when it has ended, not the timer', async () => {
  await deps.add(till.url);
  for (let n = 1; n <= 30; n++) await deps.tell(n);
  const job = deliverWebhooksJob({ ...deps, wake: () => loop.poke() }, deps.patient);
  const loop = jobLoop({ ...deps, clock: systemClock }, { ...job, intervalMs: 3_600_000 });
  // What has arrived and is not marked yet would be broken off by the stop.
  await expect.poll(states, { timeout: 20_000 }).toEqual(Array.from({ length: 30 }, () => 'delivered'));
  await loop.stop();
  expect(till.received).toHaveLength(30);
});

describe('after seven days', () => {
  test('of failures a delivery is given up, with an alarm and its reason', async () => {
    const { webhookId } = await deps.add(till.url);
    await deps.tell(1);
    till.answerWith(500);
    for (let hour = 0; hour < 7 * 24 - 1; hour++) {
      await deps.deliver();
      deps.clock.advance(60 * MINUTE);
    }
    expect(await states()).toEqual(['pending']);
    expect(await deps.db.selectFrom('alarms').selectAll().execute()).toEqual([]);
    deps.clock.advance(2 * 60 * MINUTE);
    await deps.deliver();
    expect(await deps.rows()).toMatchObject([{ state: 'given_up', last_error: 'Answered 500 instead of 2xx.' }]);
    const alarms = await deps.db.selectFrom('alarms').select(['kind', 'subject', 'detail']).execute();
    expect(alarms).toMatchObject([{ kind: 'webhook-given-up', subject: webhookId }]);
    expect(alarms[0]?.detail).toContain('gave 1 up. The last problem: Answered 500 instead of 2xx.');
    const tries = till.received.length;
    deps.clock.advance(DAY);
    await deps.deliver();
    expect(till.received).toHaveLength(tries);
  });

  test('without any success everything that old is given up, and what is younger is not', async () => {
    await deps.add(till.url);
    till.answerWith(500);
    for (let n = 1; n <= 30; n++) await deps.tell(n);
    for (let day = 0; day <= 7; day++) {
      await deps.deliver();
      if (day === 6) await deps.tell(31);
      deps.clock.advance(DAY);
    }
    await deps.deliver();
    const rows = await deps.rows();
    expect(rows.filter(({ state }) => state === 'given_up')).toHaveLength(30);
    expect(rows.filter(({ state }) => state === 'pending').map((row) => row.subject_id)).toEqual([transferId(31)]);
  });
});

describe('a name', () => {
  test('that resolves anew to another machine after it was looked at is connected to where it was looked at', async () => {
    const answers = ['127.0.0.1', '10.0.0.1', '127.0.0.1'];
    let asked = 0;
    const guard = createAddressGuard(['127.0.0.0/8'], async () => [{ address: answers[asked++]!, family: 4 }]);
    const send: Send = createSender(deps, guard);
    const post = { url: `http://till.example:${till.port}/`, headers: {}, body: Buffer.from('{}') };
    const never = new AbortController().signal;
    expect(await send(post, never)).toEqual({ kind: 'accepted', status: 204 });
    expect(asked).toBe(1);
    expect(till.received[0]?.headers['host']).toBe(`till.example:${till.port}`);
    expect(await send(post, never)).toEqual({
      kind: 'failed',
      status: null,
      error: 'The address 10.0.0.1 is not a public one, and WEBHOOK_NETWORKS does not name its network.',
    });
    expect(till.received).toHaveLength(1);
  });

  test('of this machine is not connected to where no network is named, even if it was an endpoint before', async () => {
    await deps.add(till.url);
    await deps.tell(1);
    const job = deliverWebhooksJob({ ...deps, config: { ...deps.config, webhookNetworks: [] } });
    await job.run(new AbortController().signal);
    await job.drain!();
    expect((await deps.rows())[0]?.last_error).toContain('127.0.0.1 is not a public one');
    expect(till.received).toEqual([]);
    // The machine itself can be reached: it is the guard that does not.
    await new Promise<void>((resume) => {
      const socket = createConnection(till.port, '127.0.0.1', () => resume(void socket.destroy()));
    });
  });
});

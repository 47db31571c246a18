/** A receiver on this machine, and what a test of webhooks does again and again. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '#config';
import { inTrx, recordWebhooks, type WebhookEvent } from '#platform';
import { createTestDeps } from '#testing';
import { createAddressGuard } from './address-guard.ts';
import { deliverWebhooksJob } from './deliver-job.ts';
import { addWebhook } from './operate.ts';
import { createSender, type Send } from './send.ts';

/** One request, as it came. */
export interface Received {
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** No try of a test ends by the machine's clock, however slow it is: what ends it is in the test. */
const PATIENCE_MS = 3_600_000;

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Answers 204 until it is told otherwise. */
export async function startReceiver() {
  const received: Received[] = [];
  let answer: Answer = (_, response) => void response.writeHead(204).end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      received.push({
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      answer(request, response, received.length);
    });
  });
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
  return {
    received,
    port: (server.address() as AddressInfo).port,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    answerBy: (next: Answer) => void (answer = next),
    answerWith: (status: number) => void (answer = (_, response) => void response.writeHead(status).end()),
    async close() {
      server.closeAllConnections();
      await new Promise((resume) => server.close(resume));
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** A database of its own, and a job that may reach this machine. */
export async function createWebhookDeps(config: Partial<Config> = {}) {
  const deps = await createTestDeps({ config: { webhookNetworks: ['127.0.0.0/8'], ...config } });
  /** Sends to this machine, and waits for an answer as long as a test may. */
  const patient = createSender(deps, createAddressGuard(deps.config.webhookNetworks), PATIENCE_MS);
  return {
    ...deps,
    patient,
    add: (url: string) => addWebhook(deps, { url }),
    /** Ends transfer `n` as a posting would. */
    tell: (n: number, sequence = 1, event: Partial<WebhookEvent> = {}) =>
      inTrx(deps, (trx) =>
        recordWebhooks(trx, { events: [{ ...eventOf(n, sequence), ...event }], at: new Date(deps.clock.nowMs()) }),
      ),
    /** Runs the job until it no longer asks for another round. */
    async deliver(send: Send = patient) {
      const job = deliverWebhooksJob(deps, send);
      do {
        deps.woken.splice(0);
        await job.run(new AbortController().signal);
        await job.drain!();
      } while (deps.woken.includes('deliver-webhooks'));
    },
    rows: () =>
      deps.db
        .selectFrom('webhook_deliveries')
        .selectAll()
        .orderBy('created_at')
        .orderBy('subject_id')
        .orderBy('sequence')
        .execute(),
    endpoint: (id: string) =>
      deps.db.selectFrom('webhook_endpoints').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  };
}

/** Sends to this machine; a try's time is up when the test says so. */
export function hurriedSender() {
  const calls = new Set<() => void>();
  const clock = {
    after(_ms: number, call: () => void) {
      calls.add(call);
      return () => void calls.delete(call);
    },
  };
  return {
    send: createSender({ clock }, createAddressGuard(['127.0.0.0/8']), 500),
    timeIsUp() {
      for (const call of calls) call();
    },
  };
}

export type WebhookTestDeps = Awaited<ReturnType<typeof createWebhookDeps>>;

/** A UUID that ends in `n`. */
export const transferId = (n: number): string => `0190c0de-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const eventOf = (n: number, sequence = 1): WebhookEvent => ({
  type: 'payment.final',
  data: {
    transferId: transferId(n),
    kind: 'payment',
    state: 'final',
    sequence,
    tokenId: transferId(900),
    token: 'EST',
    amount: '12000000000000000000000',
    payerWalletId: transferId(901),
    payeeWalletId: transferId(902),
  },
});

/** A program that is told of payments, and is no better than others: it refuses, is late, and breaks connections. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../fuzz/random.ts';
import type { SeenWebhook } from '../checker/checker.ts';

export interface WebhookReceiver {
  readonly url: string;
  /** Every request with a whole body, in the order in which they came. */
  readonly received: readonly SeenWebhook[];
  /** Draws what becomes of each request, or from now on accepts everything. */
  set(mood: 'stormy' | 'calm'): void;
  /** How often each kind of answer was given. */
  counts(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

type Answer = 'accepted' | 'refused' | 'late' | 'broken' | 'accepted and broken';

const LATE_MS_MAX = 800;

/** Starts it on this machine. */
export async function startWebhookReceiver(random: Random): Promise<WebhookReceiver> {
  const received: SeenWebhook[] = [];
  const counts = new Map<string, number>();
  let mood: 'stormy' | 'calm' = 'calm';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const answer = mood === 'calm' ? 'accepted' : draw(random);
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
      const header = (name: string): string => String(request.headers[name] ?? '');
      received.push({
        id: header('webhook-id'),
        timestamp: header('webhook-timestamp'),
        signature: header('webhook-signature'),
        body: Buffer.concat(chunks).toString('utf8'),
        isAccepted: answer === 'accepted' || answer === 'late' || answer === 'accepted and broken',
      });
      give(response, answer, random.below(LATE_MS_MAX));
    });
    // A server that is killed breaks what it has begun.
    request.on('error', () => undefined);
  });
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    set: (next) => void (mood = next),
    counts: () => counts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resume) => server.close(resume));
    },
  };
}

function draw(random: Random): Answer {
  const card = random.below(10);
  if (card < 2) return 'refused';
  if (card < 3) return 'late';
  if (card < 4) return 'broken';
  return card < 5 ? 'accepted and broken' : 'accepted';
}

function give(response: ServerResponse, answer: Answer, lateMs: number): void {
  switch (answer) {
    case 'accepted':
      response.writeHead(204).end();
      return;
    case 'refused':
      response.writeHead(500).end();
      return;
    case 'late':
      setTimeout(() => response.writeHead(204).end(), lateMs);
      return;
    case 'broken':
      response.destroy();
      return;
    case 'accepted and broken':
      // The status is out, and the body never ends.
      response.writeHead(200, { 'content-length': '1000' });
      response.write('thank');
      setTimeout(() => response.destroy(), 5);
  }
}

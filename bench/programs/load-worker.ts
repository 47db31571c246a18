/** The load generator's process: a closed loop over node:http connections that stay open. Takes one `LoadOrder` at a time. */
import { Agent, request as httpRequest } from 'node:http';
import { randomIds, systemClock } from '@jigeum/std';
import type { LoadOrder, LoadRequest, LoadResult, LoadTarget } from '../load.ts';

/** An answer that takes longer is an error; the loop must come to its end. */
const ANSWER_WITHIN_MS = 30_000;
/** After an error, so that a server that refuses at once is not asked a million times. */
const PAUSE_AFTER_ERROR_MS = 50;

process.on('disconnect', () => process.exit(0));
process.on('message', (order: LoadOrder) => {
  void load(order).then((result) => process.send?.(result));
});
process.send?.({ kind: 'ready' });

async function load({ target, connections, seconds }: LoadOrder): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  const samples: number[] = [];
  let errors = 0;
  let firstError: string | undefined;
  const cpuBefore = process.cpuUsage();
  const startedMs = systemClock.monotonicMs();
  const deadlineMs = startedMs + seconds * 1_000;

  const loop = async (connection: number): Promise<void> => {
    const request = target.requests[connection % target.requests.length]!;
    for (let sentMs = startedMs; sentMs < deadlineMs; sentMs = systemClock.monotonicMs()) {
      const problem = await send(agent, target, request);
      if (problem === undefined) {
        samples.push(systemClock.monotonicMs() - sentMs);
        continue;
      }
      errors++;
      firstError ??= problem;
      await new Promise((resume) => setTimeout(resume, PAUSE_AFTER_ERROR_MS));
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => loop(connection)));

  const elapsedMs = systemClock.monotonicMs() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  agent.destroy();
  const generatorShare = (user + system) / 1_000 / elapsedMs;
  return { samplesMs: Float64Array.from(samples), errors, firstError, elapsedMs, generatorShare };
}

/** One request to the end of its answer. Resolves with what was wrong with it, if anything was. */
function send(agent: Agent, target: LoadTarget, { path, headers, body }: LoadRequest): Promise<string | undefined> {
  const key =
    target.freshKeyHeader === undefined ? {} : { [target.freshKeyHeader]: randomIds.uuid(systemClock.nowMs()) };
  return new Promise((resolve) => {
    const sent = httpRequest(
      `${target.origin}${path}`,
      { agent, method: 'POST', headers: { ...headers, ...key, 'content-length': body.length } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.once('error', (error) => resolve(error.message));
        response.once('end', () => resolve(problemOf(target, response.statusCode ?? 0, text)));
      },
    );
    sent.setTimeout(ANSWER_WITHIN_MS, () => sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)));
    sent.once('error', (error) => resolve(error.message));
    sent.end(body);
  });
}

function problemOf({ expectedStatus, expectedBody }: LoadTarget, status: number, text: string): string | undefined {
  if (status !== expectedStatus) return `expected status ${expectedStatus}, got ${status}: ${text.slice(0, 300)}`;
  if (expectedBody !== undefined && text !== expectedBody) return `expected ${expectedBody}, got ${text.slice(0, 300)}`;
  return undefined;
}

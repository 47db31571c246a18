/** The load generator's process: a closed loop over connections that stay open. Takes one `LoadOrder` at a time. */
import { systemClock } from '@jigeum/std';
import { openHttpConnection } from '../http/connection.ts';
import { openSource } from '../load/source.ts';
import type { LoadOrder, LoadResult } from '../load/generator.ts';

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
  const source = openSource(target);
  const samples: number[] = [];
  const sent = Array.from({ length: connections }, () => 0);
  let errors = 0;
  let firstError: string | undefined;
  const cpuBefore = process.cpuUsage();
  const startedMs = systemClock.monotonicMs();
  const deadlineMs = startedMs + seconds * 1_000;

  const loop = async (index: number): Promise<void> => {
    const connection = openHttpConnection(target.origin, ANSWER_WITHIN_MS);
    for (let sentMs = startedMs; sentMs < deadlineMs; sentMs = systemClock.monotonicMs()) {
      const request = source.next(index);
      if (request === undefined) break;
      sent[index]!++;
      const problem = await connection.ask(request).then(source.problemOf, (error: Error) => error.message);
      if (problem === undefined) {
        samples.push(systemClock.monotonicMs() - sentMs);
        continue;
      }
      errors++;
      firstError ??= problem;
      await new Promise((resume) => setTimeout(resume, PAUSE_AFTER_ERROR_MS));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => loop(connection)));

  const elapsedMs = systemClock.monotonicMs() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  source.close();
  const generatorShare = (user + system) / 1_000 / elapsedMs;
  return { samplesMs: Float64Array.from(samples), errors, firstError, elapsedMs, generatorShare, sent };
}

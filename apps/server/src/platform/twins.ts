/**
 * Twins of a request in one process: a double tap, a client that asks again before it has heard. They wait for the first
 * without holding a connection, and get its very bytes. Between processes the rows decide (`idempotency.ts`).
 */
import type { Clock } from '@jigeum/std';
import { AppError } from './app-error.ts';
import { oncePer } from './once-per.ts';
import { StoredAnswer, type IdempotentCall } from './idempotency.ts';

/** A twin that waits longer than this is told to ask again. */
const TWIN_WAIT_MS = 10_000;

interface FirstOfTwins {
  bodyHash: Uint8Array;
  answer: Promise<StoredAnswer>;
}

const runningOf = oncePer(() => new Map<string, FirstOfTwins>());

/**
 * Runs `work` unless a twin of the call is running in this process: then its answer is this call's, too. Where the first is
 * refused, the next of them tries for itself. Throws 'idempotency-key-reused' for another body under the same key, and
 * 'idempotency-in-progress' for a twin that has waited too long.
 */
export async function oneOfTwins(
  deps: { clock: Pick<Clock, 'after'> },
  call: IdempotentCall,
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const running = runningOf(deps);
  const name = `${call.actor}\n${call.route}\n${call.key}`;
  let endPatience: () => void = () => undefined;
  const patience = new Promise<'too late'>((resolve) => {
    endPatience = deps.clock.after(TWIN_WAIT_MS, () => resolve('too late'));
  });
  try {
    for (let first = running.get(name); first !== undefined; first = running.get(name)) {
      if (!Buffer.from(first.bodyHash).equals(call.bodyHash)) throw new AppError('idempotency-key-reused');
      const outcome = await Promise.race([patience, first.answer.catch(() => 'refused' as const)]);
      if (outcome === 'too late') throw new AppError('idempotency-in-progress', { retryAfterSeconds: 1 });
      if (outcome !== 'refused') return new StoredAnswer(outcome.status, outcome.text, true);
    }
  } finally {
    endPatience();
  }
  const answer = work();
  running.set(name, { bodyHash: call.bodyHash, answer });
  try {
    return await answer;
  } finally {
    running.delete(name);
  }
}

/** Waiting for a condition: the only way to wait here. */
import { systemClock } from '@jigeum/std';

const POLL_MS = 20;

/** Asks until an answer comes that is not undefined. Throws after `withinMs`; `what` completes "Expected …". */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { withinMs = 60_000, pollMs = POLL_MS }: { withinMs?: number; pollMs?: number } = {},
): Promise<T> {
  const deadlineMs = systemClock.monotonicMs() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (systemClock.monotonicMs() > deadlineMs) throw new Error(`Expected ${what} within ${withinMs / 1000} s.`);
    await new Promise((resume) => setTimeout(resume, pollMs));
  }
}

/**
 * Balances against the sums of their postings, wallet after wallet, for ever. What this reads grows with everything that was ever
 * paid, so it takes a fixed small share of the time instead of a fixed number of wallets: payments cost the same in the tenth year.
 */
import type { Clock } from '@jigeum/std';

/** It rests so many times as long as it worked: a fiftieth of one connection's time. */
const REST_TIMES = 49;
const WALLETS_FIRST = 100;
const WALLETS_MAX = 500;
/** A step that took longer is halved, one that took less than a quarter of this is doubled. A wallet is never split. */
const STEP_MS = 200;

export interface SumsSweepParts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Ids of the next wallets after one, or from the beginning. */
  readonly page: (input: { afterId: string | null; limit: number }) => Promise<readonly string[]>;
  readonly check: (walletIds: readonly string[]) => Promise<unknown>;
}

/** Makes the step. Called as often as one likes, it works when its rest is over, and goes on behind what it has checked. */
export function sumsSweep({ clock, page, check }: SumsSweepParts): () => Promise<void> {
  let afterId: string | null = null;
  let limit = WALLETS_FIRST;
  let restUntilMs = -Infinity;
  return async () => {
    const startedAtMs = clock.monotonicMs();
    if (startedAtMs < restUntilMs) return;
    try {
      const walletIds = await page({ afterId, limit });
      if (walletIds.length > 0) await check(walletIds);
      afterId = walletIds.length < limit ? null : walletIds.at(-1)!;
    } finally {
      // Also where it failed: what is too much for one statement must not be asked for again at once, nor as a whole.
      const endedAtMs = clock.monotonicMs();
      const tookMs = endedAtMs - startedAtMs;
      restUntilMs = endedAtMs + REST_TIMES * tookMs;
      if (tookMs > STEP_MS) limit = Math.max(1, Math.floor(limit / 2));
      else if (tookMs < STEP_MS / 4) limit = Math.min(WALLETS_MAX, limit * 2);
    }
  };
}

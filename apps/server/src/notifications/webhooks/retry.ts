/** When a delivery is tried again, and when an endpoint: pure. */

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
/** After the first failure, the second, …; the last one for ever after. */
const PAUSES_MS = [5 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];
/** Those that failed together do not come back together: a pause is longer by up to a fifth. */
const JITTER_SHARE = 5;

/** Rounds without any success after which an endpoint is broken: from then on it gets one try at a time. */
export const BROKEN_AFTER = 5;
const BROKEN_FIRST_MS = 5 * SECOND;
const BROKEN_MAX_MS = 5 * MINUTE;

/** The pause before a delivery's next try. `attempts`: those that have failed, 1 or more. `random`: two bytes. */
export function retryAfterMs(attempts: number, random: Uint8Array): number {
  const pauseMs = PAUSES_MS[Math.min(attempts, PAUSES_MS.length) - 1] ?? PAUSES_MS[0]!;
  return withJitter(pauseMs, random);
}

/** How long a broken endpoint is left alone; null where it is not broken. `failures`: rounds in a row without a success. */
export function breakerPauseMs(failures: number, random: Uint8Array): number | null {
  if (failures < BROKEN_AFTER) return null;
  return withJitter(Math.min(BROKEN_FIRST_MS * 2 ** (failures - BROKEN_AFTER), BROKEN_MAX_MS), random);
}

function withJitter(pauseMs: number, random: Uint8Array): number {
  const share = ((random[0] ?? 0) * 256 + (random[1] ?? 0)) / 65_536;
  return Math.round(pauseMs * (1 + share / JITTER_SHARE));
}

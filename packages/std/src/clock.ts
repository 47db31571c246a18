/** The one source of time. Wall time for records, monotonic time for durations. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. May jump. */
  nowMs(): number;
  /** Milliseconds since an unspecified start. Never goes back. */
  monotonicMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => new Date().getTime(),
  monotonicMs: () => performance.now(),
};

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** A clock for tests and simulation that starts at `startMs`. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsedMs = 0;
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    advance(ms) {
      elapsedMs += ms;
    },
  };
}

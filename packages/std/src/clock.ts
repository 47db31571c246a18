/** The one source of time. Wall time for records, monotonic time for durations. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. May jump. */
  nowMs(): number;
  /** Milliseconds since an unspecified start. Never goes back. */
  monotonicMs(): number;
  /** Calls once, so many milliseconds from now, unless the result is called before. Keeps no process alive. */
  after(ms: number, call: () => void): () => void;
}

/** Resolves so many milliseconds from now. */
export const sleep = (clock: Pick<Clock, 'after'>, ms: number): Promise<void> =>
  new Promise((resume) => void clock.after(ms, resume));

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => new Date().getTime(),
  monotonicMs: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that moves only when told to. Its waits are the machine's: code that waits cannot tell a test to move on. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** A clock for tests that starts at `startMs`. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsedMs = 0;
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after: systemClock.after,
    advance(ms) {
      elapsedMs += ms;
    },
  };
}

/** Waiting, injected so that a test or a simulation decides when time passes. */
export interface Timers {
  /** Calls once after so many milliseconds; the result cancels it. */
  after(ms: number, call: () => void): () => void;
  /** Calls when what runs now has ended: everything that arrives in one turn is handled together. */
  soon(call: () => void): void;
}

/** The machine's timers. They do not keep the process alive. */
export const systemTimers: Timers = {
  after(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
};

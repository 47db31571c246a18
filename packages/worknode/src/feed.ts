/** Tells what happened to whoever listens, in this process. */

/** What listeners get from a feed. */
export interface Feed<T> {
  /** Calls for each value from now on; the result ends that. */
  listen(call: (value: T) => void): () => void;
}

/** A feed, and the means to tell. One listener's mistake is reported and stops neither the others nor the teller. */
export function createFeed<T>(report: (error: unknown) => void): Feed<T> & { tell(value: T): void } {
  const listeners = new Set<(value: T) => void>();
  return {
    listen(call) {
      // A function of its own: the same one may listen twice.
      const listener = (value: T): void => call(value);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(value) {
      for (const listener of listeners) {
        try {
          listener(value);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}

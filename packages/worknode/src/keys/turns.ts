/** One piece of work after the other. */

/** Runs work when all before it has ended, well or not. More than `waitingMax` pieces at once reject with `refusal()`. */
export function createTurns(waitingMax: number, refusal: () => Error): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= waitingMax) throw refusal();
    waiting++;
    const result = last.then(work);
    // Whoever asked for the work hears of its failure; the next turn begins all the same.
    last = result.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await result;
    } finally {
      waiting--;
    }
  };
}

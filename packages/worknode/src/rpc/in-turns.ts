/** Turns of the event loop, given away one by one. */
import type { Timers } from '../timers.ts';

/**
 * Timers whose `soon` makes one call in each turn of the loop, in the order of asking: however many batches go on, the block timer
 * has its turn between any two of their parts.
 */
export function inTurns(timers: Timers): Timers {
  const waiting: (() => void)[] = [];
  let isAsked = false;
  const ask = (): void => {
    if (isAsked || waiting.length === 0) return;
    isAsked = true;
    timers.soon(callNext);
  };
  const callNext = (): void => {
    try {
      waiting.shift()!();
    } finally {
      isAsked = false;
      ask();
    }
  };
  return {
    ...timers,
    soon(call) {
      waiting.push(call);
      ask();
    },
  };
}

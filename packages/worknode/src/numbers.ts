/** Counters that live as JavaScript numbers (block numbers, indexes) and as bigints (in headers and records). */
import { assert } from '@jigeum/std';

/** A counter of a header as a number. Stops where a number would not hold it exactly. */
export function counter(value: bigint): number {
  assert(value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER), `the counter ${value} fits a number`);
  return Number.parseInt(value.toString(), 10);
}

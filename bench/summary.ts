/** What a list of durations comes to. */

/** All in milliseconds. Exists only for one sample or more. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * The percentile by nearest rank: the smallest sample that at least `percent` of all samples do not exceed. Always a value
 * that was measured, never one between two. `sorted` is ascending and not empty; `percent` is above 0 and at most 100.
 */
export function percentile(sorted: Float64Array, percent: number): number {
  if (!(percent > 0 && percent <= 100))
    throw new RangeError(`Expected a percentage above 0 and at most 100, got ${percent}.`);
  // Multiplied first: 0.07 × 100 is more than 7, and its rank would be one too high.
  const value = sorted[Math.ceil((percent * sorted.length) / 100) - 1];
  if (value === undefined) throw new RangeError('Expected one sample or more, got none.');
  return value;
}

/** Summarizes samples in any order; undefined for none. The samples stay as they are. */
export function summarize(samplesMs: Float64Array): Summary | undefined {
  const sorted = Float64Array.from(samplesMs).sort();
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  let total = 0;
  for (const sample of sorted) total += sample;
  return {
    count: sorted.length,
    mean: total / sorted.length,
    min,
    max,
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
  };
}

/** The samples of several rounds, one after the other. */
export function joinSamples(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((count, part) => count + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

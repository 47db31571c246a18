import { describe, expect, it } from 'vitest';
import { joinSamples, percentile, summarize } from './summary.ts';

const oneTo = (last: number): Float64Array => Float64Array.from({ length: last }, (_, index) => index + 1);

describe('percentile', () => {
  it('is the value of the nearest rank', () => {
    const sorted = Float64Array.of(15, 20, 35, 40, 50);
    expect([5, 20, 30, 40, 50, 100].map((percent) => percentile(sorted, percent))).toEqual([15, 15, 20, 20, 35, 50]);
  });

  it.each([1, 7, 14, 28, 29, 50, 55, 56, 57, 58, 90, 95, 99, 100])('of 1 to 100 is %i itself', (percent) => {
    expect(percentile(oneTo(100), percent)).toBe(percent);
  });

  it('of one sample is that sample', () => {
    expect([1, 50, 99, 100].map((percent) => percentile(Float64Array.of(7), percent))).toEqual([7, 7, 7, 7]);
  });

  it('rounds the rank up: the 99th of 101 samples is the hundredth', () => {
    expect(percentile(oneTo(101), 99)).toBe(100);
  });

  it('refuses no samples and percentages out of range', () => {
    expect(() => percentile(new Float64Array(0), 50)).toThrow(new RangeError('Expected one sample or more, got none.'));
    for (const percent of [0, -1, 100.1, Number.NaN]) {
      expect(() => percentile(Float64Array.of(1), percent)).toThrow(RangeError);
    }
  });
});

describe('summarize', () => {
  it('sorts by value, not by text, and leaves its input alone', () => {
    const samples = Float64Array.of(100, 9, 20, 3);
    expect(summarize(samples)).toEqual({ count: 4, mean: 33, min: 3, max: 100, p50: 9, p90: 100, p95: 100, p99: 100 });
    expect([...samples]).toEqual([100, 9, 20, 3]);
  });

  it('has nothing to say about no samples', () => {
    expect(summarize(new Float64Array(0))).toBeUndefined();
  });
});

describe('joinSamples', () => {
  it('keeps every sample of every round in order', () => {
    expect([...joinSamples([Float64Array.of(3, 1), new Float64Array(0), Float64Array.of(2)])]).toEqual([3, 1, 2]);
  });
});

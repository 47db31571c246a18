import { describe, expect, it } from 'vitest';
import { memoryGrowth, parseRss } from './memory.ts';

const ramp = (seconds: number, rssAt: (second: number) => number) =>
  Array.from({ length: seconds + 1 }, (_, second) => ({ atSeconds: second, rssBytes: rssAt(second) }));

it('reads the resident set, not its peak', () => {
  expect(parseRss('Name:\tnode\nVmHWM:\t   99 kB\nVmRSS:\t   12 kB\nRssAnon:\t 5 kB\n')).toBe(12_288);
  expect(parseRss('Name:\tnode\nState:\tZ (zombie)\n')).toBeUndefined();
});

describe('the growth of memory', () => {
  it('compares the ten seconds after the first twenty with the last ten', () => {
    expect(memoryGrowth(ramp(60, (second) => second))).toEqual({ earlyBytes: 25, lateBytes: 55 });
  });

  it('does not look at the first twenty seconds', () => {
    expect(memoryGrowth(ramp(60, (second) => (second < 20 ? 900 : 7)))).toEqual({ earlyBytes: 7, lateBytes: 7 });
  });

  it('is not known for a run whose two windows would overlap', () => {
    expect(memoryGrowth(ramp(38, () => 1))).toBeUndefined();
    expect(memoryGrowth(ramp(40, () => 1))).toBeDefined();
  });
});

import { expect, it } from 'vitest';
import { parseStat } from './cpu-time.ts';

it('adds user and system time, whatever the name of the program is', () => {
  expect(parseStat('77 (a) b (c) S 1 77 77 0 -1 4194560 100 200 3 4 250 30 5 6 20 0 11 0 900 1 2\n')).toBe(2_800);
});

it('refuses what is no line of /proc/<pid>/stat', () => {
  for (const text of ['', '77 (node) S 1 77', '77 (node) S 1 77 77 0 -1 4194560 100 200 3 4 x 30']) {
    expect(() => parseStat(text)).toThrow('Expected a line of /proc/<pid>/stat');
  }
});

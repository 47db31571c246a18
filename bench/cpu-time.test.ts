import { expect, it } from 'vitest';
import { parseProcess, parseStat, sumOfTree } from './cpu-time.ts';

it('adds user and system time, whatever the name of the program is', () => {
  expect(parseStat('77 (a) b (c) S 1 77 77 0 -1 4194560 100 200 3 4 250 30 5 6 20 0 11 0 900 1 2\n')).toBe(2_800);
});

it('refuses what is no line of /proc/<pid>/stat', () => {
  for (const text of ['', '77 (node) S 1 77', '77 (node) S 1 77 77 0 -1 4194560 100 200 3 4 x 30']) {
    expect(() => parseStat(text)).toThrow('Expected a line of /proc/<pid>/stat');
  }
});

it('adds up a process and all that it has started, whether that has ended or not', () => {
  const line = (pid: number, parent: number, own: number, ended: number) =>
    parseProcess(`${pid} (a) S ${parent} 77 77 0 -1 4194560 100 200 3 4 ${own} 0 ${ended} 0 20 0 11 0 900 1 2\n`);
  const processes = [
    line(1, 0, 900, 900),
    line(5, 1, 1, 20),
    line(6, 5, 300, 0),
    line(7, 6, 4_000, 0),
    line(8, 1, 9, 9),
  ];
  expect(sumOfTree(processes, 5)).toBe(43_210);
  expect(sumOfTree(processes, 99)).toBe(0);
});

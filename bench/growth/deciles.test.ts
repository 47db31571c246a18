import { expect, it } from 'vitest';
import { appendsOf, deciles, lateOverEarly } from './deciles.ts';

const note = (number: number, transactions: number, tookMs: number) =>
  ({ kind: 'block', number, transactions, tookMs, rssBytes: number * 100 }) as const;

it('divides a chain by transactions, not by blocks, and leaves empty blocks out', () => {
  const notes = [
    ...Array.from({ length: 10 }, (_, index) => note(index + 1, 50, 5)),
    note(11, 0, 99),
    ...Array.from({ length: 5 }, (_, index) => note(index + 12, 100, 30)),
  ];
  const parts = deciles(notes);
  expect(parts.map(({ transactions }) => transactions)).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
  expect(parts[0]).toEqual({ blocks: 2, transactions: 100, msPerThousand: 100, slowestMs: 5, rssBytes: 200 });
  expect(parts[9]).toEqual({ blocks: 1, transactions: 100, msPerThousand: 300, slowestMs: 30, rssBytes: 1600 });
  expect(lateOverEarly(parts, 0)).toBe(3);
  expect(lateOverEarly(parts, 500)).toBe(1);
  expect(lateOverEarly(parts, 401)).toBe(1);
  expect(lateOverEarly(parts, 400)).toBe(3);
  expect(lateOverEarly(parts, 900)).toBeNaN();
});

it('loses no transaction where blocks do not end at a tenth', () => {
  const notes = Array.from({ length: 37 }, (_, index) => note(index, 7 + (index % 5), 1));
  const sum = (values: readonly { transactions: number }[]) =>
    values.reduce((total, { transactions }) => total + transactions, 0);
  expect(sum(deciles(notes))).toBe(sum(notes));
});

it('sets each part beside the turns of the reference in it, or the last one before', () => {
  const parts = deciles(Array.from({ length: 10 }, (_, index) => note(index + 1, 100, 5)));
  const appends = [
    { length: 50, msPerThousand: 2 },
    { length: 100, msPerThousand: 4 },
    { length: 901, msPerThousand: 7 },
  ];
  expect(appendsOf(parts, appends)).toEqual([3, 4, 4, 4, 4, 4, 4, 4, 4, 7]);
  expect(appendsOf(parts, appends.slice(1))).toEqual([4, 4, 4, 4, 4, 4, 4, 4, 4, 7]);
  expect(appendsOf(parts, appends.slice(2))[0]).toBeNaN();
});

import { describe, expect, test } from 'vitest';
import { idsFrom, randomIds, seededIds } from './ids.ts';

const NOW_MS = 1_795_741_200_123;

describe.each([
  ['random', randomIds],
  ['seeded', seededIds('ids')],
])('%s identifiers', (_kind, ids) => {
  test('are of version 7 and name their millisecond', () => {
    for (const nowMs of [0, 1, NOW_MS, 2 ** 48 - 1]) {
      const uuid = ids.uuid(nowMs);
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16)).toBe(nowMs);
    }
  });

  test('are ordered by their making, within a millisecond too', () => {
    const made = Array.from({ length: 5_000 }, () => ids.uuid(NOW_MS));
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    expect(ids.uuid(NOW_MS + 1) > made.at(-1)!).toBe(true);
  });
});

test('a full millisecond takes of the next one, and keeps the order', () => {
  // The largest steps there are: the millisecond is full after 2^17 of them.
  const ids = idsFrom((length) => new Uint8Array(length).fill(0xff));
  const made = Array.from({ length: 2 ** 17 + 10 }, () => ids.uuid(NOW_MS));
  expect(made.findIndex((uuid, index) => index > 0 && uuid <= made[index - 1]!)).toBe(-1);
  expect(made.at(-1)!.slice(0, 13)).toBe(
    seededIds('')
      .uuid(NOW_MS + 1)
      .slice(0, 13),
  );
});

test('equal seeds give equal identifiers, another seed others', () => {
  const three = (seed: string) => {
    const ids = seededIds(seed);
    return [ids.uuid(NOW_MS), ids.uuid(NOW_MS), ids.uuid(NOW_MS + 1)];
  };
  expect(three('a')).toEqual(three('a'));
  expect(three('a')).not.toEqual(three('b'));
});

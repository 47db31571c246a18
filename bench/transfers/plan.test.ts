import { describe, expect, it } from 'vitest';
import { peopleOf, transferAt } from './plan.ts';

const PLAN = { lists: 4, slotsPerList: 25, peoplePerList: 3, firstNonce: 5 };
const all = Array.from({ length: PLAN.lists }, (_, list) =>
  Array.from({ length: PLAN.slotsPerList }, (_, slot) => transferAt(PLAN, list, slot)),
);

describe('the plan of transfers', () => {
  it('gives each sender to one list, and its nonces without a gap in the order of the list', () => {
    const listOf = new Map<number, number>();
    for (const [list, transfers] of all.entries()) {
      const next = new Map<number, number>();
      for (const { from, nonce } of transfers) {
        expect(listOf.get(from) ?? list).toBe(list);
        listOf.set(from, list);
        expect(nonce).toBe(next.get(from) ?? PLAN.firstNonce);
        next.set(from, nonce + 1);
      }
    }
    expect(listOf.size).toBe(peopleOf(PLAN));
  });

  it('pays people of every list, and nobody himself', () => {
    const payees = new Set<number>();
    for (const { from, to } of all.flat()) {
      expect(to).not.toBe(from);
      payees.add(to);
    }
    expect([...payees].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index));
  });
});

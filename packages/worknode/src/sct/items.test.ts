import { describe, expect, it } from 'vitest';
import { makeSymId, type SymId } from '@jigeum/symverse';
import type { ItemFields } from '../state/item-row.ts';
import type { StateWriter } from '../state/state.ts';
import { citizenOf, createMapState } from '../state/testing.ts';
import { addItems, indexesIn, indexesOf, transferItem } from './items.ts';

const person = (seq: number): SymId => makeSymId({ caId: 2, random: Uint8Array.of(1, 1, 1, 1, 1, 1), seq });
const [OWNER, FRIEND, CONTRACT] = [person(2), person(3), person(9)];
const contract = {
  template: 'sct30',
  creator: OWNER,
  owner: OWNER,
  name: 'Many',
  symbol: 'MNY',
  total: 0n,
  isPaused: false,
} as const;

/** A contract with so many items of one owner, a hundredth of them in a category of their own, and what is read and written. */
function crowd(count: number): { state: StateWriter; touched: { reads: number; writes: number } } {
  const map = createMapState();
  for (const symId of [OWNER, FRIEND]) map.set('citizen', symId, citizenOf(OWNER));
  const items = Array.from({ length: count }, (_, index): ItemFields => ({
    type: '',
    name: 'n',
    value: 0n,
    category: index % 100 === 0 ? 'rare' : 'common',
    property: '',
    description: '',
  }));
  addItems(map, { address: CONTRACT, contract }, items);
  const touched = { reads: 0, writes: 0 };
  const state: StateWriter = {
    get(table, key) {
      touched.reads++;
      return map.get(table, key);
    },
    set(table, key, value) {
      touched.writes++;
      map.set(table, key, value);
    },
  };
  return { state, touched };
}

const transferTo = (state: StateWriter, index: bigint): unknown =>
  transferItem(state, { caller: OWNER, address: CONTRACT, contract, call: { to: FRIEND, index } });

describe('however many items a contract has', () => {
  it.each([10, 1_000, 20_000])('of %d, moving one touches the same few rows', (count) => {
    const { state, touched } = crowd(count);
    expect(transferTo(state, 5n)).toBeNull();
    expect(touched).toEqual({ reads: 8, writes: 7 });
  });

  it('reading somebody’s items, or those of a category, reads two rows at most for each and one more', () => {
    const { state, touched } = crowd(20_000);
    transferTo(state, 7n);
    touched.reads = 0;
    expect([...indexesOf(state, CONTRACT, FRIEND)]).toEqual([7n]);
    expect(touched.reads).toBe(2);
    touched.reads = 0;
    expect([...indexesIn(state, CONTRACT, 'rare')]).toHaveLength(200);
    expect(touched.reads).toBe(201);
  });

  it('the first item leaves and the last one takes its place, to the last item', () => {
    const { state } = crowd(4);
    for (const index of [0n, 3n, 1n, 2n]) expect(transferTo(state, index)).toBeNull();
    expect([...indexesOf(state, CONTRACT, OWNER)]).toEqual([]);
    expect([...indexesOf(state, CONTRACT, FRIEND)]).toEqual([0n, 3n, 1n, 2n]);
  });
});

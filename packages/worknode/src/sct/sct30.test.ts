import { describe, expect, it } from 'vitest';
import { encodeSct30, encodeSctCall, symIdToBytes, type Sct30Call, type Sct30Item, type SymId } from '@jigeum/symverse';
import type { Name } from '../testing.ts';
import { holdingOf } from './holdings.ts';
import type { StateReader } from '../state/state.ts';
import { createMapState } from '../state/testing.ts';
import { indexesIn, indexesOf, itemOf, ITEMS_MAX } from './items.ts';
import type { SctOutcome } from './outcome.ts';
import { callSct30 } from './sct30.ts';
import { sceneOf, STRANGER, type Scene } from './testing.ts';

type Ids = Readonly<Record<Name, SymId>>;

const pet = (name: string, category = 'animal'): Sct30Item => ({
  type: 'A',
  name,
  value: 500n,
  category,
  property: 'myFirstPet',
  description: '',
});

/** A contract of alice that bob owns, with dog, cat, car and cow. */
async function scene(): Promise<Scene<Sct30Call>> {
  const made = await sceneOf(encodeSct30, ({ bob }): Sct30Call => ({
    method: 'create',
    name: 'Pets',
    symbol: 'PET',
    owner: bob,
  }));
  await made.callAll([['alice', { method: 'createItem', items: [pet('dog'), pet('cat')] }]]);
  await made.callAll([['bob', { method: 'createItem', items: [pet('car', 'thing'), pet('cow')] }]]);
  return made;
}

const owned = ({ world, contract }: Scene<Sct30Call>, symId: SymId): bigint[] => [
  ...indexesOf(world.node.chain.state, contract, symId),
];
const item = ({ world, contract }: Scene<Sct30Call>, index: bigint) => itemOf(world.node.chain.state, contract, index);

describe('SCT30', () => {
  it('counts items from 0 in the order of their creation; the contract’s owner has them, whoever made them', async () => {
    const made = await scene();
    const { state } = made.world.node.chain;
    expect(state.get('contract', made.contract)).toEqual({
      template: 'sct30',
      creator: made.ids.alice,
      owner: made.ids.bob,
      name: 'Pets',
      symbol: 'PET',
      total: 4n,
      isPaused: false,
    });
    expect(owned(made, made.ids.bob)).toEqual([0n, 1n, 2n, 3n]);
    expect(item(made, 1n)).toEqual({
      owner: made.ids.bob,
      spender: null,
      status: 'active',
      position: 1n,
      type: 'A',
      name: 'cat',
      value: 500n,
      category: 'animal',
      property: 'myFirstPet',
      description: '',
    });
    expect(item(made, 4n)).toBeUndefined();
  });

  it('charges the creation of items one by one', async () => {
    const made = await scene();
    const ants = (count: number): Sct30Call => ({
      method: 'createItem',
      items: Array.from({ length: count }, () => pet('ant')),
    });
    const one = await made.call('bob', ants(1));
    const two = await made.call('bob', ants(2));
    // No byte of an item is zero.
    const bytes = BigInt(encodeSct30(ants(2)).length - encodeSct30(ants(1)).length);
    expect(two.gasUsed - one.gasUsed).toBe(30_000n + 680n * bytes);
  });

  it('moves an item by transfer; its former place is filled, and its approval ends', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'approve', to: dave, index: 1n }],
      ['bob', { method: 'transfer', to: carol, index: 1n }],
    ]);
    expect(owned(made, bob)).toEqual([0n, 3n, 2n]);
    expect(owned(made, carol)).toEqual([1n]);
    expect(item(made, 1n)).toMatchObject({ owner: carol, spender: null, position: 0n });
    expect(item(made, 3n)).toMatchObject({ owner: bob, position: 1n });
    expect(await made.call('dave', { method: 'transferFrom', from: carol, to: dave, index: 1n })).toMatchObject({
      errCode: 2001n,
    });
  });

  it('lets the approved one move an item once', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'approve', to: carol, index: 2n }],
      ['bob', { method: 'approve', to: dave, index: 2n }],
    ]);
    const byCarol = await made.call('carol', { method: 'transferFrom', from: bob, to: carol, index: 2n });
    expect(byCarol).toMatchObject({ status: 0, errCode: 2001n });
    await made.callAll([['dave', { method: 'transferFrom', from: bob, to: dave, index: 2n }]]);
    expect([owned(made, bob), owned(made, dave)]).toEqual([[0n, 1n, 3n], [2n]]);
  });

  it('finds the items of a category wherever they have gone', async () => {
    const made = await scene();
    await made.callAll([['bob', { method: 'transfer', to: made.ids.carol, index: 0n }]]);
    const { state } = made.world.node.chain;
    expect([...indexesIn(state, made.contract, 'animal')]).toEqual([0n, 1n, 3n]);
    expect([...indexesIn(state, made.contract, 'thing')]).toEqual([2n]);
    expect([...indexesIn(state, made.contract, 'nothing')]).toEqual([]);
  });

  it('stands still where an item is paused', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'approve', to: dave, index: 0n }],
      ['alice', { method: 'itemPause', index: 0n }],
    ]);
    const refused: [Name, Sct30Call][] = [
      ['bob', { method: 'transfer', to: carol, index: 0n }],
      ['bob', { method: 'approve', to: carol, index: 0n }],
      ['dave', { method: 'transferFrom', from: bob, to: dave, index: 0n }],
      ['bob', { method: 'itemPause', index: 0n }],
    ];
    for (const [from, call] of refused)
      expect(await made.call(from, call)).toMatchObject({ status: 0, errCode: 3000n });
    await made.callAll([
      ['bob', { method: 'itemUnpause', index: 0n }],
      ['dave', { method: 'transferFrom', from: bob, to: dave, index: 0n }],
    ]);
  });

  it('takes method 9 for transferOwner, as the published client writes it, and charges no operation', async () => {
    const made = await scene();
    const input = encodeSctCall({ type: 30, method: 9, params: [symIdToBytes(made.ids.carol)] });
    const receipt = await made.world.run(made.world.sign('alice', { type: 1, to: made.contract, input }));
    const zeros = BigInt(input.filter((byte) => byte === 0).length);
    expect(receipt).toMatchObject({ status: 1, gasUsed: 49_000n + 680n * BigInt(input.length) - 640n * zeros });
    expect(made.world.node.chain.state.get('contract', made.contract)).toMatchObject({ owner: made.ids.carol });
    expect(holdingOf(made.world.node.chain.state, made.contract, made.ids.bob)).toBe(4n);
  });

  const REFUSALS: readonly (readonly [rule: string, from: Name, call: (ids: Ids) => Sct30Call, errCode: bigint])[] = [
    ['an item made by somebody else', 'carol', () => ({ method: 'createItem', items: [pet('dog')] }), 1003n],
    ['a transfer to nobody', 'bob', () => ({ method: 'transfer', to: STRANGER, index: 0n }), 4000n],
    ['a transfer to oneself', 'bob', ({ bob }) => ({ method: 'transfer', to: bob, index: 0n }), 4001n],
    ['a transfer of another’s item', 'alice', ({ carol }) => ({ method: 'transfer', to: carol, index: 0n }), 2000n],
    ['a transfer of no item', 'bob', ({ carol }) => ({ method: 'transfer', to: carol, index: 4n }), 2000n],
    ['an approval for nobody', 'bob', () => ({ method: 'approve', to: STRANGER, index: 0n }), 4000n],
    ['an approval for oneself', 'bob', ({ bob }) => ({ method: 'approve', to: bob, index: 0n }), 4001n],
    ['an approval of another’s item', 'carol', ({ dave }) => ({ method: 'approve', to: dave, index: 0n }), 2000n],
    [
      'a transferFrom without approval',
      'carol',
      ({ bob, carol }) => ({ method: 'transferFrom', from: bob, to: carol, index: 0n }),
      2001n,
    ],
    [
      'a transferFrom by the owner himself',
      'bob',
      ({ bob, carol }) => ({ method: 'transferFrom', from: bob, to: carol, index: 0n }),
      2001n,
    ],
    [
      'a transferFrom of somebody who is not the owner',
      'dave',
      ({ carol, dave }) => ({ method: 'transferFrom', from: carol, to: dave, index: 3n }),
      2001n,
    ],
    [
      'a transferFrom to its owner',
      'dave',
      ({ bob }) => ({ method: 'transferFrom', from: bob, to: bob, index: 3n }),
      4001n,
    ],
    [
      'a transferFrom of nobody',
      'dave',
      ({ dave }) => ({ method: 'transferFrom', from: STRANGER, to: dave, index: 3n }),
      4000n,
    ],
    ['a pause by somebody else', 'carol', () => ({ method: 'itemPause', index: 0n }), 1003n],
    ['a pause of no item', 'bob', () => ({ method: 'itemPause', index: 4n }), 2000n],
    ['an unpause of what is not paused', 'bob', () => ({ method: 'itemUnpause', index: 0n }), 3000n],
    ['a new owner by somebody else', 'carol', ({ carol }) => ({ method: 'transferOwner', to: carol }), 1003n],
    [
      'a creation within a contract',
      'bob',
      ({ bob }) => ({ method: 'create', name: 'X', symbol: 'XXX', owner: bob }),
      1001n,
    ],
  ];
  it.each(REFUSALS)('refuses %s', async (_rule, from, call, errCode) => {
    const made = await scene();
    await made.callAll([['bob', { method: 'approve', to: made.ids.dave, index: 3n }]]);
    const before = made.rows();
    expect(await made.call(from, call(made.ids))).toMatchObject({ status: 0, errCode, contractAddress: null });
    expect(made.rows()).toEqual(before);
  });

  it('knows no item at an index of 256 bits, whatever is asked of it', async () => {
    const made = await scene();
    const { bob, carol } = made.ids;
    const index = (1n << 256n) - 1n;
    const calls: [Sct30Call, bigint][] = [
      [{ method: 'transfer', to: carol, index }, 2000n],
      [{ method: 'transferFrom', from: bob, to: carol, index }, 2001n],
      [{ method: 'approve', to: carol, index }, 2000n],
      [{ method: 'itemPause', index }, 2000n],
    ];
    const read: string[] = [];
    const { state } = made.world.node.chain;
    const noted: StateReader = { get: (table, key) => (read.push(key), state.get(table, key)) };
    expect(itemOf(noted, made.contract, index)).toBeUndefined();
    expect(itemOf(noted, made.contract, ITEMS_MAX)).toBeUndefined();
    expect(read).toEqual([]);
    for (const [call, errCode] of calls) expect(await made.call('bob', call)).toMatchObject({ status: 0, errCode });
  });

  it('holds as many items as 32 bits can number, and refuses one more with 3002', () => {
    const state = createMapState();
    const [creator, caller] = [STRANGER, STRANGER];
    const contract = {
      template: 'sct30',
      creator,
      owner: creator,
      name: 'Full',
      symbol: 'FUL',
      isPaused: false,
    } as const;
    const create = (total: bigint): SctOutcome =>
      callSct30(state, {
        caller,
        address: creator,
        contract: { ...contract, total },
        call: { method: 'createItem', items: [pet('last')] },
      });
    expect(create(ITEMS_MAX)).toBe(3002);
    expect(state.picture()).toEqual([]);
    expect(create(ITEMS_MAX - 1n)).toBeNull();
    expect(itemOf(state, creator, ITEMS_MAX - 1n)).toMatchObject({ name: 'last' });
  });

  it('refuses items of a wrong format with 3001, and a call of another template with 1000', async () => {
    const made = await scene();
    const inputs: [Uint8Array, bigint][] = [
      [encodeSctCall({ type: 30, method: 1, params: [] }), 3001n],
      [encodeSctCall({ type: 30, method: 1, params: [[Uint8Array.of(1)]] }), 3001n],
      [encodeSctCall({ type: 20, method: 7, params: [] }), 1000n],
      [encodeSctCall({ type: 40, method: 5, params: [Uint8Array.of(1)] }), 1000n],
    ];
    for (const [input, errCode] of inputs) {
      const signed = made.world.sign('bob', { type: 1, to: made.contract, input });
      expect(await made.world.run(signed)).toMatchObject({ status: 0, errCode });
    }
  });
});

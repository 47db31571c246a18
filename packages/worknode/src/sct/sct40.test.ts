import { describe, expect, it } from 'vitest';
import { encodeSct40, type Sct40Call, type Sct40Coupon, type SymId } from '@jigeum/symverse';
import type { Name } from '../testing.ts';
import { indexesIn, indexesOf, itemOf } from './items.ts';
import { sceneOf, STRANGER, type Scene } from './testing.ts';

type Ids = Readonly<Record<Name, SymId>>;

const coupon = (name: string, point: bigint): Sct40Coupon => ({
  type: '123',
  name,
  point,
  groupNo: '1',
  couponNo: `no-${name}`,
  etc: 'etc',
});

/** A contract of alice that bob owns, with 100 points, and coupons of 30 and 50. */
async function scene(): Promise<Scene<Sct40Call>> {
  const made = await sceneOf(encodeSct40, ({ bob }): Sct40Call => ({
    method: 'create',
    name: 'Coupons',
    symbol: 'CPN',
    cpoint: 100n,
    owner: bob,
  }));
  await made.callAll([['alice', { method: 'createCoupon', coupons: [coupon('tea', 30n), coupon('cake', 50n)] }]]);
  return made;
}

const contractOf = ({ world, contract }: Scene<Sct40Call>): unknown => world.node.chain.state.get('contract', contract);
const couponOf = ({ world, contract }: Scene<Sct40Call>, index: bigint): unknown =>
  itemOf(world.node.chain.state, contract, index);

describe('SCT40', () => {
  it('takes the points of its coupons from its cpoint', async () => {
    const made = await scene();
    expect(contractOf(made)).toEqual({
      template: 'sct40',
      creator: made.ids.alice,
      owner: made.ids.bob,
      name: 'Coupons',
      symbol: 'CPN',
      total: 2n,
      isPaused: false,
      cpoint: 20n,
    });
    expect(couponOf(made, 0n)).toEqual({
      owner: made.ids.bob,
      spender: null,
      status: 'active',
      position: 0n,
      type: '123',
      name: 'tea',
      value: 30n,
      category: '1',
      property: 'no-tea',
      description: 'etc',
    });
    expect([...indexesIn(made.world.node.chain.state, made.contract, '1')]).toEqual([0n, 1n]);
  });

  it('creates coupons to the last point, but none of a call that asks for one more', async () => {
    const made = await scene();
    const tooMany: Sct40Call = { method: 'createCoupon', coupons: [coupon('a', 20n), coupon('b', 1n)] };
    const before = made.rows();
    expect(await made.call('bob', tooMany)).toMatchObject({ status: 0, errCode: 2000n });
    expect(made.rows()).toEqual(before);
    await made.callAll([['bob', { method: 'createCoupon', coupons: [coupon('a', 20n), coupon('b', 0n)] }]]);
    expect(contractOf(made)).toMatchObject({ cpoint: 0n, total: 4n });
  });

  it('moves coupons by transfer and, once approved, by transferFrom', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'transfer', to: carol, index: 0n }],
      ['carol', { method: 'approve', to: dave, index: 0n }],
      ['dave', { method: 'transferFrom', from: carol, to: dave, index: 0n }],
    ]);
    const { state } = made.world.node.chain;
    expect([bob, carol, dave].map((symId) => [...indexesOf(state, made.contract, symId)])).toEqual([[1n], [], [0n]]);
  });

  it('ends a coupon by its use: it keeps its owner and points, and nothing can happen to it any more', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'transfer', to: carol, index: 0n }],
      ['carol', { method: 'approve', to: dave, index: 0n }],
      ['bob', { method: 'couponUse', index: 0n }],
    ]);
    expect(couponOf(made, 0n)).toMatchObject({ owner: carol, status: 'used', value: 30n });
    const refused: [Name, Sct40Call][] = [
      ['carol', { method: 'transfer', to: dave, index: 0n }],
      ['carol', { method: 'approve', to: bob, index: 0n }],
      ['dave', { method: 'transferFrom', from: carol, to: dave, index: 0n }],
      ['alice', { method: 'couponUse', index: 0n }],
      ['alice', { method: 'couponPause', index: 0n }],
      ['alice', { method: 'couponUnpause', index: 0n }],
    ];
    for (const [from, call] of refused)
      expect(await made.call(from, call)).toMatchObject({ status: 0, errCode: 3000n });
  });

  it('cannot use a coupon while it is paused', async () => {
    const made = await scene();
    await made.callAll([['alice', { method: 'couponPause', index: 1n }]]);
    expect(await made.call('bob', { method: 'couponUse', index: 1n })).toMatchObject({ status: 0, errCode: 3000n });
    await made.callAll([
      ['bob', { method: 'couponUnpause', index: 1n }],
      ['bob', { method: 'couponUse', index: 1n }],
      ['bob', { method: 'transferOwner', to: made.ids.carol }],
    ]);
    expect(contractOf(made)).toMatchObject({ owner: made.ids.carol });
  });

  const REFUSALS: readonly (readonly [rule: string, from: Name, call: (ids: Ids) => Sct40Call, errCode: bigint])[] = [
    ['a coupon made by somebody else', 'carol', () => ({ method: 'createCoupon', coupons: [coupon('a', 1n)] }), 1003n],
    ['the use of a coupon by its owner', 'carol', () => ({ method: 'couponUse', index: 0n }), 1003n],
    ['the use of no coupon', 'bob', () => ({ method: 'couponUse', index: 2n }), 2000n],
    ['a pause by the coupon’s owner', 'carol', () => ({ method: 'couponPause', index: 0n }), 1003n],
    ['a transfer of another’s coupon', 'bob', ({ dave }) => ({ method: 'transfer', to: dave, index: 0n }), 2000n],
    ['a transfer to nobody', 'carol', () => ({ method: 'transfer', to: STRANGER, index: 0n }), 4000n],
    ['an approval for oneself', 'carol', ({ carol }) => ({ method: 'approve', to: carol, index: 0n }), 4001n],
    ['a new owner by somebody else', 'carol', ({ carol }) => ({ method: 'transferOwner', to: carol }), 1003n],
    [
      'a transferFrom without approval',
      'dave',
      ({ carol, dave }) => ({ method: 'transferFrom', from: carol, to: dave, index: 0n }),
      2001n,
    ],
  ];
  it.each(REFUSALS)('refuses %s', async (_rule, from, call, errCode) => {
    const made = await scene();
    await made.callAll([['bob', { method: 'transfer', to: made.ids.carol, index: 0n }]]);
    const before = made.rows();
    expect(await made.call(from, call(made.ids))).toMatchObject({ status: 0, errCode, contractAddress: null });
    expect(made.rows()).toEqual(before);
  });
});

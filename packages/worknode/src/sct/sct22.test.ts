import { describe, expect, it } from 'vitest';
import { encodeSct22, type Sct22Call } from '@jigeum/symverse';
import type { Name } from '../testing.ts';
import { holdingOf } from './holdings.ts';
import { sceneOf, STRANGER, type Scene } from './testing.ts';

/** 1,000 tokens of bob, the owner; alice made the contract. */
const scene = (): Promise<Scene<Sct22Call>> =>
  sceneOf(encodeSct22, ({ bob }): Sct22Call => ({
    method: 'create',
    name: 'Authorized',
    symbol: 'AUT',
    amount: 1000n,
    owner: bob,
  }));

const holdings = ({ world, ids, contract }: Scene<Sct22Call>): bigint[] =>
  Object.values(ids).map((symId) => holdingOf(world.node.chain.state, contract, symId));

describe('SCT22', () => {
  it('has transfer, mint, burn, pause and owner as SCT20 has', async () => {
    const made = await scene();
    const { carol } = made.ids;
    await made.callAll([
      ['bob', { method: 'transfer', to: carol, amount: 100n }],
      ['alice', { method: 'mint', to: carol, amount: 10n }],
      ['bob', { method: 'burn', from: carol, amount: 5n }],
      ['bob', { method: 'pause' }],
      ['alice', { method: 'unpause' }],
      ['bob', { method: 'transferOwner', to: carol }],
    ]);
    expect(holdings(made)).toEqual([0n, 900n, 105n, 0n]);
    expect(made.world.node.chain.state.get('contract', made.contract)).toEqual({
      template: 'sct22',
      creator: made.ids.alice,
      owner: carol,
      name: 'Authorized',
      symbol: 'AUT',
      total: 1005n,
      isPaused: false,
      authority: null,
    });
  });

  it('lets the authority, and nobody else, move the tokens of others', async () => {
    const made = await scene();
    const { bob, carol } = made.ids;
    const take: Sct22Call = { method: 'transferFrom', from: bob, to: carol, amount: 100n };
    for (const name of ['alice', 'bob', 'carol'] as const) {
      expect(await made.call(name, take)).toMatchObject({ status: 0, errCode: 2001n });
    }
    await made.callAll([
      ['alice', { method: 'setAuthority' }],
      ['alice', take],
    ]);
    expect(holdings(made)).toEqual([0n, 900n, 100n, 0n]);
    expect(await made.call('bob', take)).toMatchObject({ status: 0, errCode: 2001n });
  });

  it('takes the authority from an owner with the contract', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'transfer', to: carol, amount: 100n }],
      ['bob', { method: 'setAuthority' }],
      ['alice', { method: 'transferOwner', to: dave }],
    ]);
    const take: Sct22Call = { method: 'transferFrom', from: carol, to: bob, amount: 100n };
    expect(await made.call('bob', take)).toMatchObject({ status: 0, errCode: 2001n });
  });

  it('refuses what the rules say, and leaves nothing behind', async () => {
    const made = await scene();
    const { bob, carol } = made.ids;
    await made.callAll([['bob', { method: 'setAuthority' }]]);
    const refused: [Name, Sct22Call, bigint][] = [
      ['carol', { method: 'setAuthority' }, 1003n],
      ['bob', { method: 'setAuthority' }, 1002n],
      ['bob', { method: 'transferFrom', from: STRANGER, to: carol, amount: 0n }, 4000n],
      ['bob', { method: 'transferFrom', from: bob, to: bob, amount: 1n }, 4001n],
      ['bob', { method: 'transferFrom', from: carol, to: bob, amount: 1n }, 2000n],
      ['carol', { method: 'transfer', to: bob, amount: 1n }, 2000n],
    ];
    const before = made.rows();
    for (const [from, call, errCode] of refused)
      expect(await made.call(from, call)).toMatchObject({ status: 0, errCode });
    expect(made.rows()).toEqual(before);
    await made.callAll([['bob', { method: 'pause' }]]);
    for (const call of [
      { method: 'setAuthority' },
      { method: 'transferFrom', from: bob, to: carol, amount: 1n },
    ] as const) {
      expect(await made.call('bob', call)).toMatchObject({ status: 0, errCode: 1002n });
    }
  });
});

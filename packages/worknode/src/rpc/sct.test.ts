import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encodeSct20,
  encodeSct21,
  encodeSct22,
  encodeSct30,
  encodeSct40,
  makeSymId,
  type Sct21Call,
  type Sct30Call,
  type Sct40Call,
  type SymId,
} from '@jigeum/symverse';
import { createWorld, type TestWorld } from '../testing.ts';
import { addItems } from '../sct/items.ts';
import { sceneOf, type Scene } from '../sct/testing.ts';
import { createMapState } from '../state/testing.ts';
import { rpcHandlers } from './methods.ts';
import { sctHandlers } from './methods/sct.ts';
import type { Reads } from './reads.ts';
import { serve, type TestRpc } from './testing.ts';

let world: TestWorld;
let rpc: TestRpc;
let ids: Scene<never>['ids'];
let locked: Scene<Sct21Call>;
let pets: Scene<Sct30Call>;
let coupons: Scene<Sct40Call>;
let plain: SymId;
let authorized: SymId;
const NOWHERE = makeSymId({ caId: 2, random: Uint8Array.of(9, 9, 9, 9, 9, 9), seq: 9 });

const read = async (method: string, ...params: unknown[]): Promise<unknown> => {
  const answer = (await rpc.call(method, ...params)) as { result?: unknown; error?: unknown };
  return answer.error ?? answer.result;
};

beforeAll(async () => {
  world = createWorld();
  rpc = await serve(rpcHandlers(world.node));
  const named = { method: 'create', name: 'Name', symbol: 'NAM' } as const;
  const owner = world.people.bob.symId;
  plain = (await sceneOf(encodeSct20, () => ({ ...named, amount: 5n, owner }), world)).contract;
  authorized = (await sceneOf(encodeSct22, () => ({ ...named, amount: 6n, owner }), world)).contract;
  locked = await sceneOf(encodeSct21, (): Sct21Call => ({ ...named, amount: 50n, lockAmount: 40n, owner }), world);
  pets = await sceneOf(encodeSct30, (): Sct30Call => ({ ...named, owner }), world);
  coupons = await sceneOf(encodeSct40, (): Sct40Call => ({ ...named, cpoint: 100n, owner }), world);
  ids = locked.ids;
  await locked.callAll([
    ['bob', { method: 'lockTransfer', to: ids.carol, amount: 3n, lockAmount: 15n }],
    ['bob', { method: 'accountLock', to: ids.dave }],
    ['bob', { method: 'approve', to: ids.alice, amount: 2n }],
    ['alice', { method: 'pause' }],
  ]);
  const pet = { type: 'A', value: 500n, category: 'animal', property: 'pet', description: '' };
  await pets.callAll([
    ['bob', { method: 'createItem', items: ['dog', 'cat', 'cow'].map((name) => ({ ...pet, name })) }],
    ['bob', { method: 'transfer', to: ids.carol, index: 0n }],
    ['bob', { method: 'approve', to: ids.dave, index: 1n }],
    ['alice', { method: 'itemPause', index: 0n }],
  ]);
  const coupon = { type: '123', point: 30n, couponNo: 'no', etc: '' };
  await coupons.callAll([
    [
      'bob',
      {
        method: 'createCoupon',
        coupons: [
          { ...coupon, name: 'tea', groupNo: '1' },
          { ...coupon, name: 'cake', groupNo: '2' },
        ],
      },
    ],
    ['bob', { method: 'couponUse', index: 1n }],
  ]);
});
afterAll(async () => {
  await rpc.server.stop();
  expect(rpc.reported).toEqual([]);
});

describe('sct_getContract', () => {
  it('shows each template with what it alone has', async () => {
    const common = {
      creator: ids.alice,
      owner: ids.bob,
      name: 'Name',
      symbol: 'NAM',
      state: 'active',
      stateCode: '0x0',
    };
    expect(await read('sct_getContract', plain)).toEqual({ ...common, type: 'sct20', total: '0x5' });
    expect(await read('sct_getContract', authorized)).toEqual({ ...common, type: 'sct22', total: '0x6' });
    expect(await read('sct_getContract', locked.contract)).toEqual({
      ...common,
      type: 'sct21',
      total: '0x32',
      lock: '0x19',
      state: 'paused',
      stateCode: '0x1',
    });
    expect(await read('sct_getContract', pets.contract)).toEqual({ ...common, type: 'sct30', total: '0x3' });
    const withPoints = { ...common, type: 'sct40', total: '0x2', cpoint: '0x28' };
    expect(await read('sct_getContract', coupons.contract)).toEqual(withPoints);
  });
});

describe('sct_getContractAccount', () => {
  it('shows tokens, what is locked, and whether the account is', async () => {
    expect(await read('sct_getContractAccount', plain, ids.bob)).toEqual({ balance: '0x5' });
    const active = { state: 'active', stateCode: '0x0' };
    const accountOf = (symId: SymId): Promise<unknown> => read('sct_getContractAccount', locked.contract, symId);
    expect(await accountOf(ids.carol)).toEqual({ balance: '0x3', lockBalance: '0xf', ...active });
    expect(await accountOf(ids.alice)).toEqual({ balance: '0x0', lockBalance: '0x0', ...active });
    const closed = { state: 'locked', stateCode: '0x1' };
    expect(await accountOf(ids.dave)).toEqual({ balance: '0x0', lockBalance: '0x0', ...closed });
  });

  it('shows the indexes of items in their order, whatever order they came in', async () => {
    expect(await read('sct_getContractAccount', pets.contract, ids.bob)).toEqual({ index: ['0x1', '0x2'] });
    expect(await read('sct_getContractAccount', pets.contract, ids.carol)).toEqual({ index: ['0x0'] });
    expect(await read('sct_getContractAccount', pets.contract, ids.dave)).toEqual({ index: [] });
    expect(await read('sct_getContractAccount', coupons.contract, ids.bob)).toEqual({ index: ['0x0', '0x1'] });
  });
});

describe('sct_getAllowance', () => {
  it('shows the amount of tokens, or the indexes of the items, that a spender may move', async () => {
    expect(await read('sct_getAllowance', locked.contract, ids.bob, ids.alice)).toEqual({ balance: '0x2' });
    expect(await read('sct_getAllowance', locked.contract, ids.alice, ids.bob)).toEqual({ balance: '0x0' });
    expect(await read('sct_getAllowance', pets.contract, ids.bob, ids.dave)).toEqual({ index: ['0x1'] });
    expect(await read('sct_getAllowance', pets.contract, ids.carol, ids.dave)).toEqual({ index: [] });
  });
});

describe('sct_getContractItem', () => {
  it('shows an item by its index as a number, a QUANTITY or decimal text', async () => {
    const dog = {
      index: '0x0',
      name: 'dog',
      owner: ids.carol,
      state: '0x1',
      type: 'A',
      value: '0x1f4',
      category: 'animal',
      property: 'pet',
      description: '',
    };
    for (const index of [0, '0x0', '0']) expect(await read('sct_getContractItem', pets.contract, index)).toEqual(dog);
  });

  it('shows a coupon with the names of its fields, used ones in state 2', async () => {
    expect(await read('sct_getContractItem', coupons.contract, 1)).toEqual({
      index: '0x1',
      name: 'cake',
      owner: ids.bob,
      state: '0x2',
      type: '123',
      usepoint: '0x1e',
      groupNo: '2',
      couponNo: 'no',
      etc: '',
    });
  });

  it('is null for an index that was never given, and for a contract without items', async () => {
    expect(await read('sct_getContractItem', pets.contract, 3)).toBeNull();
    expect(await read('sct_getContractItem', pets.contract, `0x${'f'.repeat(64)}`)).toBeNull();
    expect(await read('sct_getContractItem', plain, 0)).toBeNull();
  });
});

describe('sct_getContractItemsByCategory', () => {
  it('shows the items of a category, the coupons of a group', async () => {
    const names = async (contract: SymId, category: unknown): Promise<unknown> =>
      ((await read('sct_getContractItemsByCategory', contract, category)) as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(await names(pets.contract, 'animal')).toEqual(['dog', 'cat', 'cow']);
    expect(await names(pets.contract, 'thing')).toEqual([]);
    expect(await names(coupons.contract, '2')).toEqual(['cake']);
    expect(await names(coupons.contract, 2)).toEqual(['cake']);
    expect(await names(plain, 'animal')).toEqual([]);
  });

  it('refuses to show more items than one answer may hold, rather than a part of them', async () => {
    const item = { type: '', name: 'n', value: 0n, category: 'many', property: '', description: '' };
    for (const count of [500, 500, 1]) {
      await pets.callAll([['bob', { method: 'createItem', items: Array.from({ length: count }, () => item) }]]);
      const answer = await read('sct_getContractItemsByCategory', pets.contract, 'many');
      if (count === 500) expect(answer).toHaveProperty('length');
      else
        expect(answer).toEqual({
          code: -32000,
          message:
            'query returned too many results: expected at most 1000 items in the category, got more; ask for single items by index',
        });
    }
    expect(await read('sct_getContractAccount', pets.contract, ids.bob)).toHaveProperty('index.length', 1003);
  });

  it('refuses to show more text than one answer may hold, though there are few items', () => {
    const owner = ids.bob;
    const contract = {
      template: 'sct30',
      creator: owner,
      owner,
      name: 'Long',
      symbol: 'LNG',
      isPaused: false,
    } as const;
    const item = { type: '', name: 'n', value: 0n, category: 'long', property: '', description: 'x'.repeat(32_000) };
    const withItems = (count: number) => {
      const state = createMapState();
      state.set('contract', NOWHERE, { ...contract, total: BigInt(count) });
      const items = Array.from({ length: count }, () => item);
      addItems(state, { address: NOWHERE, contract: { ...contract, total: 0n } }, items);
      return sctHandlers({ stateAt: () => state } as unknown as Reads);
    };
    expect(withItems(130).sct_getContractItemsByCategory(NOWHERE, 'long', 'latest')).toHaveLength(130);
    expect(() => withItems(131).sct_getContractItemsByCategory(NOWHERE, 'long', 'latest')).toThrow(
      'query returned too many results: expected at most 4194304 characters of text in the category, got more; ask for single items by index',
    );
  });
});

describe('an older block', () => {
  it('shows items with the owners, states and lists that they had then', async () => {
    const at = `0x${world.node.chain.head().number.toString(16)}`;
    const readsAt = async (tag: string): Promise<unknown[]> => [
      await read('sct_getContract', coupons.contract, tag),
      await read('sct_getContractAccount', coupons.contract, ids.bob, tag),
      await read('sct_getContractAccount', coupons.contract, ids.dave, tag),
      await read('sct_getAllowance', coupons.contract, ids.dave, ids.carol, tag),
      await read('sct_getContractItem', coupons.contract, 0, tag),
      await read('sct_getContractItemsByCategory', coupons.contract, '1', tag),
    ];
    const before = await readsAt('latest');
    const tea = { type: '', name: 'more tea', point: 1n, groupNo: '1', couponNo: '', etc: '' };
    await coupons.callAll([
      ['bob', { method: 'transfer', to: ids.dave, index: 0n }],
      ['dave', { method: 'approve', to: ids.carol, index: 0n }],
      ['alice', { method: 'createCoupon', coupons: [tea] }],
    ]);
    const after = await readsAt('latest');
    for (const [index, answer] of after.entries()) expect(answer).not.toEqual(before[index]);
    expect(await readsAt(at)).toEqual(before);
  });
});

describe('every read of contracts', () => {
  it('is null where there is no contract, and for votes, which this node does not run', async () => {
    expect(await read('sct_getContract', NOWHERE)).toBeNull();
    expect(await read('sct_getContractAccount', NOWHERE, ids.bob)).toBeNull();
    expect(await read('sct_getAllowance', NOWHERE, ids.bob, ids.carol)).toBeNull();
    expect(await read('sct_getContractItem', NOWHERE, 0)).toBeNull();
    expect(await read('sct_getContractItemsByCategory', NOWHERE, '1')).toBeNull();
    expect(await read('sct_getVoteContract', plain)).toBeNull();
    expect(await read('sct_getPollContract', plain)).toBeNull();
    expect(await read('sct_getVoteResult', plain)).toBeNull();
    expect(await read('sct_getVotingPaper', plain, ids.bob)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { encodeSct21, type Sct21Call, type SymId } from '@jigeum/symverse';
import type { Name } from '../testing.ts';
import { holdingOf } from './holdings.ts';
import { lockOf } from './sct21.ts';
import { sceneOf, STRANGER, type Scene } from './testing.ts';

type Ids = Readonly<Record<Name, SymId>>;

/** 1,000 tokens of alice, 300 of them in the pool; bob is the owner and so holds the other 700. */
const scene = (): Promise<Scene<Sct21Call>> =>
  sceneOf(encodeSct21, ({ bob }) => ({
    method: 'create',
    name: 'Locked',
    symbol: 'LCK',
    amount: 1000n,
    lockAmount: 300n,
    owner: bob,
  }));

/** Where the tokens are: the pool, and [holding, locked] of each who has some. */
function places({ world, ids, contract }: Scene<Sct21Call>): unknown {
  const { state } = world.node.chain;
  const row = state.get('contract', contract);
  const places = Object.entries(ids).map(
    ([name, symId]) => [name, [holdingOf(state, contract, symId), lockOf(state, contract, symId).amount]] as const,
  );
  const some = places.filter(([, amounts]) => amounts.some((amount) => amount > 0n));
  return { pool: row?.template === 'sct21' ? row.lock : null, ...Object.fromEntries(some) };
}

describe('SCT21', () => {
  it('is created with its lock amount in the pool and the rest with the owner', async () => {
    const made = await scene();
    expect(made.world.node.chain.state.get('contract', made.contract)).toEqual({
      template: 'sct21',
      creator: made.ids.alice,
      owner: made.ids.bob,
      name: 'Locked',
      symbol: 'LCK',
      total: 1000n,
      isPaused: false,
      lock: 300n,
    });
    expect(places(made)).toEqual({ pool: 300n, bob: [700n, 0n] });
  });

  it('gives own and locked tokens in one lock transfer, frees them, and takes them back into the pool', async () => {
    const made = await scene();
    const { carol } = made.ids;
    await made.callAll([['bob', { method: 'lockTransfer', to: carol, amount: 10n, lockAmount: 100n }]]);
    expect(places(made)).toEqual({ pool: 200n, bob: [690n, 0n], carol: [10n, 100n] });
    await made.callAll([['alice', { method: 'unlockAmount', to: carol, amount: 40n }]]);
    expect(places(made)).toEqual({ pool: 200n, bob: [690n, 0n], carol: [50n, 60n] });
    await made.callAll([['bob', { method: 'restoreLockAmount', to: carol, amount: 60n }]]);
    expect(places(made)).toEqual({ pool: 260n, bob: [690n, 0n], carol: [50n, 0n] });
  });

  it('fills the pool from the creator’s holding and empties it there', async () => {
    const made = await scene();
    await made.callAll([
      ['bob', { method: 'transfer', to: made.ids.alice, amount: 50n }],
      ['alice', { method: 'addLockAmount', amount: 20n }],
    ]);
    expect(places(made)).toEqual({ pool: 320n, bob: [650n, 0n], alice: [30n, 0n] });
    await made.callAll([['alice', { method: 'subLockAmount', amount: 320n }]]);
    expect(places(made)).toEqual({ pool: 0n, bob: [650n, 0n], alice: [350n, 0n] });
  });

  it('has the methods of SCT20, which do not touch what is locked', async () => {
    const made = await scene();
    const { carol, dave, bob } = made.ids;
    await made.callAll([
      ['bob', { method: 'lockTransfer', to: carol, amount: 0n, lockAmount: 300n }],
      ['bob', { method: 'approve', to: dave, amount: 20n }],
      ['dave', { method: 'transferFrom', from: bob, to: carol, amount: 15n }],
      ['bob', { method: 'decreaseApprove', to: dave, amount: 5n }],
      ['alice', { method: 'mint', to: carol, amount: 7n }],
      ['bob', { method: 'burn', from: carol, amount: 2n }],
      ['bob', { method: 'pause' }],
      ['alice', { method: 'unpause' }],
      ['alice', { method: 'transferOwner', to: carol }],
    ]);
    expect(places(made)).toEqual({ pool: 0n, bob: [685n, 0n], carol: [20n, 300n] });
    expect(made.world.node.chain.state.get('contract', made.contract)).toMatchObject({ owner: carol, total: 1005n });
    expect(await made.call('carol', { method: 'transfer', to: bob, amount: 21n })).toMatchObject({ errCode: 2000n });
  });

  it('lets a locked account receive but neither send, nor approve, nor be sent from, until it is unlocked', async () => {
    const made = await scene();
    const { bob, carol, dave } = made.ids;
    await made.callAll([
      ['bob', { method: 'transfer', to: carol, amount: 50n }],
      ['carol', { method: 'approve', to: dave, amount: 20n }],
      ['dave', { method: 'approve', to: carol, amount: 20n }],
      ['bob', { method: 'accountLock', to: carol }],
    ]);
    const refused: [Name, Sct21Call][] = [
      ['carol', { method: 'transfer', to: dave, amount: 1n }],
      ['carol', { method: 'approve', to: dave, amount: 5n }],
      ['carol', { method: 'decreaseApprove', to: dave, amount: 1n }],
      ['carol', { method: 'transferFrom', from: dave, to: bob, amount: 0n }],
      ['dave', { method: 'transferFrom', from: carol, to: dave, amount: 1n }],
    ];
    for (const [from, call] of refused)
      expect(await made.call(from, call), call.method).toMatchObject({ errCode: 1002n });
    await made.callAll([
      ['bob', { method: 'transfer', to: carol, amount: 1n }],
      ['bob', { method: 'lockTransfer', to: carol, amount: 0n, lockAmount: 5n }],
      ['alice', { method: 'accountUnlock', to: carol }],
    ]);
    expect(lockOf(made.world.node.chain.state, made.contract, carol)).toEqual({ amount: 5n, isAccountLocked: false });
    for (const [from, call] of refused) expect(await made.call(from, call), call.method).toMatchObject({ status: 1 });
  });

  it('keeps no row for a SymID of which nothing is locked any more', async () => {
    const made = await scene();
    const { carol } = made.ids;
    await made.callAll([
      ['bob', { method: 'accountLock', to: carol }],
      ['bob', { method: 'accountUnlock', to: carol }],
      ['bob', { method: 'lockTransfer', to: carol, amount: 0n, lockAmount: 5n }],
      ['bob', { method: 'restoreLockAmount', to: carol, amount: 5n }],
    ]);
    expect([...made.world.storage.state()].filter(({ table }) => table === 'lock')).toEqual([]);
  });

  it('refuses amounts while paused, but still locks accounts', async () => {
    const made = await scene();
    const { carol } = made.ids;
    await made.callAll([['bob', { method: 'pause' }]]);
    const refused: Sct21Call[] = [
      { method: 'lockTransfer', to: carol, amount: 1n, lockAmount: 1n },
      { method: 'unlockAmount', to: carol, amount: 0n },
      { method: 'restoreLockAmount', to: carol, amount: 0n },
      { method: 'addLockAmount', amount: 0n },
      { method: 'subLockAmount', amount: 0n },
      { method: 'transfer', to: carol, amount: 1n },
    ];
    for (const call of refused) expect(await made.call('alice', call), call.method).toMatchObject({ errCode: 1002n });
    await made.callAll([['bob', { method: 'accountLock', to: carol }]]);
  });

  const REFUSALS: readonly (readonly [rule: string, from: Name, call: (ids: Ids) => Sct21Call, errCode: bigint])[] = [
    ['a lock transfer by somebody else', 'carol', ({ dave }) => lockTransfer(dave, 0n, 1n), 1003n],
    ['a lock transfer to nobody', 'bob', () => lockTransfer(STRANGER, 0n, 1n), 4000n],
    ['a lock transfer to oneself', 'bob', ({ bob }) => lockTransfer(bob, 0n, 1n), 4001n],
    ['a lock transfer of more than one holds', 'bob', ({ carol }) => lockTransfer(carol, 701n, 1n), 2000n],
    ['a lock transfer of more than the pool has', 'bob', ({ carol }) => lockTransfer(carol, 1n, 301n), 2000n],
    ['freeing by the holder', 'dave', ({ dave }) => ({ method: 'unlockAmount', to: dave, amount: 1n }), 1003n],
    ['freeing for nobody', 'bob', () => ({ method: 'unlockAmount', to: STRANGER, amount: 0n }), 4000n],
    ['freeing more than is locked', 'bob', ({ dave }) => ({ method: 'unlockAmount', to: dave, amount: 6n }), 2000n],
    [
      'taking back by somebody else',
      'carol',
      ({ dave }) => ({ method: 'restoreLockAmount', to: dave, amount: 1n }),
      1003n,
    ],
    [
      'taking back more than is locked',
      'bob',
      ({ dave }) => ({ method: 'restoreLockAmount', to: dave, amount: 6n }),
      2000n,
    ],
    ['adding to the pool by the owner', 'bob', () => ({ method: 'addLockAmount', amount: 1n }), 1003n],
    ['adding more than the creator holds', 'alice', () => ({ method: 'addLockAmount', amount: 1n }), 2000n],
    ['taking from the pool by the owner', 'bob', () => ({ method: 'subLockAmount', amount: 1n }), 1003n],
    ['taking more than the pool has', 'alice', () => ({ method: 'subLockAmount', amount: 296n }), 2000n],
    ['locking an account by somebody else', 'carol', ({ dave }) => ({ method: 'accountLock', to: dave }), 1003n],
    ['locking the account of nobody', 'bob', () => ({ method: 'accountLock', to: STRANGER }), 4000n],
    ['unlocking an account that is not locked', 'bob', ({ carol }) => ({ method: 'accountUnlock', to: carol }), 1002n],
    ['unlocking an account by its holder', 'dave', ({ dave }) => ({ method: 'accountUnlock', to: dave }), 1003n],
    ['a mint by somebody else', 'carol', ({ carol }) => ({ method: 'mint', to: carol, amount: 1n }), 1003n],
  ];
  it.each(REFUSALS)('refuses %s', async (_rule, from, call, errCode) => {
    const made = await scene();
    await made.callAll([['bob', { method: 'lockTransfer', to: made.ids.dave, amount: 0n, lockAmount: 5n }]]);
    const before = made.rows();
    expect(await made.call(from, call(made.ids))).toMatchObject({ status: 0, errCode, contractAddress: null });
    expect(made.rows()).toEqual(before);
  });

  it('refuses to be created with more locked than there is, for nobody, or within a contract', async () => {
    const made = await scene();
    const create = { method: 'create', name: 'Other', symbol: 'OTH', amount: 5n, lockAmount: 5n } as const;
    const refused: [Sct21Call, SymId | null, bigint][] = [
      [{ ...create, lockAmount: 6n, owner: made.ids.bob }, null, 1001n],
      [{ ...create, owner: STRANGER }, null, 4000n],
      [{ ...create, owner: made.ids.bob }, made.contract, 1001n],
      [{ method: 'pause' }, null, 1000n],
    ];
    const before = made.rows();
    for (const [call, to, errCode] of refused) {
      const signed = made.world.sign('bob', { type: 1, to, input: encodeSct21(call) });
      expect(await made.world.run(signed)).toMatchObject({ status: 0, errCode, contractAddress: null });
    }
    expect(made.rows()).toEqual(before);
  });
});

const lockTransfer = (to: SymId, amount: bigint, lockAmount: bigint): Sct21Call => ({
  method: 'lockTransfer',
  to,
  amount,
  lockAmount,
});

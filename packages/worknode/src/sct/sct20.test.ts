import { describe, expect, it } from 'vitest';
import { fromHex0x } from '@jigeum/std';
import {
  contractAddress,
  encodeSctCall,
  makeSymId,
  symIdToBytes,
  type Receipt,
  type Sct20Call,
  type SymId,
} from '@jigeum/symverse';
import { createWorld, type Name, type TestWorld } from '../testing.ts';
import { allowanceOf, holdingOf } from './holdings.ts';

const stranger = makeSymId({ caId: 2, random: Uint8Array.of(9, 9, 9, 9, 9, 9), seq: 2 });

interface Scene {
  readonly world: TestWorld;
  readonly contract: SymId;
  call(from: Name, call: Sct20Call): Promise<Receipt>;
  holding(name: Name): bigint;
}

async function scene(): Promise<Scene> {
  const world = createWorld();
  const contract = await world.createToken();
  return {
    world,
    contract,
    call: (from, call) => world.run(world.signCall(from, contract, call)),
    holding: (name) => holdingOf(world.node.chain.state, contract, world.people[name].symId),
  };
}

describe('SCT20', () => {
  it('is created at the address of the current rule, or of the old one when the genesis says so', async () => {
    const { world, contract } = await scene();
    expect(contract).toBe(contractAddress(world.people.alice.symId, 0n, 'current'));
    expect(contract.startsWith('0xff')).toBe(true);
    const old = createWorld({ node: { genesis: { ...createWorld().genesis, contractAddressRule: 'old' } } });
    expect(await old.createToken()).toBe(contractAddress(old.people.alice.symId, 0n, 'old'));
  });

  it('gives the first supply to the owner, who need not be the creator', async () => {
    const { world } = await scene();
    const { bob } = world.people;
    const { contractAddress: address } = await world.run(
      world.signCall('alice', null, { method: 'create', name: 'Bobs', symbol: 'BOB', amount: 7n, owner: bob.symId }),
    );
    expect(holdingOf(world.node.chain.state, address!, bob.symId)).toBe(7n);
    expect(world.node.chain.state.get('contract', address!)).toEqual({
      template: 'sct20',
      creator: world.people.alice.symId,
      owner: bob.symId,
      name: 'Bobs',
      symbol: 'BOB',
      total: 7n,
      isPaused: false,
    });
  });

  it('moves tokens by transfer and, within the allowance, by transferFrom', async () => {
    const { world, contract, call, holding } = await scene();
    const { alice, bob, carol } = world.people;
    await call('alice', { method: 'transfer', to: bob.symId, amount: 100n });
    await call('alice', { method: 'approve', to: carol.symId, amount: 60n });
    await call('carol', { method: 'transferFrom', from: alice.symId, to: bob.symId, amount: 25n });
    await call('alice', { method: 'decreaseApprove', to: carol.symId, amount: 5n });
    expect([holding('alice'), holding('bob'), holding('carol')]).toEqual([875n, 125n, 0n]);
    expect(allowanceOf(world.node.chain.state, contract, alice.symId, carol.symId)).toBe(30n);
  });

  it('changes the supply by mint and burn, and the owner by transferOwner; the creator keeps his rights', async () => {
    const { world, contract, call, holding } = await scene();
    const { bob } = world.people;
    await call('alice', { method: 'mint', to: bob.symId, amount: 50n });
    await call('alice', { method: 'transferOwner', to: bob.symId });
    await call('bob', { method: 'burn', from: bob.symId, amount: 20n });
    await call('alice', { method: 'burn', from: bob.symId, amount: 5n });
    expect(holding('bob')).toBe(25n);
    expect(world.node.chain.state.get('contract', contract)).toMatchObject({ owner: bob.symId, total: 1025n });
  });

  it('stands still while paused, except for unpause and a new owner', async () => {
    const { world, call } = await scene();
    const { alice, bob } = world.people;
    await call('alice', { method: 'pause' });
    const calls: Sct20Call[] = [
      { method: 'transfer', to: bob.symId, amount: 1n },
      { method: 'transferFrom', from: bob.symId, to: alice.symId, amount: 1n },
      { method: 'approve', to: bob.symId, amount: 1n },
      { method: 'decreaseApprove', to: bob.symId, amount: 1n },
      { method: 'mint', to: bob.symId, amount: 1n },
      { method: 'burn', from: alice.symId, amount: 1n },
      { method: 'pause' },
    ];
    for (const refused of calls) expect(await call('alice', refused)).toMatchObject({ status: 0, errCode: 1002n });
    expect(await call('alice', { method: 'transferOwner', to: bob.symId })).toMatchObject({ status: 1 });
    expect(await call('alice', { method: 'unpause' })).toMatchObject({ status: 1 });
    expect(await call('alice', { method: 'unpause' })).toMatchObject({ status: 0, errCode: 1002n });
  });

  const REFUSALS: readonly (readonly [
    rule: string,
    from: Name,
    call: (p: TestWorld['people']) => Sct20Call,
    errCode: bigint,
  ])[] = [
    [
      'a transfer of more than the balance',
      'bob',
      ({ carol }) => ({ method: 'transfer', to: carol.symId, amount: 1n }),
      2000n,
    ],
    ['a transfer to oneself', 'alice', ({ alice }) => ({ method: 'transfer', to: alice.symId, amount: 1n }), 4001n],
    ['a transfer to a SymID that nobody has', 'alice', () => ({ method: 'transfer', to: stranger, amount: 1n }), 4000n],
    [
      'a transferFrom without allowance',
      'bob',
      ({ alice, bob }) => ({ method: 'transferFrom', from: alice.symId, to: bob.symId, amount: 1n }),
      2001n,
    ],
    [
      'a transferFrom beyond the balance',
      'bob',
      ({ carol, bob }) => ({ method: 'transferFrom', from: carol.symId, to: bob.symId, amount: 1n }),
      2000n,
    ],
    [
      'a transferFrom to its own payer',
      'bob',
      ({ carol }) => ({ method: 'transferFrom', from: carol.symId, to: carol.symId, amount: 1n }),
      4001n,
    ],
    [
      'a transferFrom of nobody',
      'bob',
      ({ bob }) => ({ method: 'transferFrom', from: stranger, to: bob.symId, amount: 1n }),
      4000n,
    ],
    ['an approval for oneself', 'alice', ({ alice }) => ({ method: 'approve', to: alice.symId, amount: 1n }), 4001n],
    ['an approval for nobody', 'alice', () => ({ method: 'approve', to: stranger, amount: 1n }), 4000n],
    ['a decrease below zero', 'alice', ({ bob }) => ({ method: 'decreaseApprove', to: bob.symId, amount: 1n }), 2001n],
    ['a mint by a stranger to the token', 'bob', ({ bob }) => ({ method: 'mint', to: bob.symId, amount: 1n }), 1003n],
    ['a mint for nobody', 'alice', () => ({ method: 'mint', to: stranger, amount: 1n }), 4000n],
    [
      'a mint beyond 256 bits',
      'alice',
      ({ bob }) => ({ method: 'mint', to: bob.symId, amount: (1n << 256n) - 1n }),
      1001n,
    ],
    [
      'a burn by a stranger to the token',
      'bob',
      ({ alice }) => ({ method: 'burn', from: alice.symId, amount: 1n }),
      1003n,
    ],
    ['a burn of more than there is', 'alice', ({ bob }) => ({ method: 'burn', from: bob.symId, amount: 1n }), 2000n],
    ['a burn of nobody', 'alice', () => ({ method: 'burn', from: stranger, amount: 0n }), 4000n],
    ['a pause by a stranger to the token', 'bob', () => ({ method: 'pause' }), 1003n],
    ['an unpause of what is not paused', 'alice', () => ({ method: 'unpause' }), 1002n],
    ['a new owner by a stranger to the token', 'bob', ({ bob }) => ({ method: 'transferOwner', to: bob.symId }), 1003n],
    ['a new owner that nobody is', 'alice', () => ({ method: 'transferOwner', to: stranger }), 4000n],
    ['the same owner again', 'alice', ({ alice }) => ({ method: 'transferOwner', to: alice.symId }), 4001n],
    [
      'a creation within a contract',
      'alice',
      ({ alice }) => ({ method: 'create', name: 'X', symbol: 'XXX', amount: 1n, owner: alice.symId }),
      1001n,
    ],
  ];
  it.each(REFUSALS)('refuses %s', async (_rule, from, call, errCode) => {
    const { world, contract, call: run } = await scene();
    await run('carol', { method: 'approve', to: world.people.bob.symId, amount: 5n });
    const before = [...world.storage.state()].filter(({ table }) => table !== 'account');
    expect(await run(from, call(world.people))).toMatchObject({ status: 0, errCode, contractAddress: null });
    expect([...world.storage.state()].filter(({ table }) => table !== 'account')).toEqual(before);
    expect(world.node.chain.state.get('contract', contract)).toBeDefined();
  });

  it('refuses the input that the paper prints in Fig. 18, which lost its last byte', async () => {
    const world = createWorld();
    const printed = '0xec1480e98c6553706f727473546f6b656e834553548c204fce5e3e250261100000008a00035b875ec2c54100';
    const {
      status,
      errCode,
      contractAddress: address,
    } = await world.run(world.sign('alice', { type: 1, to: null, input: fromHex0x(printed) }));
    expect({ status, errCode, address }).toEqual({ status: 0, errCode: 1001n, address: null });
  });

  it('refuses a creation for an owner that nobody is, with a short symbol, and by anything but create', async () => {
    const { world } = await scene();
    const create = (owner: SymId, symbol: string): Uint8Array =>
      encodeSctCall({
        type: 20,
        method: 0,
        params: [Buffer.from('Name'), Buffer.from(symbol), Uint8Array.of(5), symIdToBytes(owner)],
      });
    const { symId } = world.people.alice;
    const inputs: [Uint8Array, bigint][] = [
      [create(stranger, 'ABC'), 4000n],
      [create(symId, 'AB'), 1001n],
      [create(symId, 'ABCDEFGHIJK'), 1001n],
      [encodeSctCall({ type: 20, method: 7, params: [] }), 1000n],
      [encodeSctCall({ type: 30, method: 0, params: [] }), 1001n],
      [encodeSctCall({ type: 20, method: 44, params: [] }), 1001n],
      [Uint8Array.of(0x80), 1001n],
      [new Uint8Array(0), 1001n],
    ];
    for (const [input, errCode] of inputs) {
      expect(await world.run(world.sign('alice', { type: 1, to: null, input }))).toMatchObject({
        status: 0,
        errCode,
        contractAddress: null,
      });
    }
  });
});

import { describe, expect, it } from 'vitest';
import { contractAddress, encodeSct20, GAS_PRICE_HUG, intrinsicGas, type Sct20Call } from '@jigeum/symverse';
import { createWorld, START_HUG, type Name } from '../testing.ts';
import { accountOf } from '../state/accounts.ts';

const PAPER_TABLE_2 = [
  ['create', 49_000n, 8_049_000n],
  ['transfer', 7_000n, 56_000n],
  ['transferFrom', 9_000n, 58_000n],
  ['mint', 7_000n, 56_000n],
  ['burn', 7_000n, 56_000n],
  ['pause', 4_000n, 53_000n],
  ['unpause', 4_000n, 53_000n],
] as const;

/** Gas of the input's bytes, counted here by hand. */
const dataGas = (input: Uint8Array): bigint => input.reduce((sum, byte) => sum + (byte === 0 ? 40n : 680n), 0n);

describe('gas', () => {
  it('is exactly base, operation (Table 2 of the paper) and data for each operation that succeeds', async () => {
    const world = createWorld();
    const { alice, bob, carol } = world.people;
    const contract = await world.createToken();
    await world.run(world.signCall('alice', contract, { method: 'approve', to: bob.symId, amount: 50n }));
    const calls: [Name, Sct20Call][] = [
      ['alice', { method: 'create', name: 'Other', symbol: 'OTH', amount: 5n, owner: alice.symId }],
      ['alice', { method: 'transfer', to: bob.symId, amount: 10n }],
      ['bob', { method: 'transferFrom', from: alice.symId, to: carol.symId, amount: 20n }],
      ['alice', { method: 'mint', to: bob.symId, amount: 1n }],
      ['alice', { method: 'burn', from: bob.symId, amount: 1n }],
      ['alice', { method: 'pause' }],
      ['alice', { method: 'unpause' }],
    ];
    const used: [string, bigint, bigint][] = [];
    for (const [from, call] of calls) {
      const { status, gasUsed } = await world.run(
        world.signCall(from, call.method === 'create' ? null : contract, call),
      );
      expect(status).toBe(1);
      const total = gasUsed - dataGas(encodeSct20(call));
      used.push([call.method, total - (call.method === 'create' ? 8_000_000n : 49_000n), total]);
    }
    expect(used).toEqual(PAPER_TABLE_2);
  });

  it('costs 8,076,400 to create the token of the paper and 49,000 to send coins', async () => {
    const world = createWorld();
    const call: Sct20Call = {
      method: 'create',
      name: 'eSportsToken',
      symbol: 'EST',
      amount: 0x204fce5e3e25026110000000n,
      owner: world.people.alice.symId,
    };
    const zeros = encodeSct20(call).filter((byte) => byte === 0).length;
    const created = await world.run(world.signCall('alice', null, call));
    // The paper's owner has five zero bytes in the input; this one may have another number.
    expect(created.gasUsed).toBe(8_076_400n - BigInt(zeros - 5) * 640n);
    expect((await world.run(world.sign('alice', { to: world.people.bob.symId, value: 1n }))).gasUsed).toBe(49_000n);
  });

  it('goes from the sender to the sealer at 100 GHug, and the unused part of the limit stays', async () => {
    const world = createWorld();
    const { alice, bob } = world.people;
    await world.run(world.sign('alice', { to: bob.symId, value: 7n, gas: 90_000n }));
    const { state } = world.node.chain;
    const fee = 49_000n * GAS_PRICE_HUG;
    expect(accountOf(state, alice.symId)).toEqual({ balance: START_HUG - 7n - fee, nonce: 1n, deposit: 0n });
    expect(accountOf(state, bob.symId).balance).toBe(START_HUG + 7n);
    expect(accountOf(state, world.genesis.sealer.symId).balance).toBe(fee);
  });

  it('of a call to no contract is base and data only, and of other failures has the operation too', async () => {
    const world = createWorld();
    const contract = await world.createToken();
    const nowhere = contractAddress(world.people.bob.symId, 99n);
    const call: Sct20Call = { method: 'transfer', to: world.people.bob.symId, amount: 5000n };
    const missing = world.signCall('alice', nowhere, call);
    expect(await world.run(missing)).toMatchObject({
      status: 0,
      errCode: 1000n,
      gasUsed: intrinsicGas(missing.transaction),
    });
    const tooLow = world.signCall('alice', contract, call);
    expect(await world.run(tooLow)).toMatchObject({
      status: 0,
      errCode: 2000n,
      gasUsed: intrinsicGas(tooLow.transaction) + 7_000n,
    });
  });
});

describe('a transfer of coins', () => {
  it('to oneself, or of nothing, costs its fee and changes no balance beside', async () => {
    const world = createWorld();
    const { alice, bob } = world.people;
    const { state } = world.node.chain;
    expect(await world.run(world.sign('alice', { to: alice.symId, value: 5n }))).toMatchObject({ status: 1 });
    expect(await world.run(world.sign('alice', { to: bob.symId, value: 0n }))).toMatchObject({ status: 1 });
    const fees = 2n * 49_000n * GAS_PRICE_HUG;
    expect(accountOf(state, alice.symId)).toEqual({ balance: START_HUG - fees, nonce: 2n, deposit: 0n });
    expect(accountOf(state, bob.symId)).toEqual({ balance: START_HUG, nonce: 0n, deposit: 0n });
  });
});

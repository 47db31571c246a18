import { describe, expect, it } from 'vitest';
import { CITIZEN_ROLE, GAS_PRICE_HUG, HUG_PER_SYM, signTransaction, type SymId } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { accountOf } from '../state/accounts.ts';
import { citizenOf, createMapState } from '../state/testing.ts';
import { CHAIN_ID, createWorld, START_HUG } from '../testing.ts';
import { officeOf, runDeposit } from './deposit.ts';

const { alice, bob } = createWorld().people;

describe('a deposit', () => {
  it('adds what is set to what was there, cannot be spent, and comes back whole', async () => {
    const world = createWorld();
    const { state } = world.node.chain;
    const set = await world.run(world.sign('alice', { type: 2, to: null, value: 40n }));
    expect(set).toMatchObject({ status: 1, errCode: 0n, gasUsed: 8_000_000n, contractAddress: null });
    await world.run(world.sign('alice', { type: 2, to: null, value: 2n }));
    expect(accountOf(state, alice.symId).deposit).toBe(42n);
    const left = accountOf(state, alice.symId).balance;
    const all = world.sign('alice', { to: bob.symId, value: left - 49_000n * GAS_PRICE_HUG + 1n });
    expect(await world.submit(all)).toMatchObject({ kind: 'refused', reason: 'insufficient-funds' });
    const restored = await world.run(world.sign('alice', { type: 2, to: alice.symId }));
    expect(restored).toMatchObject({ status: 1, gasUsed: 49_000n });
    const fees = (8_000_000n * 2n + 49_000n) * GAS_PRICE_HUG;
    expect(accountOf(state, alice.symId)).toEqual({ balance: START_HUG - fees, nonce: 3n, deposit: 0n });
  });

  it('that was never set is restored as nothing', async () => {
    const world = createWorld();
    expect(await world.run(world.sign('alice', { type: 2, to: alice.symId }))).toMatchObject({ status: 1 });
    const balance = START_HUG - 49_000n * GAS_PRICE_HUG;
    expect(accountOf(world.node.chain.state, alice.symId)).toEqual({ balance, nonce: 1n, deposit: 0n });
  });

  it('of more than there is, beside the fee, is refused', async () => {
    const world = createWorld();
    const value = START_HUG - 8_000_000n * GAS_PRICE_HUG;
    const over = await world.submit(world.sign('alice', { type: 2, to: null, value: value + 1n }));
    expect(over).toMatchObject({ kind: 'refused', reason: 'insufficient-funds' });
    await world.run(world.sign('alice', { type: 2, to: null, value }));
    expect(accountOf(world.node.chain.state, alice.symId)).toEqual({ balance: 0n, nonce: 1n, deposit: value });
  });

  it('is not restored to the sealer or the CA, who may set one', async () => {
    const first = createWorld();
    const { ca, sealer } = first.genesis;
    const allocations = new Map([
      [ca.symId, 2n * HUG_PER_SYM],
      [sealer.symId, 2n * HUG_PER_SYM],
    ]);
    const world = createWorld({ node: { genesis: { ...first.genesis, allocations } } });
    const offices: [SymId, Uint8Array, string][] = [
      [ca.symId, first.keys.ca, 'CA'],
      [sealer.symId, first.keys.sealer, 'warrant'],
    ];
    for (const [symId, key, office] of offices) {
      const sign = (nonce: bigint, to: SymId | null, value: bigint) =>
        signTransaction(
          {
            from: symId,
            nonce,
            gasPrice: GAS_PRICE_HUG,
            gas: 8_000_000n,
            to,
            value,
            input: new Uint8Array(0),
            type: 2,
            workNodes: [],
            extraData: new Uint8Array(0),
          },
          CHAIN_ID,
          key,
          nativeCrypto,
        );
      expect(await world.run(sign(0n, null, 7n))).toMatchObject({ status: 1 });
      expect(await world.submit(sign(1n, symId, 0n))).toEqual({
        kind: 'refused',
        reason: 'deposit-bound',
        detail: `expected a sender who is neither warrant, CA nor oracle, got ${symId}, a ${office}`,
      });
      expect(accountOf(world.node.chain.state, symId).deposit).toBe(7n);
    }
  });

  it.each([
    ['general', undefined],
    ['masterCa', 'CA'],
    ['ca', 'CA'],
    ['oracle', 'oracle'],
  ] as const)('stays where it is when its owner has become %s since: %s', (role, office) => {
    const state = createMapState();
    state.set('citizen', alice.symId, citizenOf(bob.symId, CITIZEN_ROLE[role]));
    const before = { balance: 5n, nonce: 1n, deposit: 40n };
    state.set('account', alice.symId, before);
    expect(officeOf(state, alice.symId, bob.symId)).toBe(office);
    const isRestored = runDeposit(state, { from: alice.symId, to: alice.symId, value: 0n }, bob.symId);
    expect(isRestored).toBe(office === undefined);
    const after = office === undefined ? { balance: 45n, nonce: 1n, deposit: 0n } : before;
    expect(accountOf(state, alice.symId)).toEqual(after);
  });
});

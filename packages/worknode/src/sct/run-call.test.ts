import { describe, expect, it } from 'vitest';
import { fromHex0x } from '@jigeum/std';
import { decodeSctCall, encodeSct20, encodeSctCall, intrinsicGas, symIdToBytes, type SymId } from '@jigeum/symverse';
import { citizenOf, createMapState } from '../state/testing.ts';
import { createWorld } from '../testing.ts';
import { createContract } from './run-call.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const one = Uint8Array.of(1);

function pollOf(owner: SymId, token: SymId): Uint8Array[] {
  const numbers = (count: number): Uint8Array[] => Array.from({ length: count }, () => one);
  return [one, one, text('Agenda'), text('About'), symIdToBytes(owner), one, one, symIdToBytes(token), ...numbers(5)];
}

describe('a contract call', () => {
  it('of SCT50 or SCT51 is read and then refused with 1002, for base and data gas only', async () => {
    const world = createWorld();
    const token = await world.createToken();
    const { symId } = world.people.alice;
    const inputs = [
      encodeSctCall({ type: 50, method: 0, params: [text('SymParty'), symIdToBytes(token), symIdToBytes(symId)] }),
      encodeSctCall({ type: 51, method: 0, params: pollOf(symId, token) }),
    ];
    for (const input of inputs) {
      const signed = world.sign('alice', { type: 1, to: null, input });
      expect(await world.run(signed)).toMatchObject({
        status: 0,
        errCode: 1002n,
        contractAddress: null,
        gasUsed: intrinsicGas(signed.transaction),
      });
    }
  });

  it('of SCT50 or SCT51 that is malformed has the documented code', async () => {
    const world = createWorld();
    const token = await world.createToken();
    const { symId } = world.people.alice;
    const poll = pollOf(symId, token);
    const inputs: [Uint8Array, bigint][] = [
      [encodeSctCall({ type: 50, method: 1, params: [] }), 5008n],
      [
        encodeSctCall({ type: 51, method: 0, params: [...poll.slice(0, 8), Uint8Array.of(2), ...poll.slice(9)] }),
        5005n,
      ],
      [encodeSctCall({ type: 50, method: 9, params: [] }), 1001n],
    ];
    for (const [input, errCode] of inputs) {
      expect(await world.run(world.sign('alice', { type: 1, to: null, input }))).toMatchObject({ status: 0, errCode });
    }
  });

  it('of a template that no document names is 1001, and of another template than the contract’s is 1000', async () => {
    const world = createWorld();
    const contract = await world.createToken();
    const calls: [SymId | null, number, bigint][] = [
      [null, 23, 1001n],
      [contract, 23, 1000n],
      [contract, 21, 1000n],
      [contract, 50, 1000n],
    ];
    for (const [to, type, errCode] of calls) {
      const signed = world.sign('alice', { type: 1, to, input: encodeSctCall({ type, method: 7, params: [] }) });
      const receipt = await world.run(signed);
      expect(receipt, `SCT${type}`).toMatchObject({ status: 0, errCode, gasUsed: intrinsicGas(signed.transaction) });
    }
  });

  it('makes no second contract where one is, should two addresses ever be the same', () => {
    const state = createMapState();
    const { symId } = createWorld().people.alice;
    state.set('citizen', symId, citizenOf(symId));
    const call = decodeSctCall(encodeSct20({ method: 'create', name: 'One', symbol: 'ONE', amount: 5n, owner: symId }));
    expect(createContract(state, { creator: symId, address: symId, call })).toBeNull();
    const before = state.picture();
    expect(createContract(state, { creator: symId, address: symId, call })).toBe(1002);
    expect(state.picture()).toEqual(before);
  });

  it('is refused with 1001 when its bytes are no call', async () => {
    const world = createWorld();
    const contract = await world.createToken();
    for (const input of ['0x', '0x80', '0xc0', '0xc31407c000'].map(fromHex0x)) {
      const receipt = await world.run(world.sign('alice', { type: 1, to: contract, input }));
      expect(receipt).toMatchObject({ status: 0, errCode: 1001n });
    }
  });
});

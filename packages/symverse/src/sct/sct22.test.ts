import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RlpItem } from '../rlp.ts';
import { parseSymId, symIdToBytes } from '../symid.ts';
import { anyQuantity, anySymId, anyWord, refusalOf } from '../testing/sct.ts';
import { symverseVectors } from '../testing/vectors.ts';
import { encodeSctCall } from './codec.ts';
import { decodeSct22, encodeSct22, SCT22_METHODS, type Sct22Call } from './sct22.ts';

const member = parseSymId('0x00020000000000060002');
const vectors = symverseVectors().sct_inputs_other.filter(({ what }) => what.startsWith('SCT22'));
const meant: Readonly<Record<string, Sct22Call>> = {
  'SCT22 transfer 100000000000 (type byte 0x16)': {
    method: 'transfer',
    to: parseSymId('0x00032dd1fa260e2a0002'),
    amount: 100_000_000_000n,
  },
  'SCT22 mint, documented numbering (3)': { method: 'mint', to: parseSymId('0x00000000000000000002'), amount: 500n },
};
const inputOf = (method: number, params: readonly RlpItem[]): Uint8Array => encodeSctCall({ type: 22, method, params });

describe('SCT22', () => {
  test('the vectors hold two calls', () => {
    expect(vectors.map(({ what }) => what)).toEqual(Object.keys(meant));
  });

  test.each(vectors)('reads and writes $what', ({ what, input }) => {
    expect(decodeSct22(fromHex0x(input))).toEqual(meant[what]);
    expect(toHex0x(encodeSct22(meant[what]!))).toBe(input);
  });

  test('setAuthority carries an empty list, and one with an owner is refused', () => {
    expect(toHex0x(encodeSct22({ method: 'setAuthority' }))).toBe('0xc31608c0');
    expect(decodeSct22(fromHex0x('0xc31608c0'))).toEqual({ method: 'setAuthority' });
    expect(() => decodeSct22(inputOf(8, [symIdToBytes(member)]))).toThrow(
      'Expected 0 parameters of SCT22 setAuthority, got 1',
    );
  });

  test.each<[string, number, RlpItem[], string | null, number]>([
    ['an amount with a leading zero', 1, [symIdToBytes(member), Uint8Array.of(0, 1)], 'amount', 1001],
    ['a sender of 11 bytes', 2, [new Uint8Array(11), symIdToBytes(member), Uint8Array.of(1)], 'from', 4000],
    ['the pause of SCT20’s number, with no parameters', 7, [], null, 1001],
    ['a method above the last', 9, [], null, 1001],
  ])('refuses %s', (_what, method, params, field, errCode) => {
    expect(refusalOf(() => decodeSct22(inputOf(method, params)))).toEqual({ field, errCode });
  });

  test('refuses the type 0x80 of the documents’ examples', () => {
    expect(() => decodeSct22(fromHex0x('0xd18001ce8a000000000000000000028201f4'))).toThrow('got SCT0 with method 1');
  });

  test('all nine methods decode to what was encoded', () => {
    const amount = anyQuantity;
    const to = anySymId;
    const calls: fc.Arbitrary<Sct22Call> = fc.oneof(
      fc.record({
        method: fc.constant('create' as const),
        name: anyWord(1, 64),
        symbol: anyWord(3, 10),
        amount,
        owner: to,
      }),
      fc.record({ method: fc.constantFrom('transfer' as const, 'mint' as const), to, amount }),
      fc.record({ method: fc.constant('transferFrom' as const), from: to, to, amount }),
      fc.record({ method: fc.constant('burn' as const), from: to, amount }),
      fc.record({ method: fc.constantFrom(...(['pause', 'unpause', 'setAuthority'] as const)) }),
      fc.record({ method: fc.constant('transferOwner' as const), to }),
    );
    fc.assert(
      fc.property(calls, (call) => {
        expect(decodeSct22(encodeSct22(call))).toEqual(call);
      }),
      { numRuns: 150 },
    );
  });

  test('the method numbers and the gas are those of the template', () => {
    expect(SCT22_METHODS.map(({ method, gas }) => [method, gas])).toEqual([
      ['create', 49_000n],
      ['transfer', 7_000n],
      ['transferFrom', 9_000n],
      ['mint', 7_000n],
      ['burn', 7_000n],
      ['pause', 4_000n],
      ['unpause', 4_000n],
      ['transferOwner', 4_000n],
      ['setAuthority', 4_000n],
    ]);
  });
});

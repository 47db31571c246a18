import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RlpItem } from '../rlp.ts';
import { parseSymId, symIdToBytes } from '../symid.ts';
import { anyQuantity, anySymId, anyWord, meantArgument, refusalOf } from '../testing/sct.ts';
import { symverseVectors } from '../testing/vectors.ts';
import { encodeSctCall } from './codec.ts';
import { decodeSct21, encodeSct21, SCT21_METHODS, type Sct21Call } from './sct21.ts';

const member = parseSymId('0x00020000000000060002');
const vectors = symverseVectors().sct_inputs.filter(({ type }) => type === 21);
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const inputOf = (method: number, params: readonly RlpItem[]): Uint8Array => encodeSctCall({ type: 21, method, params });

/** The call that a symjs caller meant, from the method's name and arguments. */
function meant(call: string, args: readonly unknown[]): Sct21Call {
  const wanted = call.replace('param.sct21.', '').toLowerCase();
  const row = SCT21_METHODS.find(({ method }) => method.toLowerCase() === wanted)!;
  const fields = row.params.map(([field], index) => [
    field,
    meantArgument(args[index], field === 'name' || field === 'symbol'),
  ]);
  return { method: row.method, ...Object.fromEntries(fields) } as Sct21Call;
}

describe('SCT21', () => {
  test('the vectors hold twelve calls', () => {
    expect(vectors.length).toBe(12);
  });

  test.each(vectors)('reads and writes $call $args as symjs does', ({ call, args, input }) => {
    expect(decodeSct21(fromHex0x(input))).toEqual(meant(call, args));
    expect(toHex0x(encodeSct21(meant(call, args)))).toBe(input);
  });

  test.each(vectors)('$call costs what symjs computes', ({ method, gas_sctGas }) => {
    expect(SCT21_METHODS[method]!.gas).toBe(BigInt(gas_sctGas));
  });

  /** Printed in json-rpc-sct-api.md and in the documents of sym-tools, for the methods that the vectors leave out. */
  test.each<[string, Sct21Call]>([
    [
      '0xe21502df8a000200000000000600028a00020000000000050002880de0b6b3a7640000',
      { method: 'transferFrom', from: member, to: parseSymId('0x00020000000000050002'), amount: 10n ** 18n },
    ],
    ['0xd71505d48a00020000000000060002880de0b6b3a7640000', { method: 'mint', to: member, amount: 10n ** 18n }],
    ['0xc31508c0', { method: 'unpause' }],
    [
      '0xd41501d18a00032dd1fa260e2a000285174876e800',
      { method: 'transfer', to: parseSymId('0x00032dd1fa260e2a0002'), amount: 100_000_000_000n },
    ],
  ])('reads and writes the documented %s', (input, call) => {
    expect(decodeSct21(fromHex0x(input))).toEqual(call);
    expect(toHex0x(encodeSct21(call))).toBe(input);
  });

  test('writes zero as the empty string and reads the byte 0x00 of published clients too', () => {
    expect(toHex0x(encodeSct21({ method: 'addLockAmount', amount: 0n }))).toBe('0xc4150dc180');
    expect(decodeSct21(fromHex0x('0xc4150dc180'))).toEqual({ method: 'addLockAmount', amount: 0n });
    expect(decodeSct21(fromHex0x('0xc4150dc100'))).toEqual({ method: 'addLockAmount', amount: 0n });
  });

  test.each<[string, number, RlpItem[], string | null, number]>([
    ['an amount with a leading zero', 13, [Uint8Array.of(0, 1)], 'amount', 1001],
    ['an amount over 256 bits', 14, [new Uint8Array(33).fill(1)], 'amount', 1001],
    ['a list as a lock amount', 10, [symIdToBytes(member), Uint8Array.of(1), []], 'lockAmount', 1001],
    ['a SymID of 9 bytes', 15, [new Uint8Array(9)], 'to', 4000],
    ['a missing SymID', 16, [new Uint8Array(0)], 'to', 4000],
    [
      'a symbol of 2 characters',
      0,
      [utf8('Token'), utf8('ES'), Uint8Array.of(1), Uint8Array.of(1), symIdToBytes(member)],
      'symbol',
      1001,
    ],
    [
      'the creation of an SCT20, which has no lock amount',
      0,
      [utf8('Token'), utf8('EST'), Uint8Array.of(1), symIdToBytes(member)],
      null,
      1001,
    ],
    ['a parameter of a method that has none', 7, [Uint8Array.of(1)], null, 1001],
    ['a method above the last', 17, [], null, 1001],
  ])('refuses %s', (_what, method, params, field, errCode) => {
    expect(refusalOf(() => decodeSct21(inputOf(method, params)))).toEqual({ field, errCode });
  });

  test('refuses another template, and what it would not read when writing', () => {
    expect(() => decodeSct21(fromHex0x('0xc31407c0'))).toThrow('got SCT20 with method 7');
    expect(refusalOf(() => encodeSct21({ method: 'subLockAmount', amount: -1n }))).toEqual({
      field: 'amount',
      errCode: 1001,
    });
    expect(refusalOf(() => encodeSct21({ method: 'melt' } as unknown as Sct21Call))).toEqual({
      field: null,
      errCode: 1001,
    });
  });

  test('all seventeen methods decode to what was encoded', () => {
    const amount = anyQuantity;
    const to = anySymId;
    const calls: fc.Arbitrary<Sct21Call> = fc.oneof(
      fc.record({
        method: fc.constant('create' as const),
        name: anyWord(1, 64),
        symbol: anyWord(3, 10),
        amount,
        lockAmount: amount,
        owner: to,
      }),
      fc.record({
        method: fc.constantFrom(
          ...(['transfer', 'approve', 'decreaseApprove', 'mint', 'unlockAmount', 'restoreLockAmount'] as const),
        ),
        to,
        amount,
      }),
      fc.record({ method: fc.constant('transferFrom' as const), from: to, to, amount }),
      fc.record({ method: fc.constant('burn' as const), from: to, amount }),
      fc.record({ method: fc.constantFrom('pause' as const, 'unpause' as const) }),
      fc.record({ method: fc.constantFrom(...(['transferOwner', 'accountLock', 'accountUnlock'] as const)), to }),
      fc.record({ method: fc.constant('lockTransfer' as const), to, amount, lockAmount: amount }),
      fc.record({ method: fc.constantFrom('addLockAmount' as const, 'subLockAmount' as const), amount }),
    );
    fc.assert(
      fc.property(calls, (call) => {
        expect(decodeSct21(encodeSct21(call))).toEqual(call);
      }),
      { numRuns: 150 },
    );
  });

  test('the method numbers are those of the template', () => {
    expect(SCT21_METHODS.map(({ method }) => method)).toEqual([
      'create',
      'transfer',
      'transferFrom',
      'approve',
      'decreaseApprove',
      'mint',
      'burn',
      'pause',
      'unpause',
      'transferOwner',
      'lockTransfer',
      'unlockAmount',
      'restoreLockAmount',
      'addLockAmount',
      'subLockAmount',
      'accountLock',
      'accountUnlock',
    ]);
  });
});

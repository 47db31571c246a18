import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sctGas } from './gas.ts';
import type { RlpItem } from '../rlp.ts';
import { parseSymId, symIdToBytes } from '../symid.ts';
import { anyQuantity, anySymId, anyWord, meantArgument, refusalOf } from '../testing/sct.ts';
import { symverseVectors } from '../testing/vectors.ts';
import { decodeSctCall, encodeSctCall } from './codec.ts';
import { decodeSct40, encodeSct40, SCT40_METHODS, type Sct40Call, type Sct40Coupon } from './sct40.ts';

const member = parseSymId('0x00020000000000040002');
const vectors = symverseVectors().sct_inputs.filter(({ type }) => type === 40);
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const inputOf = (method: number, params: readonly RlpItem[]): Uint8Array => encodeSctCall({ type: 40, method, params });
const hotdog: Sct40Coupon = {
  type: 'A',
  name: 'hotdog',
  point: 1n,
  groupNo: 'fastfood1',
  couponNo: 'discount1',
  etc: '',
};
const fieldsOf = (changes: Readonly<Record<number, RlpItem>> = {}): RlpItem[] =>
  [utf8('A'), utf8('hotdog'), Uint8Array.of(1), utf8('fastfood1'), utf8('discount1'), utf8('')].map(
    (field, index) => changes[index] ?? field,
  );

/** The call that a symjs caller meant, from the method's name and arguments. The vectors create no coupon. */
function meant(call: string, args: readonly unknown[]): Sct40Call {
  const wanted = call.replace('param.sct40.', '').toLowerCase();
  const row = SCT40_METHODS.find(({ method }) => method.toLowerCase() === wanted)!;
  if (!('params' in row)) throw new Error('Expected no vector of createCoupon.');
  const fields = row.params.map(([field], index) => [
    field,
    meantArgument(args[index], field === 'name' || field === 'symbol'),
  ]);
  return { method: row.method, ...Object.fromEntries(fields) } as Sct40Call;
}

describe('SCT40', () => {
  test('the vectors hold six calls', () => {
    expect(vectors.length).toBe(6);
  });

  test.each(vectors)('reads and writes $call $args as symjs does', ({ call, args, input, gas_sctGas }) => {
    const bytes = encodeSct40(meant(call, args));
    expect(toHex0x(bytes)).toBe(input);
    expect(decodeSct40(fromHex0x(input))).toEqual(meant(call, args));
    expect(sctGas(decodeSctCall(bytes))).toBe(BigInt(gas_sctGas));
  });

  /** Printed in json-rpc-sct-api.md: the first coupon was given without `etc`, which keeps its place. */
  test('reads and writes the documented creation of two coupons, at 30,000 each', () => {
    const input =
      '0xf8542801f850de4186686f74646f67018966617374666f6f643189646973636f756e743180f04287636f75706f6e328201f48b72657374617572616e743189646973636f756e74318d68617070796269727468646179';
    const call: Sct40Call = {
      method: 'createCoupon',
      coupons: [
        hotdog,
        {
          type: 'B',
          name: 'coupon2',
          point: 500n,
          groupNo: 'restaurant1',
          couponNo: 'discount1',
          etc: 'happybirthday',
        },
      ],
    };
    expect(decodeSct40(fromHex0x(input))).toEqual(call);
    expect(toHex0x(encodeSct40(call))).toBe(input);
    expect(sctGas(decodeSctCall(fromHex0x(input)))).toBe(60_000n);
  });

  test('a contract of no points is written with the empty string, and read with the byte 0x00 too', () => {
    const call: Sct40Call = { method: 'create', name: 'Coupons', symbol: 'CPN', cpoint: 0n, owner: member };
    const params = (cpoint: Uint8Array): RlpItem[] => [utf8('Coupons'), utf8('CPN'), cpoint, symIdToBytes(member)];
    expect(encodeSct40(call)).toEqual(inputOf(0, params(new Uint8Array(0))));
    expect(decodeSct40(inputOf(0, params(new Uint8Array(0))))).toEqual(call);
    expect(decodeSct40(inputOf(0, params(Uint8Array.of(0))))).toEqual(call);
  });

  test('refuses the documents’ example of create, which is one of SCT30', () => {
    const printed = fromHex0x('0xde1e80db8b53796d436f6e74726163748353434e8a00020000000000050002');
    expect(() => decodeSct40(printed)).toThrow('Expected SCT40 with a method of 0 to 8, got SCT30 with method 0.');
  });

  test.each<[string, number, RlpItem[], string | null, number]>([
    ['a creation of no coupons', 1, [], 'coupons', 3001],
    ['a coupon that is no list', 1, [utf8('hotdog')], 'coupons', 3001],
    ['a coupon of seven fields', 1, [[...fieldsOf(), utf8('')]], 'coupons', 3001],
    ['a coupon without a name', 1, [fieldsOf(), fieldsOf({ 1: utf8('') })], 'coupons', 3001],
    ['a coupon whose points have a leading zero', 1, [fieldsOf({ 2: Uint8Array.of(0, 5) })], 'coupons', 3001],
    ['a coupon whose group is not UTF-8', 1, [fieldsOf({ 3: Uint8Array.of(0xff) })], 'coupons', 3001],
    ['an index with a leading zero', 5, [Uint8Array.of(0, 1)], 'index', 1001],
    ['a list as the index', 6, [[]], 'index', 1001],
    ['a receiver of 9 bytes', 2, [new Uint8Array(9), Uint8Array.of(1)], 'to', 4000],
    ['an owner of 11 bytes', 8, [new Uint8Array(11)], 'to', 4000],
    ['the method 9, which does not exist', 9, [symIdToBytes(member)], null, 1001],
    ['a use of two coupons at once', 5, [Uint8Array.of(1), Uint8Array.of(2)], null, 1001],
  ])('refuses %s', (_what, method, params, field, errCode) => {
    expect(refusalOf(() => decodeSct40(inputOf(method, params)))).toEqual({ field, errCode });
  });

  test('refuses what it would not read when writing', () => {
    expect(refusalOf(() => encodeSct40({ method: 'createCoupon', coupons: [] }))).toEqual({
      field: 'coupons',
      errCode: 3001,
    });
    expect(refusalOf(() => encodeSct40({ method: 'couponUse', index: 2n ** 256n }))).toEqual({
      field: 'index',
      errCode: 1001,
    });
  });

  test('all nine methods decode to what was encoded', () => {
    const index = anyQuantity;
    const to = anySymId;
    const word = fc.string({ unit: 'grapheme', maxLength: 20 });
    const coupon = fc.record({
      type: word,
      name: anyWord(1, 64),
      point: index,
      groupNo: word,
      couponNo: word,
      etc: word,
    });
    const calls: fc.Arbitrary<Sct40Call> = fc.oneof(
      fc.record({
        method: fc.constant('create' as const),
        name: anyWord(1, 64),
        symbol: anyWord(3, 10),
        cpoint: index,
        owner: to,
      }),
      fc.record({
        method: fc.constant('createCoupon' as const),
        coupons: fc.array(coupon, { minLength: 1, maxLength: 5 }),
      }),
      fc.record({ method: fc.constantFrom('transfer' as const, 'approve' as const), to, index }),
      fc.record({ method: fc.constant('transferFrom' as const), from: to, to, index }),
      fc.record({ method: fc.constantFrom(...(['couponUse', 'couponPause', 'couponUnpause'] as const)), index }),
      fc.record({ method: fc.constant('transferOwner' as const), to }),
    );
    fc.assert(
      fc.property(calls, (call) => {
        expect(decodeSct40(encodeSct40(call))).toEqual(call);
      }),
      { numRuns: 150 },
    );
  });
});

import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRlp, type RlpItem } from '../rlp.ts';
import { parseSymId, symIdFromBytes, symIdToBytes } from '../symid.ts';
import { symverseVectors, type Hex } from '../testing/vectors.ts';
import { encodeSctCall, SctInputError } from './codec.ts';
import { decodeSct20, encodeSct20, SCT20_METHODS, type Sct20Call, type Sct20Method } from './sct20.ts';

const member = parseSymId('0x00020000000000060002');
const vectors = symverseVectors().sct_inputs.filter(({ type }) => type === 20);

/** The call that a symjs caller meant, from the method's name and arguments. */
function meant(call: string, args: readonly unknown[]): Sct20Call {
  const method = call.replace('param.sct20.', '') as Sct20Method;
  const names = SCT20_METHODS.find((row) => row.method === method)!.params.map(([name]) => name);
  const values = names.map((name, index) => {
    const arg = args[index] as string | number;
    if (name === 'amount')
      return [
        name,
        typeof arg === 'string' && !arg.startsWith('0x')
          ? BigInt(`0x${Buffer.from(arg).toString('hex')}`)
          : BigInt(arg),
      ];
    return [name, name === 'name' || name === 'symbol' ? arg : parseSymId(arg as string)];
  });
  return { method, ...Object.fromEntries(values) } as Sct20Call;
}

const isOfZero = (call: Sct20Call): boolean => 'amount' in call && call.amount === 0n;

function refusal(input: Uint8Array): { field: string | null; errCode: number } {
  try {
    decodeSct20(input);
  } catch (error) {
    if (error instanceof SctInputError) return { field: error.field, errCode: error.errCode };
    throw error;
  }
  throw new Error('accepted');
}

const createWith = (params: readonly RlpItem[]): Uint8Array => encodeSctCall({ type: 20, method: 0, params });
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('SCT20', () => {
  test.each(vectors)('reads $call $args of symjs', ({ call, args, input }) => {
    expect(decodeSct20(fromHex0x(input))).toEqual(meant(call, args));
  });

  // Skipped when writing: amounts of zero, which symjs writes as the byte 0x00 against its own rule for integers.
  const writable = vectors.filter(({ call, args }) => !isOfZero(meant(call, args)));
  test('only the two amounts of zero are not written as symjs does', () => {
    expect(vectors.length - writable.length).toBe(2);
  });

  test.each(writable)('writes $call $args as symjs does', ({ call, args, input }) => {
    expect(toHex0x(encodeSct20(meant(call, args)))).toBe(input);
  });

  test('writes the amount zero as the empty string and reads the byte 0x00 of published clients too', () => {
    const zero: Sct20Call = { method: 'transfer', to: member, amount: 0n };
    expect(toHex0x(encodeSct20(zero))).toBe('0xcf1401cc8a0002000000000006000280');
    expect(decodeSct20(fromHex0x('0xcf1401cc8a0002000000000006000280'))).toEqual(zero);
    expect(decodeSct20(fromHex0x('0xcf1401cc8a0002000000000006000200'))).toEqual(zero);
    expect(
      refusal(encodeSctCall({ type: 20, method: 1, params: [symIdToBytes(member), Uint8Array.of(0, 0)] })),
    ).toEqual({ field: 'amount', errCode: 1001 });
  });

  test('a decimal text handed to symjs as an amount is another number: the bytes are ASCII', () => {
    expect(decodeSct20(fromHex0x('0xd31401d08a000200000000000600028431303030'))).toMatchObject({ amount: 0x31303030n });
  });

  /** Figures 17 and 18 of the paper. */
  describe('the paper’s creation of eSportsToken', () => {
    const create: Sct20Call = {
      method: 'create',
      name: 'eSportsToken',
      symbol: 'EST',
      amount: 0x204fce5e3e25026110000000n,
      owner: parseSymId('0x00035b875ec2c5410002'),
    };
    const corrected: Hex =
      '0xec1480e98c6553706f727473546f6b656e834553548c204fce5e3e250261100000008a00035b875ec2c5410002';
    const printed = '0xec1480e98c6553706f727473546f6b656e834553548c204fce5e3e25026110000008a00035b875ec2c54100';

    test('is the corrected bytes', () => {
      expect(toHex0x(encodeSct20(create))).toBe(corrected);
      expect(decodeSct20(fromHex0x(corrected))).toEqual(create);
    });

    test('has the amount 10 billion at 18 decimals, not one billion as the caption says', () => {
      expect(create.amount).toBe(10_000_000_000n * 10n ** 18n);
    });

    test('is refused as printed: a digit and the last byte are missing', () => {
      expect(printed.length).toBe(corrected.length - 3);
      expect(() => fromHex0x(printed)).toThrow('even number of hex digits');
      // With the digit put back the last byte is still missing.
      expect(refusal(fromHex0x(corrected.slice(0, -2)))).toEqual({ field: null, errCode: 1001 });
      // And with the odd digit dropped instead.
      expect(refusal(fromHex0x(printed.slice(0, -1)))).toEqual({ field: null, errCode: 1001 });
    });
  });

  test.each<[string, RlpItem[], string, number]>([
    ['an empty name', [utf8(''), utf8('EST'), Uint8Array.of(1), symIdToBytes(member)], 'name', 1001],
    [
      'a name of 65 characters',
      [utf8('n'.repeat(65)), utf8('EST'), Uint8Array.of(1), symIdToBytes(member)],
      'name',
      1001,
    ],
    [
      'a name that is not UTF-8',
      [Uint8Array.of(0xff, 0xfe), utf8('EST'), Uint8Array.of(1), symIdToBytes(member)],
      'name',
      1001,
    ],
    [
      'a name with a hidden direction mark',
      [utf8('E\u202eST'), utf8('EST'), Uint8Array.of(1), symIdToBytes(member)],
      'name',
      1001,
    ],
    ['a symbol of 2 characters', [utf8('Token'), utf8('ES'), Uint8Array.of(1), symIdToBytes(member)], 'symbol', 1001],
    [
      'a symbol of 11 characters',
      [utf8('Token'), utf8('ESPORTSCOIN'), Uint8Array.of(1), symIdToBytes(member)],
      'symbol',
      1001,
    ],
    [
      'an amount over 256 bits',
      [utf8('Token'), utf8('EST'), new Uint8Array(33).fill(1), symIdToBytes(member)],
      'amount',
      1001,
    ],
    ['an owner of 9 bytes', [utf8('Token'), utf8('EST'), Uint8Array.of(1), new Uint8Array(9)], 'owner', 4000],
    ['a list as the owner', [utf8('Token'), utf8('EST'), Uint8Array.of(1), []], 'owner', 4000],
  ])('refuses %s', (_what, params, field, errCode) => {
    expect(refusal(createWith(params))).toEqual({ field, errCode });
  });

  test.each(['EST', 'ESPORTSCOI', '이스트', 'E-1'])('takes the symbol %s', (symbol) => {
    const call: Sct20Call = { method: 'create', name: '이스포츠', symbol, amount: 1n, owner: member };
    expect(decodeSct20(encodeSct20(call))).toEqual(call);
  });

  test('refuses what it would not read when writing', () => {
    expect(() => encodeSct20({ method: 'create', name: 'Token', symbol: 'ES', amount: 1n, owner: member })).toThrow(
      'Parameter symbol of the SCT20 call: Expected 3 to 10 characters, got 2.',
    );
    expect(() => encodeSct20({ method: 'transfer', to: member, amount: 2n ** 256n })).toThrow(SctInputError);
    expect(() => encodeSct20({ method: 'transfer', to: member, amount: -1n })).toThrow(SctInputError);
  });

  test('refuses another template, an unknown method, and another number of parameters', () => {
    expect(() => decodeSct20(encodeSctCall({ type: 21, method: 7, params: [] }))).toThrow('got SCT21 with method 7');
    expect(() => decodeSct20(encodeSctCall({ type: 20, method: 10, params: [] }))).toThrow('got SCT20 with method 10');
    expect(() => decodeSct20(encodeSctCall({ type: 20, method: 7, params: [Uint8Array.of(1)] }))).toThrow(
      'Expected 0 parameters of SCT20 pause, got 1',
    );
    expect(() => decodeSct20(encodeSctCall({ type: 20, method: 1, params: [symIdToBytes(member)] }))).toThrow(
      'Expected 2 parameters',
    );
    expect(() => decodeSct20(encodeRlp([Uint8Array.of(20), new Uint8Array(0)]))).toThrow(SctInputError);
  });

  test('all ten methods decode to what was encoded', () => {
    const to = fc.uint8Array({ minLength: 10, maxLength: 10 }).map(symIdFromBytes);
    const amount = fc.bigInt(0n, 2n ** 256n - 1n);
    const word = (minLength: number, maxLength: number) =>
      fc.stringMatching(new RegExp(`^[A-Za-z0-9 가-힣]{${minLength},${maxLength}}$`));
    const calls: fc.Arbitrary<Sct20Call> = fc.oneof(
      fc.record({ method: fc.constant('create' as const), name: word(1, 64), symbol: word(3, 10), amount, owner: to }),
      fc.record({
        method: fc.constantFrom('transfer' as const, 'approve' as const, 'decreaseApprove' as const, 'mint' as const),
        to,
        amount,
      }),
      fc.record({ method: fc.constant('transferFrom' as const), from: to, to, amount }),
      fc.record({ method: fc.constant('burn' as const), from: to, amount }),
      fc.record({ method: fc.constantFrom('pause' as const, 'unpause' as const) }),
      fc.record({ method: fc.constant('transferOwner' as const), to }),
    );
    fc.assert(
      fc.property(calls, (call) => {
        expect(decodeSct20(encodeSct20(call))).toEqual(call);
      }),
      { numRuns: 150 },
    );
  });

  test('the method numbers are those of the template', () => {
    expect(SCT20_METHODS.map(({ method }) => method)).toEqual([
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
    ]);
  });
});

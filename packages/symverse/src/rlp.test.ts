import { bytesToHex, fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bigEndian,
  bytesToInteger,
  decodeRlp,
  encodeRlp,
  integerToBytes,
  RlpError,
  viewRlp,
  type RlpErrorCode,
  type RlpItem,
  type RlpLimits,
} from './rlp.ts';
import { readVectors, type Hex } from './testing/vectors.ts';

type Input = string | number | readonly Input[];

const VALID = Object.entries(readVectors<Record<string, { in: Input; out: Hex }>>('rlp/rlptest.json'));
const INVALID = Object.entries(readVectors<Record<string, { out: string }>>('rlp/invalidRLPTest.json'));
const RANDOM = Object.entries(readVectors<Record<string, { out: Hex }>>('rlp/RandomRLPTests/example.json'));

/** The notation of ethereum/tests: text, numbers, `#` and a decimal integer, lists. */
function toItem(input: Input): RlpItem {
  if (typeof input === 'number') return integerToBytes(BigInt(input));
  if (typeof input !== 'string') return input.map(toItem);
  return input.startsWith('#') ? integerToBytes(BigInt(input.slice(1))) : new TextEncoder().encode(input);
}

const refusal = (hex: string): RlpErrorCode => {
  try {
    decodeRlp(fromHex0x(hex));
  } catch (error) {
    if (error instanceof RlpError) return error.code;
    throw error;
  }
  throw new Error(`${hex} was accepted`);
};

describe('RLP, published vectors of ethereum/tests', () => {
  test('there are 28 valid, 26 invalid and one random', () => {
    expect([VALID.length, INVALID.length, RANDOM.length]).toEqual([28, 26, 1]);
  });

  test.each(VALID)('encodes and decodes %s', (_name, { in: input, out }) => {
    expect(toHex0x(encodeRlp(toItem(input)))).toBe(out);
    expect(decodeRlp(fromHex0x(out))).toEqual(toItem(input));
  });

  test.each(INVALID)('refuses %s', (_name, { out }) => {
    expect(() => decodeRlp(fromHex0x(out.startsWith('0x') ? out : `0x${out}`))).toThrow(RlpError);
  });

  test.each(RANDOM)('decodes and encodes %s', (_name, { out }) => {
    expect(toHex0x(encodeRlp(decodeRlp(fromHex0x(out))))).toBe(out);
  });
});

describe('RLP', () => {
  test.each<[RlpErrorCode, string, string]>([
    ['empty-input', '0x', 'no bytes at all'],
    ['trailing-bytes', '0x8000', 'bytes after the item'],
    ['trailing-bytes', '0xc0c0', 'a second list'],
    ['non-minimal-byte', '0x8105', 'a small byte with a prefix'],
    ['non-minimal-length', '0xb801ff', 'a short string in the long form'],
    ['non-minimal-length', '0xf80180', 'a short list in the long form'],
    ['leading-zero-length', `0xb90040${'11'.repeat(64)}`, 'a length that begins with zero'],
    ['truncated', '0x83aabb', 'a string that ends early'],
    ['truncated', '0xb8', 'a length that ends early'],
    ['truncated', '0xc482aabb', 'a list that ends early'],
    ['truncated', '0xc283aabbcc', 'an item that reaches beyond its list'],
    ['too-large', '0xbf0f000000000000021111', 'a length of eight bytes'],
  ])('refuses as %s: %s (%s)', (code, hex) => {
    expect(refusal(hex)).toBe(code);
  });

  test('bounds the size and the depth of what it reads and writes', () => {
    const nested = (depth: number): RlpItem => (depth === 0 ? new Uint8Array(0) : [nested(depth - 1)]);
    expect(() => decodeRlp(encodeRlp(nested(33), 40))).toThrow('nested less deeply');
    expect(decodeRlp(encodeRlp(nested(32)))).toEqual(nested(32));
    expect(() => encodeRlp(nested(33))).toThrow('nested less deeply');
    expect(() => decodeRlp(new Uint8Array(1_048_577))).toThrow('at most 1048576 bytes');
  });

  test('bounds the number of items, for a mebibyte of them takes half a second', () => {
    const items = (count: number): Uint8Array => encodeRlp(Array.from({ length: count }, () => new Uint8Array(0)));
    expect((decodeRlp(items(65_535)) as readonly RlpItem[]).length).toBe(65_535);
    expect(() => decodeRlp(items(65_536))).toThrow('Expected RLP of at most 65536 items, got more.');
    expect(() => decodeRlp(items(3), { itemsMax: 3 })).toThrow(expect.objectContaining({ code: 'too-many-items' }));
    expect(() =>
      decodeRlp(new Uint8Array(1_048_576).fill(0xc0, 4).with(0, 0xfa).with(1, 0x0f).with(2, 0xff).with(3, 0xfc)),
    ).toThrow('at most 65536 items');
  });

  const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
    item: fc.oneof({ maxDepth: 4 }, fc.uint8Array({ maxLength: 70 }), fc.array(tie('item'), { maxLength: 6 })),
  }));

  test('decodes what it encodes', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(decodeRlp(encodeRlp(value))).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  test('gives copies, or views where they are asked for', () => {
    const bytes = encodeRlp([Uint8Array.of(1, 2, 3)]);
    const [copies, views] = [decodeRlp(bytes), viewRlp(bytes)];
    expect(views).toEqual(copies);
    bytes[2] = 9;
    expect([copies, views]).toEqual([[Uint8Array.of(1, 2, 3)], [Uint8Array.of(9, 2, 3)]]);
  });

  test('has its limits where plain JavaScript gives none', () => {
    const limits = { bytesMax: undefined, depthMax: undefined, itemsMax: undefined } as unknown as Partial<RlpLimits>;
    expect(() => decodeRlp(new Uint8Array(2 ** 20 + 1), limits)).toThrow('at most 1048576 bytes');
    expect(() => decodeRlp(encodeRlp(Array.from({ length: 65_536 }, () => new Uint8Array(0))), limits)).toThrow(
      'at most 65536 items',
    );
    const deep = Array.from({ length: 33 }).reduce<RlpItem>((item) => [item], []);
    expect(() => decodeRlp(encodeRlp(deep, 40), limits)).toThrow('nested less deeply');
  });

  test('accepts no other bytes for an item than those it writes', () => {
    fc.assert(
      fc.property(item, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const bytes = encodeRlp(value);
        bytes[at % bytes.length]! ^= flip;
        try {
          expect(bytesToHex(encodeRlp(decodeRlp(bytes)))).toBe(bytesToHex(bytes));
        } catch (error) {
          if (!(error instanceof RlpError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('RLP integers', () => {
  test('are minimal, and zero is the empty string', () => {
    expect([0n, 1n, 127n, 128n, 256n, 2n ** 256n - 1n].map((value) => bytesToHex(integerToBytes(value)))).toEqual([
      '',
      '01',
      '7f',
      '80',
      '0100',
      'ff'.repeat(32),
    ]);
  });

  test('come back as they went, whatever their size', () => {
    const values = fc.oneof(
      fc.bigInt(0n, 2n ** 256n - 1n),
      fc.nat(48).chain((bytes) => fc.bigInt(0n, 256n ** BigInt(bytes))),
    );
    fc.assert(
      fc.property(values, (value) => {
        const bytes = integerToBytes(value);
        const hex = value.toString(16);
        expect(bytesToHex(bytes)).toBe(value === 0n ? '' : hex.padStart(hex.length + (hex.length % 2), '0'));
        expect(bytesToInteger(bytes, 49)).toBe(value);
        expect(bigEndian(Uint8Array.of(0, ...bytes))).toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  test('refuse leading zeros, too many bytes and negative numbers', () => {
    expect(() => bytesToInteger(Uint8Array.of(0))).toThrow('leading zero');
    expect(() => bytesToInteger(Uint8Array.of(0, 1))).toThrow('leading zero');
    expect(() => bytesToInteger(new Uint8Array(33).fill(1))).toThrow('at most 32 bytes, got 33');
    expect(() => integerToBytes(-1n)).toThrow('zero or more');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyBytes, anyUint } from '../testing/records.ts';
import { anySymId } from '../testing/sct.ts';
import {
  address,
  arrayOf,
  blockTag,
  data,
  hash,
  nullable,
  object,
  quantity,
  RpcShapeError,
  text,
  type Codec,
} from './codec.ts';

const anyHash = anyBytes(32).map((bytes): `0x${string}` => `0x${Buffer.from(bytes).toString('hex')}`);
const anyTag = fc.oneof(fc.constantFrom('latest' as const, 'earliest' as const, 'pending' as const), anyUint(8));

/** A codec with any of its values. */
interface Case<T> {
  readonly codec: Codec<T>;
  readonly value: fc.Arbitrary<T>;
}
const one = <T>(codec: Codec<T>, value: fc.Arbitrary<T>): Case<unknown> => ({ codec, value });

const CASES: Readonly<Record<string, Case<unknown>>> = {
  quantity: one(quantity, anyUint(32)),
  data: one(data, fc.uint8Array({ maxLength: 80 })),
  hash: one(hash, anyHash),
  address: one(address, anySymId),
  blockTag: one(blockTag, anyTag),
  text: one(text(), fc.string({ maxLength: 60 })),
  nullable: one(nullable(quantity), fc.option(anyUint(8), { nil: null })),
  list: one(arrayOf(hash), fc.array(anyHash, { maxLength: 4 })),
  object: one(
    object({ from: address, value: quantity }, { extra: data }),
    fc.record(
      { from: anySymId, value: anyUint(32), extra: fc.uint8Array({ maxLength: 20 }) },
      { requiredKeys: ['from', 'value'] },
    ),
  ),
};

describe.each(Object.entries(CASES))('%s', (_name, { codec, value }) => {
  test('decodes to what was encoded, through JSON', () => {
    fc.assert(
      fc.property(value, (any) => {
        expect(codec.decode(JSON.parse(JSON.stringify(codec.encode(any))), 'it')).toEqual(any);
      }),
      { numRuns: 100 },
    );
  });

  test('takes any JSON value or refuses it with the place, and nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        try {
          codec.decode(any, 'here');
        } catch (error) {
          expect(error).toBeInstanceOf(RpcShapeError);
          expect((error as Error).message).toMatch(/^here/);
        }
      }),
      { numRuns: 200 },
    );
  });
});

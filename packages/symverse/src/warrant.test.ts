import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordError } from './record.ts';
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts';
import { anyWarrant, warrantOf } from './testing/records.ts';
import { symverseSamples, symverseVectors } from './testing/vectors.ts';
import { decodeWarrant, encodeWarrant, WARRANT_FIELDS, warrantHash } from './warrant.ts';

const { warrants } = symverseSamples();

describe('a warrant', () => {
  test('has seven fields in the order of the chain', () => {
    const documented = symverseVectors().block_structures.warrant_hash.rlp.map((name) => name.replace(/\(\d+\)$/, ''));
    expect(WARRANT_FIELDS.map(([name]) => name)).toEqual(documented);
  });

  test.each(warrants)('printed in the documents hashes to $hash, and decodes', ({ warrant: json, hash }) => {
    const warrant = warrantOf(json);
    const raw = encodeWarrant(warrant);
    expect(toHex0x(warrantHash(raw))).toBe(hash);
    expect(decodeWarrant(raw)).toEqual(warrant);
    expect(warrant).toMatchObject({ group: 1, elected: 1n, finished: 80n });
  });

  test.each<[string, number, RlpItem]>([
    ['bKeyPub', 1, fromHex0x(warrants[0]!.warrant.bKeyPubSigned)],
    ['bKeyPubSigned', 2, new Uint8Array(64)],
    ['group', 3, Uint8Array.of(2)],
    ['elected', 4, Uint8Array.of(0)],
  ])('is refused by the name of the field %s', (field, index, item) => {
    const items = [...(decodeRlp(encodeWarrant(warrantOf(warrants[0]!.warrant))) as readonly RlpItem[])];
    items[index] = item;
    expect(() => decodeWarrant(encodeRlp(items))).toThrow(RecordError);
    expect(() => decodeWarrant(encodeRlp(items))).toThrow(expect.objectContaining({ field }));
  });

  test('decodes to what was encoded', () => {
    fc.assert(
      fc.property(anyWarrant, (warrant) => {
        expect(decodeWarrant(encodeWarrant(warrant))).toEqual(warrant);
      }),
      { numRuns: 100 },
    );
  });
});

import { toHex0x, fromHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { citizenSigningPayload, decodeCitizen, encodeCitizen } from './citizen.ts';
import {
  CITIZEN_2_FIELDS,
  citizen2SigningPayload,
  decodeAnyCitizen,
  decodeCitizen2,
  encodeCitizen2,
  isUserId,
  recoverCitizen2Signer,
  type Citizen2,
} from './citizen-2.ts';
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts';
import { keyHash, nobleCrypto } from './signature.ts';
import { anySignature, anyUnsignedCitizen } from './testing/records.ts';
import { symverseVectors } from './testing/vectors.ts';

const own = symverseVectors().citizens.own_16_field;
const first = decodeCitizen(fromHex0x(own.raw));
const second: Citizen2 = { ...first, userId: 'testUserID18', userGroup: 'testUserGroup5' };

describe('a citizen of SymID 2.0', () => {
  test('has eighteen fields, the user ID and group before the signature', () => {
    const names = CITIZEN_2_FIELDS.map(([name]) => name);
    expect(names.length).toBe(18);
    expect(names.slice(12)).toEqual(['extra', 'userId', 'userGroup', 'v', 'r', 's']);
    const items = decodeRlp(encodeCitizen2(second)) as readonly Uint8Array[];
    expect(new TextDecoder().decode(items[13])).toBe('testUserID18');
  });

  test('is told from one of sixteen fields by their number', () => {
    expect(decodeAnyCitizen(encodeCitizen2(second))).toEqual(second);
    expect(decodeAnyCitizen(encodeCitizen(first))).toEqual(first);
    expect(() => decodeCitizen(encodeCitizen2(second))).toThrow('Expected a citizen of 16 fields, got 18.');
    expect(() => decodeAnyCitizen(encodeRlp([]))).toThrow('Expected a citizen of 16 fields, got 0.');
  });

  test('is signed with both names: its payload has eighteen items and ends in chain id, empty, empty', () => {
    const items = decodeRlp(citizen2SigningPayload(second, 2n)) as readonly RlpItem[];
    expect(items.slice(15)).toEqual([Uint8Array.of(2), new Uint8Array(0), new Uint8Array(0)]);
    expect(items.slice(0, 13)).toEqual(
      (decodeRlp(citizenSigningPayload(first, 2n)) as readonly RlpItem[]).slice(0, 13),
    );
    const key = fromHex0x(own.private_key);
    const signature = nobleCrypto.sign(nobleCrypto.sha3(citizen2SigningPayload(second, 2n)), key);
    const signer = recoverCitizen2Signer({ ...second, ...signature }, 2n);
    expect(toHex0x(signer)).toBe(toHex0x(keyHash(nobleCrypto.publicKey(key))));
  });

  test.each(['abc', 'Z99', 'a1234567890123456789'])('may have the user ID %s', (userId) => {
    expect(isUserId(userId)).toBe(true);
    expect(decodeCitizen2(encodeCitizen2({ ...second, userId }))).toEqual({ ...second, userId });
  });

  test.each(['ab', '1abc', 'a12345678901234567890', 'with space', '한글이름', 'abc\n'])(
    'refuses the user ID %j',
    (userId) => {
      expect(isUserId(userId)).toBe(false);
      const items = [...(decodeRlp(encodeCitizen2(second)) as readonly RlpItem[])];
      items[13] = new TextEncoder().encode(userId);
      expect(() => decodeCitizen2(encodeRlp(items))).toThrow('Field userId of the citizen of SymID 2.0');
      expect(() => encodeCitizen2({ ...second, userId })).toThrow('Expected a user ID of 3 to 20 letters and digits');
    },
  );

  test('refuses a group of two or 21 bytes, and takes one of 20 in any script', () => {
    expect(decodeCitizen2(encodeCitizen2({ ...second, userGroup: '한국무역협회xx' }))).toMatchObject({
      userGroup: '한국무역협회xx',
    });
    expect(() => encodeCitizen2({ ...second, userGroup: 'ab' })).toThrow('3 to 20 bytes');
    expect(() => encodeCitizen2({ ...second, userGroup: '한국무역협회xxx' })).toThrow('3 to 20 bytes');
  });

  test('decodes to what was encoded, the names being optional', () => {
    const anyName = fc.oneof(fc.constant(''), fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{2,19}$/));
    fc.assert(
      fc.property(anyUnsignedCitizen, anyName, anyName, anySignature, (unsigned, userId, userGroup, signature) => {
        const citizen: Citizen2 = { ...unsigned, userId, userGroup, ...signature };
        expect(decodeCitizen2(encodeCitizen2(citizen))).toEqual(citizen);
      }),
      { numRuns: 100 },
    );
  });
});

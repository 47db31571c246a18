import { bytesToHex } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isChecksumCase,
  isContractAddress,
  isSymId,
  makeSymId,
  parseSymId,
  symIdFields,
  symIdFromBytes,
  SymIdError,
  symIdToBytes,
  toChecksumCase,
} from './symid.ts';
import { symverseVectors } from './testing/vectors.ts';

describe('SymID', () => {
  test('consists of version 2 bits, CA id 14 bits, random 6 bytes and sequence 2 bytes', () => {
    const fields = symIdFields(parseSymId('0x00035b875ec2c5410002'));
    expect({ ...fields, random: bytesToHex(fields.random) }).toEqual({
      version: 0,
      caId: 3,
      random: '5b875ec2c541',
      seq: 2,
    });
    const draft = symIdFields(parseSymId('0x40021111111111112710'));
    expect({ ...draft, random: bytesToHex(draft.random) }).toEqual({
      version: 1,
      caId: 2,
      random: '111111111111',
      seq: 10_000,
    });
  });

  test('is made from its parts and read back', () => {
    const part = fc.record({
      version: fc.integer({ min: 0, max: 3 }),
      caId: fc.integer({ min: 0, max: 0x3fff }),
      random: fc.uint8Array({ minLength: 6, maxLength: 6 }),
      seq: fc.integer({ min: 0, max: 0xffff }),
    });
    fc.assert(
      fc.property(part, (fields) => {
        const symId = makeSymId(fields);
        expect(isSymId(symId)).toBe(true);
        expect(symIdFields(symId)).toEqual(fields);
        expect(symIdFromBytes(symIdToBytes(symId))).toBe(symId);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['version', { version: 4, caId: 1, random: new Uint8Array(6), seq: 2 }],
    ['CA id', { caId: 0x4000, random: new Uint8Array(6), seq: 2 }],
    ['sequence number', { caId: 1, random: new Uint8Array(6), seq: 65_536 }],
    ['random part', { caId: 1, random: new Uint8Array(5), seq: 2 }],
  ])('refuses a %s that does not fit', (what, fields) => {
    expect(() => makeSymId(fields)).toThrow(what);
  });

  test.each([
    '00035b875ec2c5410002',
    '0x00035b875ec2c541000',
    '0x00035b875ec2c541000200',
    '0x00035b875ec2c541000g',
    '',
    '0X00035b875ec2c5410002',
  ])('refuses %j as a SymID', (text) => {
    expect(() => parseSymId(text)).toThrow(SymIdError);
    expect(isSymId(text)).toBe(false);
  });

  test('refuses bytes that are not ten', () => {
    expect(() => symIdFromBytes(new Uint8Array(9))).toThrow('10 bytes, got 9');
  });

  test('reads checksum case and refuses capitals that do not fit', () => {
    expect(parseSymId('0x0CED1024EEd02B234df2')).toBe('0x0ced1024eed02b234df2');
    expect(() => parseSymId('0x0ced1024EEd02B234df2')).toThrow('checksum');
    expect(() => parseSymId('0x0CED1024EED02B234DF2')).toThrow('checksum');
  });

  test('knows a contract of the current rule by its first byte', () => {
    expect(isContractAddress(parseSymId('0xff89fc8f8050e05fff64'))).toBe(true);
    expect(isContractAddress(parseSymId('0x00035b875ec2c5410002'))).toBe(false);
  });

  test.each(symverseVectors().checksum_case.vectors)(
    'writes $lowercase as $checksummed',
    ({ lowercase, checksummed }) => {
      expect(toChecksumCase(lowercase)).toBe(checksummed);
      expect(isChecksumCase(checksummed)).toBe(true);
      expect(isChecksumCase(lowercase)).toBe(false);
    },
  );
});

import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCitizen } from './citizen.ts';
import { encodeOracle } from './oracle.ts';
import {
  CITIZEN_HEADER_FIELDS,
  citizenHeaderHash,
  decodeCitizenBlock,
  decodeOracleBlock,
  decodeWarrantBlock,
  encodeCitizenBlock,
  encodeOracleBlock,
  encodeWarrantBlock,
  ORACLE_HEADER_FIELDS,
  oracleHeaderHash,
  warrantHeaderHash,
  type CitizenBlock,
  type OracleBlock,
  type WarrantBlock,
} from './sub-chain.ts';
import {
  anyCitizen,
  anyOracle,
  anySubHeader,
  anyUint,
  anyWarrant,
  citizenOf,
  oracleOf,
  warrantOf,
} from './testing/records.ts';
import { symverseSamples, symverseVectors } from './testing/vectors.ts';
import { indexTrieRoot } from './index-trie.ts';

const samples = symverseSamples();
const { block_structures: structures } = symverseVectors();
const noBytes = new Uint8Array(0);

describe('a published citizen block', () => {
  const printed = samples.citizen_block;
  const block: CitizenBlock = {
    header: {
      parentHash: fromHex0x(printed.parentHash),
      stateRoot: fromHex0x(printed.stateRoot),
      relatedMbNum: BigInt(printed.relatedMbNum),
      citizensRoot: fromHex0x(printed.citizensRoot),
      number: BigInt(printed.number),
      extra: noBytes,
    },
    citizens: samples.citizens
      .filter(({ hash }) => printed.citizens.includes(hash))
      .map(({ citizen }) => citizenOf(citizen)),
  };

  test('has the printed hash, root and size, and decodes', () => {
    expect(toHex0x(indexTrieRoot(block.citizens.map(encodeCitizen)))).toBe(printed.citizensRoot);
    expect(toHex0x(citizenHeaderHash(block.header))).toBe(printed.hash);
    const raw = encodeCitizenBlock(block);
    expect(`0x${raw.length.toString(16)}`).toBe(printed.size);
    expect(decodeCitizenBlock(raw)).toEqual(block);
  });

  test('agrees with the vectors, field by field', () => {
    const {
      header_order: order,
      extra,
      citizens: _which,
      origin: _origin,
      ...rest
    } = {
      citizens: '',
      origin: '',
      ...structures.citizen_block,
    };
    expect(CITIZEN_HEADER_FIELDS.map(([name]) => name)).toEqual(order);
    expect(extra).toBe('0x');
    expect(printed).toMatchObject(rest);
  });

  test('is refused when one of its records is signed with half a signature', () => {
    const [citizen] = block.citizens;
    expect(() => encodeCitizenBlock({ ...block, citizens: [{ ...citizen!, r: 0n }] })).toThrow(
      'Field s of the citizen',
    );
    const raw = encodeCitizenBlock({ ...block, citizens: [{ ...citizen!, r: 1n, s: 1n }] });
    raw[raw.length - 1] = 0x80; // s = 0
    expect(() => decodeCitizenBlock(raw)).toThrow('Field s of the citizen');
  });
});

describe('a published oracle block', () => {
  const printed = samples.oracle_block;
  const block: OracleBlock = {
    header: {
      parentHash: fromHex0x(printed.parentHash),
      stateRoot: fromHex0x(printed.stateRoot),
      relatedMbNum: BigInt(printed.relatedMbNum),
      oraclesRoot: fromHex0x(printed.oraclesRoot),
      number: BigInt(printed.number),
      extra: noBytes,
    },
    oracles: samples.oracles.filter(({ hash }) => printed.oracles.includes(hash)).map(({ oracle }) => oracleOf(oracle)),
  };

  test('has the printed hash, root and size, and decodes', () => {
    expect(toHex0x(indexTrieRoot(block.oracles.map(encodeOracle)))).toBe(printed.oraclesRoot);
    expect(toHex0x(oracleHeaderHash(block.header))).toBe(printed.hash);
    const raw = encodeOracleBlock(block);
    expect(`0x${raw.length.toString(16)}`).toBe(printed.size);
    expect(decodeOracleBlock(raw)).toEqual(block);
  });

  test('agrees with the vectors', () => {
    const { header_order: order, hash, oraclesRoot, size } = structures.oracle_block;
    expect(ORACLE_HEADER_FIELDS.map(([name]) => name)).toEqual(order);
    expect(printed).toMatchObject({ hash, oraclesRoot, size });
  });
});

describe('a published warrant block', () => {
  const printed = samples.warrant_block;
  const header = {
    parentHash: fromHex0x(printed.parentHash),
    relatedMbNum: BigInt(printed.relatedMbNum),
    warrantsRoot: fromHex0x(printed.warrantsRoot),
    number: BigInt(printed.number),
    beginMbNum: BigInt(printed.beginMbNum),
    endMbNum: BigInt(printed.endMbNum),
    extra: noBytes,
  };

  test('has the printed hash', () => {
    expect(toHex0x(warrantHeaderHash(header))).toBe(printed.hash);
  });

  test('decodes to what was encoded, with warrants of another sample', () => {
    const block: WarrantBlock = { header, warrants: samples.warrants.map(({ warrant }) => warrantOf(warrant)) };
    expect(decodeWarrantBlock(encodeWarrantBlock(block))).toEqual(block);
  });
});

test('a block of any of the three chains decodes to what was encoded', () => {
  const list = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 3 });
  fc.assert(
    fc.property(
      anySubHeader,
      anyUint(8),
      list(anyCitizen),
      list(anyOracle),
      list(anyWarrant),
      ({ root, stateRoot, ...shared }, endMbNum, citizens, oracles, warrants) => {
        const citizenBlock: CitizenBlock = { header: { ...shared, stateRoot, citizensRoot: root }, citizens };
        expect(decodeCitizenBlock(encodeCitizenBlock(citizenBlock))).toEqual(citizenBlock);
        const oracleBlock: OracleBlock = { header: { ...shared, stateRoot, oraclesRoot: root }, oracles };
        expect(decodeOracleBlock(encodeOracleBlock(oracleBlock))).toEqual(oracleBlock);
        const term = { beginMbNum: shared.relatedMbNum, endMbNum };
        const warrantBlock: WarrantBlock = { header: { ...shared, ...term, warrantsRoot: root }, warrants };
        expect(decodeWarrantBlock(encodeWarrantBlock(warrantBlock))).toEqual(warrantBlock);
      },
    ),
    { numRuns: 60 },
  );
});

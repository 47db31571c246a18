import { fromHex0x, hexToBytes, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nativeCrypto } from './native.ts';
import {
  decodeOracle,
  encodeOracle,
  ORACLE_FIELDS,
  oracleHash,
  oracleSigningPayload,
  recoverOracleSigner,
  signOracle,
} from './oracle.ts';
import { RecordError } from './record.ts';
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts';
import { CURVE_ORDER, keyHash, nobleCrypto } from './signature.ts';
import { isUnsigned } from './signed-record.ts';
import { anyOracle, oracleOf } from './testing/records.ts';
import { symverseSamples, symverseVectors } from './testing/vectors.ts';

const samples = symverseSamples();
const printedRaws = symverseVectors().doc_raw_hash_pairs.filter(({ kind }) => kind === 'oracle');
const raw = fromHex0x(printedRaws[0]!.raw);

/** The record's items with one replaced. */
function withField(name: (typeof ORACLE_FIELDS)[number][0], item: RlpItem): Uint8Array {
  const items = [...(decodeRlp(raw) as readonly RlpItem[])];
  items[ORACLE_FIELDS.findIndex(([field]) => field === name)] = item;
  return encodeRlp(items);
}

describe('an oracle record', () => {
  test('has eight fields in the order of the chain', () => {
    expect(ORACLE_FIELDS.map(([name]) => name)).toEqual(['from', 'to', 'nonce', 'data', 'extra', 'v', 'r', 's']);
  });

  test.each(printedRaws)('printed as bytes decodes, encodes and hashes: $hash', ({ raw: printed, hash }) => {
    const oracle = decodeOracle(fromHex0x(printed));
    expect(oracle).toMatchObject({ from: '0x00010000000000020002', to: '0x00000000000000000000', nonce: 0n });
    expect(JSON.parse(new TextDecoder().decode(oracle.data))).toMatchObject({ price: 0.1, costNodeA: 1000 });
    expect(toHex0x(encodeOracle(oracle))).toBe(printed);
    expect(toHex0x(oracleHash(fromHex0x(printed)))).toBe(hash);
  });

  test.each(samples.oracles)('printed in the documents hashes to $hash', ({ oracle: json, hash }) => {
    const oracle = oracleOf(json);
    expect(toHex0x(oracleHash(encodeOracle(oracle)))).toBe(hash);
    expect(decodeOracle(encodeOracle(oracle))).toEqual(oracle);
  });

  test.each([
    ['noble', nobleCrypto],
    ['native', nativeCrypto],
  ])('was signed by the oracle whose key hash the documents print, with %s', (_name, crypto) => {
    const { chainId, oracle } = samples.signers;
    const signed = samples.oracles.map(({ oracle: json }) => oracleOf(json)).filter((record) => !isUnsigned(record));
    expect(signed.length).toBe(2);
    for (const record of signed) {
      expect(toHex0x(recoverOracleSigner(record, BigInt(chainId), crypto))).toBe(oracle.aKeyPubH);
      expect(toHex0x(recoverOracleSigner(record, 1n, crypto))).not.toBe(oracle.aKeyPubH);
    }
  });

  test.each([
    ['noble', nobleCrypto],
    ['native', nativeCrypto],
  ])('is signed to one byte string, from which its signer is found, with %s', (_name, crypto) => {
    const key = hexToBytes('1a43aa399cb2efe186317e0b09f4a7ef88b83cff05089b145709881bf4db3a20');
    const { v: _v, r: _r, s: _s, ...unsigned } = decodeOracle(raw);
    const signed = signOracle(unsigned, 2n, key, crypto);
    expect(decodeOracle(signed.raw)).toEqual(signed.oracle);
    expect(signed.raw).toEqual(signOracle(unsigned, 2n, key, nobleCrypto).raw);
    expect(signed.hash).toEqual(oracleHash(signed.raw));
    expect(recoverOracleSigner(signed.oracle, 2n, crypto)).toEqual(keyHash(crypto.publicKey(key)));
  });

  test('of the genesis block is unsigned, and nobody can be recovered from it', () => {
    const genesis = samples.oracles.map(({ oracle }) => oracleOf(oracle)).find(isUnsigned)!;
    expect(isUnsigned(decodeOracle(encodeOracle(genesis)))).toBe(true);
    expect(() => recoverOracleSigner(genesis, 2n)).toThrow('signature out of range');
  });

  test('is not signed for chain id 0', () => {
    expect(() => oracleSigningPayload(decodeOracle(raw), 0n)).toThrow('chain id of 1 or more, got 0');
  });

  test.each<[string, Parameters<typeof withField>[0], RlpItem]>([
    ['an empty receiver, where the chain writes ten zero bytes', 'to', new Uint8Array(0)],
    ['a nonce with a leading zero', 'nonce', Uint8Array.of(0, 1)],
    ['data over 32,000 bytes', 'data', new Uint8Array(32_001)],
    ['Ethereum’s v of 27', 'v', Uint8Array.of(27)],
    ['r of zero beside a real s', 's', new Uint8Array(0)],
    ['s in the high half', 's', hexToBytes((CURVE_ORDER - decodeOracle(raw).s).toString(16))],
  ])('with %s is refused by the field’s name', (_what, field, item) => {
    expect(() => decodeOracle(withField(field, item))).toThrow(RecordError);
    expect(() => decodeOracle(withField(field, item))).toThrow(expect.objectContaining({ field }));
  });

  test('decodes to what was encoded', () => {
    fc.assert(
      fc.property(anyOracle, (oracle) => {
        expect(decodeOracle(encodeOracle(oracle))).toEqual(oracle);
      }),
      { numRuns: 100 },
    );
  });
});

import { fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CITIZEN_FIELDS,
  CITIZEN_STATE_FIELDS,
  citizenHash,
  citizenSigningPayload,
  decodeCitizen,
  decodeCitizenState,
  encodeCitizen,
  encodeCitizenState,
  recoverCitizenSigner,
  signCitizen,
  writeTimeSeconds,
  type Citizen,
} from './citizen.ts';
import { nativeCrypto } from './native.ts';
import { RecordError } from './record.ts';
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts';
import { CURVE_ORDER, keyHash, nobleCrypto } from './signature.ts';
import { isUnsigned } from './signed-record.ts';
import { decodeRpcResult, encodeRpcResult } from './rpc/schema.ts';
import { anyCitizen, citizenOf } from './testing/records.ts';
import { symverseSamples, symverseVectors } from './testing/vectors.ts';

const vectors = symverseVectors();
const samples = symverseSamples();
/** Whole records that the documents print, with their hashes. */
const printed = [...vectors.citizens.doc_json_hashes, ...samples.citizens];
const own = vectors.citizens.own_16_field;

describe('a citizen record', () => {
  test('has sixteen fields in the order of the chain', () => {
    expect(CITIZEN_FIELDS.map(([name]) => name)).toEqual(vectors.citizens.field_order);
  });

  test.each([
    ['noble', nobleCrypto],
    ['native', nativeCrypto],
  ])('is signed and hashed as computed from the documents, with %s', (_name, crypto) => {
    const { v: _v, r: _r, s: _s, ...unsigned } = decodeCitizen(fromHex0x(own.raw));
    expect(toHex0x(citizenSigningPayload(unsigned, BigInt(own.chainId)))).toBe(own.signing_rlp);
    const signed = signCitizen(unsigned, BigInt(own.chainId), fromHex0x(own.private_key), crypto);
    expect(toHex0x(signed.raw)).toBe(own.raw);
    expect(toHex0x(signed.hash)).toBe(own.hash);
    const key = keyHash(crypto.publicKey(fromHex0x(own.private_key)));
    expect(recoverCitizenSigner(signed.citizen, BigInt(own.chainId), crypto)).toEqual(key);
    expect(recoverCitizenSigner(signed.citizen, 1n, crypto)).not.toEqual(key);
  });

  test.each(printed)('printed in the documents hashes to $hash', ({ citizen, hash }) => {
    const record = citizenOf(citizen);
    expect(toHex0x(citizenHash(encodeCitizen(record)))).toBe(hash);
    expect(decodeCitizen(encodeCitizen(record))).toEqual(record);
  });

  test.each(vectors.doc_raw_hash_pairs.filter(({ kind }) => kind === 'citizen'))(
    'printed as bytes with all its flags decodes: $hash',
    ({ raw, hash }) => {
      const record = decodeCitizen(fromHex0x(raw));
      expect(toHex0x(encodeCitizen(record))).toBe(raw);
      expect(toHex0x(citizenHash(fromHex0x(raw)))).toBe(hash);
      expect(record).toMatchObject({
        from: '0x00010000000000010002',
        symId: '0x00010000000000010003',
        vFlag: 0x12n,
        credit: 15n,
      });
    },
  );

  test.each(samples.raw_citizens)('printed as bytes decodes, encodes and hashes: $hash', ({ raw, hash }) => {
    const record = decodeCitizen(fromHex0x(raw));
    expect(toHex0x(encodeCitizen(record))).toBe(raw);
    expect(toHex0x(citizenHash(fromHex0x(raw)))).toBe(hash);
  });

  test.each([
    ['noble', nobleCrypto],
    ['native', nativeCrypto],
  ])('was signed by the CA whose key hash the documents print, with %s', (_name, crypto) => {
    const { chainId, ca } = samples.signers;
    const signed = samples.citizens.map(({ citizen }) => citizenOf(citizen)).filter((record) => !isUnsigned(record));
    expect(signed.length).toBe(4);
    for (const record of signed) {
      expect(toHex0x(recoverCitizenSigner(record, BigInt(chainId), crypto))).toBe(ca.aKeyPubH);
      expect(toHex0x(recoverCitizenSigner(record, 2n, crypto))).not.toBe(ca.aKeyPubH);
    }
  });

  test('of the genesis block is unsigned, and nobody can be recovered from it', () => {
    const genesis = vectors.citizens.doc_json_hashes.map(({ citizen }) => citizenOf(citizen)).find(isUnsigned)!;
    expect(isUnsigned(decodeCitizen(encodeCitizen(genesis)))).toBe(true);
    expect(() => recoverCitizenSigner(genesis, 2n)).toThrow('signature out of range');
  });

  test('of fifteen fields, as symjs 1.0.6 makes it, is refused', () => {
    const items = [...(decodeRlp(fromHex0x(own.raw)) as readonly RlpItem[])];
    items.splice(12, 1);
    expect(() => decodeCitizen(encodeRlp(items))).toThrow('Expected a citizen of 16 fields, got 15.');
  });

  test('with s in the high half, or half a signature, is refused', () => {
    const record = decodeCitizen(fromHex0x(own.raw));
    for (const bad of [{ s: CURVE_ORDER - record.s }, { r: 0n }, { v: 0 as const, r: 0n }]) {
      expect(() => decodeCitizen(encodeCitizen({ ...record, ...bad }))).toThrow(RecordError);
    }
  });

  test('with a key hash of another length is refused by name', () => {
    const items = [...(decodeRlp(fromHex0x(own.raw)) as readonly RlpItem[])];
    items[4] = new Uint8Array(19);
    expect(() => decodeCitizen(encodeRlp(items))).toThrow('Field aKeyPubH of the citizen: Expected 20 bytes, got 19.');
  });
});

describe('the stored state of a citizen', () => {
  test('has nine fields and decodes as documented', () => {
    const { raw, order } = vectors.citizens.state_rlp;
    expect(CITIZEN_STATE_FIELDS.map(([name]) => name)).toEqual(order);
    const state = decodeCitizenState(fromHex0x(raw));
    expect(state).toMatchObject({ ca: '0x00000000000000000801', status: 1n, credit: 15n, role: 0xf0f2n });
    expect(toHex0x(state.aKeyPubH)).toBe(samples.signers.oracle.aKeyPubH);
    expect(toHex0x(encodeCitizenState(state))).toBe(raw);
  });
});

describe('the write time of a citizen', () => {
  const [live] = samples.citizen_states;

  test('that a live citizen holds as ASCII text decodes, and encodes byte for byte', () => {
    const state = decodeRpcResult('citizen_getCitizenBySymID', live!.state)!;
    expect(encodeRpcResult('citizen_getCitizenBySymID', state)).toEqual(live!.state);

    const record: Citizen = { ...decodeCitizen(fromHex0x(own.raw)), writeTime: state.writeTime };
    const raw = encodeCitizen(record);
    const written = (decodeRlp(raw) as readonly Uint8Array[])[11]!;
    expect(new TextDecoder().decode(written)).toBe('2022-05-18T03:50:43Z');
    expect(decodeCitizen(raw)).toEqual(record);
    expect(encodeCitizen(decodeCitizen(raw))).toEqual(raw);
  });

  test('is told in seconds from either form', () => {
    expect(writeTimeSeconds(BigInt(live!.state['writeTime']!))).toBe(Date.UTC(2022, 4, 18, 3, 50, 43) / 1000);
    expect(writeTimeSeconds(0x5d9bf803n)).toBe(0x5d9bf803);
    expect(writeTimeSeconds(0n)).toBe(0);
  });

  test.each(['2022-13-18T03:50:43Z', '2022-05-18 03:50:43 ', 'tomorrow, at noon...'])(
    'that is neither seconds nor an instant has none: %s',
    (text) => {
      expect(writeTimeSeconds(BigInt(toHex0x(new TextEncoder().encode(text))))).toBeNull();
    },
  );
});

test('a citizen record decodes to what was encoded', () => {
  fc.assert(
    fc.property(anyCitizen, (citizen) => {
      expect(decodeCitizen(encodeCitizen(citizen))).toEqual(citizen);
    }),
    { numRuns: 100 },
  );
});

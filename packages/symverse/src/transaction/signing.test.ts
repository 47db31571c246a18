import { bytesToHex, fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nativeCrypto } from '../native.ts';
import { decodeRlp, encodeRlp, type RlpItem } from '../rlp.ts';
import { CURVE_ORDER, keyHash, nobleCrypto } from '../signature.ts';
import { parseSymId } from '../symid.ts';
import { symverseVectors, type TransactionVector } from '../testing/vectors.ts';
import {
  recoverPublicKey,
  recoverSigner,
  signedPayload,
  signingHash,
  signingPayload,
  signTransaction,
  transactionHash,
} from './signing.ts';
import { anyBytes, anyUint } from '../testing/records.ts';
import { anySymId } from '../testing/sct.ts';
import { decodeTransaction, encodeTransaction, type Transaction, type UnsignedTransaction } from './transaction.ts';

const vectors = symverseVectors();

/** What the vector's caller handed to symjs, read without looking at the bytes that came out. */
const unsignedOf = ({ input }: TransactionVector): UnsignedTransaction => ({
  from: parseSymId(input.from),
  nonce: BigInt(input.nonce),
  gasPrice: BigInt(input.gasPrice),
  gas: BigInt(input.gasLimit),
  to: input.to === undefined ? null : parseSymId(input.to),
  value: BigInt(input.value ?? 0),
  input: fromHex0x(input.input ?? '0x'),
  type: input.type ?? 0,
  workNodes: input.workNodes?.map(parseSymId) ?? null,
  extraData: new TextEncoder().encode(input.extra ?? ''),
});

describe.each([
  ['noble', nobleCrypto],
  ['native', nativeCrypto],
])('signing with %s', (_name, crypto) => {
  test.each(vectors.transactions)('gives the bytes of symjs 1.0.6: $name', (vector) => {
    const chainId = BigInt(vector.input.chainId);
    const unsigned = unsignedOf(vector);
    expect(toHex0x(signingPayload(unsigned, chainId))).toBe(vector.signing_rlp);
    expect(toHex0x(signingHash(unsigned, chainId, crypto.sha3))).toBe(vector.signing_hash_sha3_256);

    const signed = signTransaction(unsigned, chainId, fromHex0x(vector.private_key), crypto);
    expect(toHex0x(signed.raw)).toBe(vector.raw);
    expect(signed.hashHex).toBe(vector.tx_hash_sha3_256_of_raw);
    expect(toHex0x(signed.hash)).toBe(signed.hashHex);
    expect(decodeTransaction(signed.raw)).toEqual(signed.transaction);
  });

  test.each(vectors.transactions)('recovers the signer: $name', (vector) => {
    const transaction = decodeTransaction(fromHex0x(vector.raw));
    const chainId = BigInt(vector.input.chainId);
    expect(toHex0x(recoverPublicKey(transaction, chainId, crypto))).toBe(vector.recovered_public_key);
    expect(toHex0x(recoverSigner(transaction, chainId, crypto))).toBe(vector.recovered_public_key_hash);
  });

  test.each(vectors.real_transactions)('recovers the key hash that the chain holds: $name', (vector) => {
    const transaction = decodeTransaction(fromHex0x(vector.raw));
    expect(toHex0x(signingPayload(transaction, BigInt(vector.chainId)))).toBe(vector.signing_rlp);
    expect(toHex0x(recoverSigner(transaction, BigInt(vector.chainId), crypto))).toBe(vector.signer_key_hash_on_chain);
    expect(toHex0x(transactionHash(fromHex0x(vector.raw), crypto.sha3))).toBe(vector.hash);
    for (const other of [1n, 3n, 100n, 101n, 7777n]) {
      expect(toHex0x(recoverSigner(transaction, other, crypto))).not.toBe(vector.signer_key_hash_on_chain);
    }
  });

  test('agrees with the signature that the sym-tools documents print', () => {
    const { raw, chainId, unsigned_rlp, signing_hash, recovered_public_key } = vectors.sym_tools_signing;
    const transaction = decodeTransaction(fromHex0x(raw));
    const fields = decodeRlp(signingPayload(transaction, BigInt(chainId))) as readonly RlpItem[];
    expect(toHex0x(encodeRlp(fields.slice(0, 10)))).toBe(unsigned_rlp);
    expect(toHex0x(signingHash(transaction, BigInt(chainId), crypto.sha3))).toBe(signing_hash);
    expect(toHex0x(recoverPublicKey(transaction, BigInt(chainId), crypto))).toBe(recovered_public_key);
    expect(bytesToHex(recoverSigner(transaction, BigInt(chainId), crypto))).toBe(
      bytesToHex(keyHash(fromHex0x(recovered_public_key))),
    );
  });

  test.each(vectors.doc_raw_hash_pairs)('hashes a documented $kind to $hash', ({ raw, hash }) => {
    expect(toHex0x(transactionHash(fromHex0x(raw), crypto.sha3))).toBe(hash);
    expect(toHex0x(encodeRlp(decodeRlp(fromHex0x(raw))))).toBe(raw);
  });
});

/** Inputs of all the sizes at which a length is written otherwise. */
const anyInput = fc
  .constantFrom(0, 1, 2, 54, 55, 56, 57, 200, 255, 256, 300, 30_000)
  .chain((length) => anyBytes(length));
const anyScalar = (max: bigint): fc.Arbitrary<bigint> => fc.oneof(fc.bigInt(1n, max), fc.constantFrom(1n, 127n, 128n));
const anyTransaction: fc.Arbitrary<Transaction> = fc.record({
  ...{ from: anySymId, nonce: anyUint(8), gasPrice: anyUint(32), gas: anyUint(8), value: anyUint(32) },
  to: fc.option(anySymId),
  input: anyInput,
  type: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  workNodes: fc.option(fc.array(anySymId, { maxLength: 3 })),
  extraData: fc.constantFrom(0, 1, 56, 300).chain((length) => anyBytes(length)),
  ...{ v: fc.constantFrom<0 | 1>(0, 1), r: anyScalar(CURVE_ORDER - 1n), s: anyScalar(CURVE_ORDER >> 1n) },
});

describe('the payload of signed bytes', () => {
  test('is the one that was signed, whatever the fields', () => {
    const chainIds = fc.constantFrom(1n, 2n, 127n, 128n, 255n, 256n, 2n ** 64n, 2n ** 255n);
    fc.assert(
      fc.property(anyTransaction, chainIds, (transaction, chainId) => {
        const raw = encodeTransaction(transaction);
        expect(signedPayload(raw, chainId)).toEqual(signingPayload(transaction, chainId));
      }),
      { numRuns: 500 },
    );
  });

  test('refuses chain id 0 as well', () => {
    const raw = fromHex0x(vectors.transactions[0]!.raw);
    expect(() => signedPayload(raw, 0n)).toThrow('chain id of 1 or more, got 0');
  });
});

describe('the signing payload', () => {
  const unsigned = unsignedOf(vectors.transactions[0]!);

  test('refuses chain id 0, for which published clients sign six fields only', () => {
    expect(() => signingPayload(unsigned, 0n)).toThrow('chain id of 1 or more, got 0');
  });

  test('changes with every field and with the chain id', () => {
    const other: UnsignedTransaction[] = [
      { ...unsigned, from: parseSymId('0x00021000000000010003') },
      { ...unsigned, nonce: unsigned.nonce + 1n },
      { ...unsigned, gasPrice: 1n },
      { ...unsigned, gas: 1n },
      { ...unsigned, to: null },
      { ...unsigned, value: 6n },
      { ...unsigned, input: Uint8Array.of(1) },
      { ...unsigned, type: 1 },
      { ...unsigned, workNodes: [] },
      { ...unsigned, workNodes: null },
      { ...unsigned, extraData: Uint8Array.of(1) },
    ];
    const payloads = [
      ...other.map((each) => signingPayload(each, 2n)),
      signingPayload(unsigned, 2n),
      signingPayload(unsigned, 1n),
    ];
    expect(new Set(payloads.map(bytesToHex)).size).toBe(payloads.length);
  });
});

test('a documented transaction decodes and encodes', () => {
  const [pair] = vectors.doc_raw_hash_pairs.filter(({ kind }) => kind === 'transaction');
  expect(decodeTransaction(fromHex0x(pair!.raw))).toMatchObject({
    nonce: 0n,
    value: 0x9182an,
    gas: 0x76c0n,
    type: 0,
    v: 0,
  });
});

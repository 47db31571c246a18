import { createHash } from 'node:crypto';
import { concatBytes, equalBytes, fromHex0x, hexToBytes, seededIds, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nativeBackend, nativeCrypto } from './native.ts';
import {
  CURVE_ORDER,
  generatePrivateKey,
  isPrivateKey,
  keyHash,
  nobleCrypto,
  signatureFromBytes,
  SignatureError,
  signatureToBytes,
  type Secp256k1,
} from './signature.ts';
import { integerToBytes } from './rlp.ts';
import { readVectors, symverseVectors } from './testing/vectors.ts';

interface EcdsaGroup {
  readonly publicKey: { readonly uncompressed: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly msg: string;
    readonly sig: string;
    readonly result: 'valid' | 'invalid';
  }[];
}

const WYCHEPROOF = readVectors<{ testGroups: readonly EcdsaGroup[] }>(
  'wycheproof/ecdsa_secp256k1_sha256_p1363_test.json',
).testGroups.flatMap((group) =>
  group.tests.map((vector) => ({ ...vector, publicKey: hexToBytes(group.publicKey.uncompressed).slice(1) })),
);

/** True when the signature recovers to the key with one of the two recovery ids. */
function isSignedBy(crypto: Secp256k1, publicKey: Uint8Array, hash: Uint8Array, sig: Uint8Array): boolean {
  return ([0, 1] as const).some((v) => {
    try {
      return equalBytes(crypto.recover(hash, signatureFromBytes(sig, v)), publicKey);
    } catch (error) {
      if (error instanceof SignatureError) return false;
      throw error;
    }
  });
}

const sha256 = (hex: string): Uint8Array => new Uint8Array(createHash('sha256').update(hexToBytes(hex)).digest());

test('the native signer of this platform is libsecp256k1 where npm ships a binary', () => {
  const hasBinary = process.platform === 'linux' && process.arch === 'x64';
  expect(nativeBackend === 'libsecp256k1' || !hasBinary).toBe(true);
});

describe.each([
  ['noble', nobleCrypto],
  ['native', nativeCrypto],
])('secp256k1 of %s', (_name, crypto) => {
  const keys = symverseVectors().keys;

  test('derives the published public key and key hash', () => {
    const key = keys.find((candidate) => candidate.private_key !== undefined)!;
    const publicKey = crypto.publicKey(fromHex0x(key.private_key!));
    expect(toHex0x(publicKey)).toBe(key.public_key_xy);
    expect(toHex0x(keyHash(publicKey, crypto.sha3))).toBe(key.public_key_hash);
  });

  test.each(keys)('hashes a public key to $public_key_hash', (key) => {
    const xy = key.public_key_xy
      ? fromHex0x(key.public_key_xy)
      : concatBytes(fromHex0x(key.public_key_x!), fromHex0x(key.public_key_y!));
    expect(toHex0x(keyHash(xy, crypto.sha3))).toBe(key.public_key_hash);
  });

  test('signs with s in the low half, deterministically, and recovers its own key', () => {
    const ids = seededIds('signing');
    for (let round = 0; round < 20; round++) {
      const privateKey = generatePrivateKey(ids);
      const hash = ids.bytes(32);
      const signature = crypto.sign(hash, privateKey);
      expect(signature.s <= CURVE_ORDER >> 1n).toBe(true);
      expect(crypto.sign(hash, privateKey)).toEqual(signature);
      expect(crypto.recover(hash, signature)).toEqual(crypto.publicKey(privateKey));
    }
  });

  test('refuses signatures out of range, in the high half, and of no key', () => {
    const hash = new Uint8Array(32).fill(7);
    const good = crypto.sign(hash, new Uint8Array(32).fill(1));
    for (const bad of [{ r: 0n }, { s: 0n }, { r: CURVE_ORDER }, { s: CURVE_ORDER }, { s: CURVE_ORDER - good.s }]) {
      expect(() => crypto.recover(hash, { ...good, ...bad })).toThrow(SignatureError);
    }
    // No point of the curve has the x coordinate 5.
    expect(() => crypto.recover(hash, { ...good, r: 5n })).toThrow('belongs to no key');
  });

  test('refuses keys out of range and digests of another length', () => {
    const hash = new Uint8Array(32);
    const order = integerToBytes(CURVE_ORDER);
    for (const key of [new Uint8Array(32), order, new Uint8Array(31).fill(1), new Uint8Array(33).fill(1)]) {
      expect(() => crypto.sign(hash, key)).toThrow('Expected a private key');
      expect(() => crypto.publicKey(key)).toThrow('Expected a private key');
    }
    expect(() => crypto.sign(new Uint8Array(31), new Uint8Array(32).fill(1))).toThrow('digest of 32 bytes');
    expect(() => crypto.recover(new Uint8Array(33), { r: 1n, s: 1n, v: 0 })).toThrow('digest of 32 bytes');
  });

  /**
   * Wycheproof verifies; the chain recovers. Two classes of its valid signatures are therefore refused here, by rule:
   * s in the high half (a second form of one signature, accepted with n − s); r from an x coordinate above the order (recovery id 2 or 3, which
   * the chain cannot write). All invalid ones must be refused.
   */
  test('agrees with Wycheproof on every signature, low-s and recovery-id rules apart', () => {
    let accepted = 0;
    const overOrder: number[] = [];
    for (const { tcId, msg, sig, result, publicKey } of WYCHEPROOF) {
      const bytes = hexToBytes(sig);
      const isSigned = isSignedBy(crypto, publicKey, sha256(msg), bytes);
      if (result === 'invalid') {
        expect(isSigned, `vector ${tcId}`).toBe(false);
        continue;
      }
      if (isSigned) {
        accepted++;
        continue;
      }
      const { r, s } = signatureFromBytes(bytes, 0);
      if (
        s > CURVE_ORDER >> 1n &&
        isSignedBy(crypto, publicKey, sha256(msg), signatureToBytes({ r, s: CURVE_ORDER - s, v: 0 }))
      )
        continue;
      overOrder.push(tcId);
    }
    // 115 and 247 have an r that stands for an x coordinate above the order.
    expect({ total: WYCHEPROOF.length, accepted, overOrder }).toEqual({
      total: 252,
      accepted: 95,
      overOrder: [115, 247],
    });
  });
});

test('noble and the native library give the same bytes', () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes32.filter(isPrivateKey), bytes32, (privateKey, hash) => {
      const signature = nobleCrypto.sign(hash, privateKey);
      expect(nativeCrypto.sign(hash, privateKey)).toEqual(signature);
      expect(nativeCrypto.publicKey(privateKey)).toEqual(nobleCrypto.publicKey(privateKey));
      expect(nativeCrypto.recover(hash, signature)).toEqual(nobleCrypto.recover(hash, signature));
    }),
    { numRuns: 25 },
  );
});

describe('a new private key', () => {
  test('is 32 bytes in range and different each time', () => {
    const ids = seededIds('keys');
    const first = generatePrivateKey(ids);
    expect(isPrivateKey(first)).toBe(true);
    expect(equalBytes(first, generatePrivateKey(ids))).toBe(false);
  });

  test('is drawn again when the draw is out of range, and a broken source is refused', () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(9)];
    expect(generatePrivateKey({ bytes: () => draws.shift()! })).toEqual(new Uint8Array(32).fill(9));
    expect(() => generatePrivateKey({ bytes: () => new Uint8Array(32) })).toThrow('random source is broken');
  });
});

/** Published keystores and key derivations that this package must open or reproduce. */
import { bytesToHex, hexToBytes } from '@jigeum/std';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { describe, expect, test } from 'vitest';
import gethVectors from '../../../vectors/keystore/geth-v3.json' with { type: 'json' };
import scryptVectors from '../../../vectors/keystore/rfc7914-scrypt.json' with { type: 'json' };
import symverseVectors from '../../../vectors/keystore/symverse-keystores.json' with { type: 'json' };
import { deriveScrypt } from './kdf.ts';
import { createKeystore, openKeystore, parseKeystore, serializeKeystore } from './index.ts';

/** Real costs (n=262144) take a second on a free core and several on a busy one. */
const realCostTimeoutMs = 60_000;
/** The last RFC 7914 vector fills 1 GiB (n=1048576, r=8), which the machines that run these tests may not have. */
const scryptMemoryBytesTested = 512 * 2 ** 20;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('go-ethereum', () => {
  for (const [name, vector] of Object.entries(gethVectors)) {
    test(`opens ${name}`, { timeout: realCostTimeoutMs }, async () => {
      const file = parseKeystore(JSON.stringify(vector.json));
      const key = await openKeystore({ file, passphrase: utf8(vector.password) });
      expect(bytesToHex(key)).toBe(vector.priv);
    });
  }
});

describe('Symverse', () => {
  for (const vector of symverseVectors.keystores) {
    test(
      `opens ${vector.name} and writes the same bytes from the same salt and IV`,
      { timeout: realCostTimeoutMs },
      async () => {
        const file = parseKeystore(JSON.stringify(vector.keystore));
        const passphrase = utf8(vector.passphrase);
        const privateKey = await openKeystore({ file, passphrase });
        // Two published files name no private key: their MAC alone is the evidence that it is right.
        if (vector.private_key !== undefined) expect(`0x${bytesToHex(privateKey)}`).toBe(vector.private_key);

        const { n, r, p, salt } = vector.keystore.crypto.kdfparams;
        const drawn = [new Uint8Array(16), hexToBytes(salt), hexToBytes(vector.keystore.crypto.cipherparams.iv)];
        const ids = { bytes: () => drawn.shift()! };
        const format = file.version === 4 ? 'v4' : 'symverse-v3';
        const input = { privateKey, passphrase, address: vector.keystore.address, format, cost: { n, r, p } } as const;
        const written = await createKeystore({ ids }, input);
        expect(JSON.stringify(written.crypto)).toBe(JSON.stringify(vector.keystore.crypto));
      },
    );

    test(`writes ${vector.name} back as the same text`, () => {
      const text = JSON.stringify(vector.keystore);
      expect(serializeKeystore(parseKeystore(text))).toBe(text);
    });
  }
});

describe('RFC 7914 scrypt', () => {
  for (const vector of scryptVectors.vectors) {
    const { N: n, r, p } = vector;
    const isTooLarge = 128 * n * r > scryptMemoryBytesTested;
    const note = isTooLarge ? ' (skipped: needs 1 GiB)' : '';
    test.skipIf(isTooLarge)(`n=${n}, r=${r}, p=${p}${note}`, { timeout: realCostTimeoutMs }, async () => {
      const derived = await deriveScrypt(utf8(vector.P), utf8(vector.S), { n, r, p }, vector.dkLen);
      expect(bytesToHex(derived)).toBe(vector.out);
    });
  }

  test('the thread pool and the fallback agree on parameters that both accept', async () => {
    const cost = { n: 2 ** 15, r: 1, p: 2 };
    const salt = hexToBytes('00112233');
    const byNoble = await scryptAsync(utf8('both'), salt, { N: cost.n, r: cost.r, p: cost.p, dkLen: 32 });
    expect(bytesToHex(await deriveScrypt(utf8('both'), salt, cost, 32))).toBe(bytesToHex(byNoble));
  });
});

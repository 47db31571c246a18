/** What the package does with node:crypto: nothing is derived above the limits, decrypted before the MAC or left behind. */
import type * as NodeCrypto from 'node:crypto';
import { hexToBytes, seededIds } from '@jigeum/std';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { changePassphrase, createKeystore, openKeystore, type KeystoreFile } from './index.ts';

const seen = vi.hoisted(() => ({
  derived: [] as Uint8Array[],
  plaintexts: [] as Uint8Array[],
  sealedKeys: [] as Uint8Array[],
  decipherCount: 0,
}));

vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof NodeCrypto>();
  type Done = (error: Error | null, derived: Buffer) => void;
  const recording =
    (done: Done): Done =>
    (error, derived) => {
      seen.derived.push(derived);
      done(error, derived);
    };
  return {
    ...real,
    scrypt: (words: Uint8Array, salt: Uint8Array, length: number, cost: NodeCrypto.ScryptOptions, done: Done) =>
      real.scrypt(words, salt, length, cost, recording(done)),
    pbkdf2: (words: Uint8Array, salt: Uint8Array, c: number, length: number, hash: string, done: Done) =>
      real.pbkdf2(words, salt, c, length, hash, recording(done)),
    createCipheriv: (name: string, key: Uint8Array, iv: Uint8Array) => {
      const cipher = real.createCipheriv(name, key, iv);
      return {
        update: (privateKey: Uint8Array) => {
          seen.sealedKeys.push(privateKey);
          return cipher.update(privateKey);
        },
      };
    },
    createDecipheriv: (name: string, key: Uint8Array, iv: Uint8Array) => {
      seen.decipherCount += 1;
      const decipher = real.createDecipheriv(name, key, iv);
      return {
        update: (ciphertext: Uint8Array) => {
          const plaintext = decipher.update(ciphertext);
          seen.plaintexts.push(plaintext);
          return plaintext;
        },
      };
    },
  };
});

const privateKey = hexToBytes('1a43aa399cb2efe186317e0b09f4a7ef88b83cff05089b145709881bf4db3a20');
const passphrase = new TextEncoder().encode('passphrase');
const ids = seededIds('seed');
const create = (): Promise<KeystoreFile> =>
  createKeystore({ ids }, { privateKey, passphrase, address: '', cost: { n: 2, r: 1, p: 1 } });

const isCleared = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

beforeEach(() => {
  seen.derived = [];
  seen.plaintexts = [];
  seen.sealedKeys = [];
  seen.decipherCount = 0;
});

describe('order', () => {
  test('a wrong passphrase is refused with nothing decrypted', async () => {
    const file = await create();
    const attempt = openKeystore({ file, passphrase: new TextEncoder().encode('wrong') });
    await expect(attempt).rejects.toMatchObject({ code: 'wrong-passphrase' });
    expect(seen.decipherCount).toBe(0);
  });

  test('a changed ciphertext is refused with nothing decrypted', async () => {
    const file = await create();
    const ciphertext = `${file.crypto.ciphertext.startsWith('0') ? '1' : '0'}${file.crypto.ciphertext.slice(1)}`;
    const attempt = openKeystore({ file: { ...file, crypto: { ...file.crypto, ciphertext } }, passphrase });
    await expect(attempt).rejects.toMatchObject({ code: 'wrong-passphrase' });
    expect(seen.decipherCount).toBe(0);
  });

  test('the right passphrase decrypts once', async () => {
    await openKeystore({ file: await create(), passphrase });
    expect(seen.decipherCount).toBe(1);
  });
});

describe('change passphrase', () => {
  test.each([
    ['an empty new passphrase', { newPassphrase: new Uint8Array() }, 'invalid-input'],
    ['a cost that is none', { cost: { n: 3, r: 1, p: 1 } }, 'invalid-input'],
    ['a cost above the limits', { cost: { n: 2 ** 20, r: 8, p: 1 } }, 'kdf-too-costly'],
  ])('%s is refused before the old key is opened', async (_, change, code) => {
    const file = await create();
    seen.derived = [];
    const input = { file, oldPassphrase: passphrase, newPassphrase: passphrase, ...change };
    await expect(changePassphrase({ ids }, input)).rejects.toMatchObject({ code });
    expect(seen.derived).toEqual([]);
  });

  test('clears its copy of the key, and leaves the passphrases to the caller', async () => {
    const file = await create();
    seen.sealedKeys = [];
    const [oldPassphrase, newPassphrase] = [Uint8Array.from(passphrase), Uint8Array.of(1, 2, 3)];
    await changePassphrase({ ids }, { file, oldPassphrase, newPassphrase, cost: { n: 2, r: 1, p: 1 } });
    expect(seen.sealedKeys).toEqual([new Uint8Array(32)]);
    expect([oldPassphrase, newPassphrase]).toEqual([passphrase, Uint8Array.of(1, 2, 3)]);
  });
});

describe('cost', () => {
  const salt = '00'.repeat(32);
  const scrypt = (n: number, r: number, p: number) =>
    ({ kdf: 'scrypt', kdfparams: { dklen: 32, n, r, p, salt } }) as const;
  const pbkdf2 = (c: number) => ({ kdf: 'pbkdf2', kdfparams: { dklen: 32, c, prf: 'hmac-sha256', salt } }) as const;

  test.each([
    ['n', scrypt(2 ** 40, 8, 1)],
    ['twice the largest published n', scrypt(2 ** 19, 8, 1)],
    ['r', scrypt(2, 2 ** 30, 1)],
    ['p', scrypt(2, 1, 2 ** 40)],
    ['memory within the work limit', scrypt(2, 2 ** 20, 1)],
    ['pbkdf2 iterations', pbkdf2(2 ** 31)],
  ])('an import bomb by %s is refused with nothing derived', async (_, kdf) => {
    const { version, crypto } = await create();
    seen.derived = [];
    const attempt = openKeystore({ file: { version, crypto: { ...crypto, ...kdf } }, passphrase });
    await expect(attempt).rejects.toMatchObject({
      code: 'kdf-too-costly',
      message: expect.stringContaining('Raise the limits'),
    });
    expect(seen.derived).toEqual([]);
  });

  test('the caller may lower and raise the limits', async () => {
    const file = await createKeystore({ ids }, { privateKey, passphrase, address: '', cost: { n: 64, r: 1, p: 1 } });
    const limits = { scryptWorkMax: 63, scryptMemoryBytesMax: 2 ** 20, pbkdf2IterationsMax: 1 };
    await expect(openKeystore({ file, passphrase, limits })).rejects.toMatchObject({ code: 'kdf-too-costly' });
    expect(await openKeystore({ file, passphrase, limits: { ...limits, scryptWorkMax: 64 } })).toEqual(privateKey);
  });
});

describe('clearing', () => {
  test('derived keys and intermediate plaintext are zero after every verb, refused or not', async () => {
    const file = await create();
    const newPassphrase = new TextEncoder().encode('new');
    await openKeystore({ file, passphrase });
    await expect(openKeystore({ file, passphrase: newPassphrase })).rejects.toThrow('another MAC');
    const input = { file, oldPassphrase: passphrase, newPassphrase, cost: { n: 2, r: 1, p: 1 } };
    await changePassphrase({ ids }, input);
    expect({ derived: seen.derived.length, plaintexts: seen.plaintexts.length }).toEqual({ derived: 5, plaintexts: 2 });
    expect([...seen.derived, ...seen.plaintexts].every(isCleared)).toBe(true);
  });
});

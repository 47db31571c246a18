import { createDecipheriv, scryptSync } from 'node:crypto';
import { bytesToHex, concatBytes, hexToBytes, seededIds } from '@jigeum/std';
import { keccak_256, sha3_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changePassphrase,
  createKeystore,
  defaultScryptCost,
  KeystoreError,
  openKeystore,
  parseKeystore,
  serializeKeystore,
  type KeystoreErrorCode,
  type KeystoreFile,
  type KeystoreFormat,
} from './index.ts';

const formats: KeystoreFormat[] = ['symverse-v3', 'ethereum-v3', 'v4'];
const tinyCost = { n: 2, r: 1, p: 1 };
const address = '00020000000000010002';
const privateKey = hexToBytes('1a43aa399cb2efe186317e0b09f4a7ef88b83cff05089b145709881bf4db3a20');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const passphrase = utf8('correct horse 말');

const create = (format: KeystoreFormat, seed = 'seed'): Promise<KeystoreFile> =>
  createKeystore({ ids: seededIds(seed) }, { privateKey, passphrase, address, format, cost: tinyCost });

/** The refusal's code, or `opened`. Anything else that is thrown fails the test. */
async function outcome(attempt: Promise<unknown>): Promise<KeystoreErrorCode | 'opened'> {
  try {
    await attempt;
    return 'opened';
  } catch (error) {
    if (error instanceof KeystoreError) return error.code;
    throw error;
  }
}

describe('create', () => {
  test('writes the Symverse form by default, repeatable with one seed', async () => {
    const file = await createKeystore({ ids: seededIds('seed') }, { privateKey, passphrase, address, cost: tinyCost });
    expect(serializeKeystore(file)).toMatchInlineSnapshot(
      `"{"address":"00020000000000010002","crypto":{"cipher":"aes-128-ctr","ciphertext":"407db948e3a7e19fe5bf2e1e69fd578cfb5d5da9c81b5f0a98cc852f62f14424","cipherparams":{"iv":"97c3ddcd356b7907aafa9b856a497ae2"},"kdf":"scrypt","kdfparams":{"dklen":32,"n":2,"p":1,"r":1,"salt":"81e4ba3bc2097d85ac4734eb3ad794fd4a2980b2e0b22569418e60e5550b4c32"},"mac":"6fa9af8ec3d2b75a661bc57354fc326363eea6f280032ea0cfe0076f19b4ffea"},"id":"58f9082d-b66a-45d6-a0a3-f65e1e2f12c3","version":3}"`,
    );
  });

  test('writes version 4 in the key order of the published software', async () => {
    expect(serializeKeystore(await create('v4'))).toMatchInlineSnapshot(
      `"{"version":4,"id":"58f9082d-b66a-45d6-a0a3-f65e1e2f12c3","address":"00020000000000010002","crypto":{"ciphertext":"407db948e3a7e19fe5bf2e1e69fd578cfb5d5da9c81b5f0a98cc852f62f14424","cipherparams":{"iv":"97c3ddcd356b7907aafa9b856a497ae2"},"cipher":"aes-128-ctr","kdf":"scrypt","kdfparams":{"dklen":32,"salt":"81e4ba3bc2097d85ac4734eb3ad794fd4a2980b2e0b22569418e60e5550b4c32","n":2,"r":1,"p":1},"mac":"a0992b855a6cfcf3c0f4da3d554d977c024f3324a7abcf9ef8fb66f257f10818","machash":"sha3256"}}"`,
    );
  });

  test('uses n=32768, r=8, p=1 by default', async () => {
    const { crypto } = await createKeystore({ ids: seededIds('seed') }, { privateKey, passphrase, address });
    expect(crypto.kdfparams).toMatchObject({ dklen: 32, n: 32_768, r: 8, p: 1 });
  });

  test('gives a random UUID of version 4 and fresh salt and IV every time', async () => {
    const [one, two] = [await create('v4', 'one'), await create('v4', 'two')];
    expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(one.crypto.kdfparams.salt).toHaveLength(64);
    expect(one.crypto.cipherparams.iv).toHaveLength(32);
    expect(one.id).not.toBe(two.id);
    expect(one.crypto.kdfparams.salt).not.toBe(two.crypto.kdfparams.salt);
    expect(one.crypto.cipherparams.iv).not.toBe(two.crypto.cipherparams.iv);
    expect(one.crypto.ciphertext).not.toBe(two.crypto.ciphertext);
  });

  test('leaves key and passphrase as they were', async () => {
    const [key, words] = [Uint8Array.from(privateKey), Uint8Array.from(passphrase)];
    await createKeystore({ ids: seededIds('s') }, { privateKey: key, passphrase: words, address, cost: tinyCost });
    expect([key, words]).toEqual([privateKey, passphrase]);
  });

  test.each([
    ['a key of 31 bytes', { privateKey: privateKey.subarray(1) }, 'invalid-input'],
    ['a key of 33 bytes', { privateKey: concatBytes(privateKey, Uint8Array.of(0)) }, 'invalid-input'],
    ['an empty passphrase', { passphrase: new Uint8Array() }, 'invalid-input'],
    ['n that is no power of two', { cost: { n: 1000, r: 8, p: 1 } }, 'invalid-input'],
    ['n = 1', { cost: { n: 1, r: 8, p: 1 } }, 'invalid-input'],
    ['r = 0', { cost: { n: 2, r: 0, p: 1 } }, 'invalid-input'],
    ['p = 1.5', { cost: { n: 2, r: 1, p: 1.5 } }, 'invalid-input'],
    ['a cost that it would refuse to open', { cost: { n: 2 ** 20, r: 8, p: 1 } }, 'kdf-too-costly'],
    ['an address too long to read back', { address: 'a'.repeat(129) }, 'malformed'],
  ])('refuses %s', async (_, change, code) => {
    const input = { privateKey, passphrase, address, cost: tinyCost, ...change };
    expect(await outcome(createKeystore({ ids: seededIds('s') }, input))).toBe(code);
  });
});

describe('MAC, computed here a second time', () => {
  const parts = (file: KeystoreFile) => {
    const derived = scryptSync(passphrase, hexToBytes(file.crypto.kdfparams.salt), 32, { N: 2, r: 1, p: 1 });
    const ciphertext = hexToBytes(file.crypto.ciphertext);
    const iv = hexToBytes(file.crypto.cipherparams.iv);
    return { derived, ciphertext, iv, covered: concatBytes(derived.subarray(16), ciphertext) };
  };

  test('symverse-v3: SHA3-256(dk[16:32] ‖ ciphertext), no machash', async () => {
    const file = await create('symverse-v3');
    expect(file.crypto.mac).toBe(bytesToHex(sha3_256(parts(file).covered)));
    expect([file.version, file.crypto.machash]).toEqual([3, undefined]);
  });

  test('ethereum-v3: Keccak-256(dk[16:32] ‖ ciphertext), no machash', async () => {
    const file = await create('ethereum-v3');
    expect(file.crypto.mac).toBe(bytesToHex(keccak_256(parts(file).covered)));
    expect([file.version, file.crypto.machash]).toEqual([3, undefined]);
  });

  test('v4: SHA3-256(dk[16:32] ‖ ciphertext ‖ iv ‖ "aes-128-ctr"), machash sha3256', async () => {
    const file = await create('v4');
    const { covered, iv } = parts(file);
    expect(file.crypto.mac).toBe(bytesToHex(sha3_256(concatBytes(covered, iv, utf8('aes-128-ctr')))));
    expect([file.version, file.crypto.machash]).toEqual([4, 'sha3256']);
  });

  test.each(formats)('%s: AES-128-CTR under dk[0:16]', async (format) => {
    const { derived, ciphertext, iv } = parts(await create(format));
    const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
    expect(decipher.update(ciphertext).toString('hex')).toBe(bytesToHex(privateKey));
  });
});

describe('open', () => {
  test('gives back any key under any passphrase, in every format', async () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const words = fc.uint8Array({ minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(bytes, words, fc.constantFrom(...formats), fc.string(), async (key, secret, format, seed) => {
        const input = { privateKey: key, passphrase: secret, address, format, cost: tinyCost };
        const file = await createKeystore({ ids: seededIds(seed) }, input);
        const read = parseKeystore(serializeKeystore(file));
        expect(read).toEqual(file);
        expect(await openKeystore({ file: read, passphrase: secret })).toEqual(key);
      }),
      { numRuns: 100 },
    );
  });

  test('refuses every other passphrase', async () => {
    const files = await Promise.all(formats.map((format) => create(format)));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...files), async (other, file) => {
        fc.pre(bytesToHex(other) !== bytesToHex(passphrase));
        expect(await outcome(openKeystore({ file, passphrase: other }))).toBe('wrong-passphrase');
      }),
      { numRuns: 100 },
    );
  });

  for (const format of formats) {
    test(`${format}: refuses a change of any byte that the MAC protects`, async () => {
      const fields = ['ciphertext', 'mac', 'salt', ...(format === 'v4' ? ['iv'] : [])];
      const file = await create(format);
      const accepted: string[] = [];
      for (const field of fields) {
        for (let index = 0; index < fieldOf(file, field).length / 2; index++) {
          const changed = withByteFlipped(file, field, index);
          const result = await outcome(openKeystore({ file: changed, passphrase }));
          if (result !== 'wrong-passphrase') accepted.push(`${field}[${index}]: ${result}`);
        }
      }
      expect(accepted).toEqual([]);
    });
  }

  test('version 3 does not protect the IV: another key comes out, which the caller notices by its public key', async () => {
    const changed = withByteFlipped(await create('symverse-v3'), 'iv', 0);
    const key = await openKeystore({ file: changed, passphrase });
    expect(bytesToHex(key)).not.toBe(bytesToHex(privateKey));
  });

  test('does not take a Keccak MAC where machash says SHA3-256', async () => {
    const file = await create('ethereum-v3');
    const claimed: KeystoreFile = { ...file, crypto: { ...file.crypto, machash: 'sha3256' } };
    expect(await outcome(openKeystore({ file, passphrase }))).toBe('opened');
    expect(await outcome(openKeystore({ file: claimed, passphrase }))).toBe('wrong-passphrase');
  });

  test('does not take a MAC over IV and cipher name in version 3', async () => {
    const file: KeystoreFile = { ...(await create('v4')), version: 3 };
    expect(await outcome(openKeystore({ file, passphrase }))).toBe('wrong-passphrase');
  });

  test('reads version 4 whose MAC follows the paper: SHA3-256(dk[16:32] ‖ ciphertext)', async () => {
    const asPaper = paperMac(await create('v4'));
    expect(await openKeystore({ file: asPaper, passphrase })).toEqual(privateKey);
    expect(await outcome(openKeystore({ file: asPaper, passphrase: utf8('other') }))).toBe('wrong-passphrase');
  });

  test.each(formats)("reads %s in the paper's nesting", async (format) => {
    const file = await create(format);
    const read = parseKeystore(JSON.stringify(paperNesting(file)));
    expect(read).toEqual(file);
    expect(await openKeystore({ file: read, passphrase })).toEqual(privateKey);
  });

  test("reads the paper's nesting and the paper's MAC together, and an object that was never parsed", async () => {
    const file = paperNesting(paperMac(await create('v4'))) as unknown as KeystoreFile;
    expect(await openKeystore({ file, passphrase })).toEqual(privateKey);
  });

  test('reads the file of Fig. 4 as it is printed, and refuses a passphrase that is not its own', async () => {
    const file = parseKeystore(JSON.stringify(figure4));
    expect(serializeKeystore(file)).toMatchInlineSnapshot(
      `"{"version":4,"id":"64cbaeb8-431b-41d4-a5e6-0508fc509b74","address":"0x1bff0b319a73b51159fb4e2d0111d5c93fa1b3d6","crypto":{"ciphertext":"1ab011aeae5d288465a1f4c89cf6b4a494ba90d908ef015ffa43fa9838ff1483","cipherparams":{"iv":"2dd0641c64f19d978854a0ab3e27c0a8"},"cipher":"aes-128-ctr","kdf":"scrypt","kdfparams":{"dklen":32,"salt":"cfaeccc4d27f0305f0af2d3d87214a360a06714cdf2320db44c815b9c03b4ce8","n":4096,"r":8,"p":1},"mac":"5ad80b19d7338245fb12129c2c441eee104ab054171edfd07c44cd602cdefdf6","machash":"sha3256"}}"`,
    );
    expect(await outcome(openKeystore({ file, passphrase }))).toBe('wrong-passphrase');
  });

  test('reads hex in capitals, and a file without id and address', async () => {
    const { version, crypto } = await create('symverse-v3');
    const capitals = { ...crypto, ciphertext: crypto.ciphertext.toUpperCase(), mac: crypto.mac.toUpperCase() };
    expect(await openKeystore({ file: { version, crypto: capitals }, passphrase })).toEqual(privateKey);
  });
});

describe('change passphrase', () => {
  const newPassphrase = utf8('battery staple');

  for (const format of formats) {
    test(`${format}: the old one fails, the new one opens; key, address, id and format stay`, async () => {
      const file = await create(format);
      const input = { file, oldPassphrase: passphrase, newPassphrase, cost: tinyCost };
      const ids = seededIds('change');
      ids.bytes(16); // the id, which a new file draws first and a changed file keeps
      const changed = await changePassphrase({ ids }, input);
      expect(await outcome(openKeystore({ file: changed, passphrase }))).toBe('wrong-passphrase');
      expect(await openKeystore({ file: changed, passphrase: newPassphrase })).toEqual(privateKey);
      expect([changed.id, changed.address, changed.version]).toEqual([file.id, file.address, file.version]);
      expect(changed.crypto.kdfparams.salt).not.toBe(file.crypto.kdfparams.salt);
      expect(changed.crypto.cipherparams.iv).not.toBe(file.crypto.cipherparams.iv);
      // The same randomness writes the same file: the format did not change on the way.
      const again = { privateKey, passphrase: newPassphrase, address, format, cost: tinyCost };
      const direct = await createKeystore({ ids: seededIds('change') }, again);
      expect(changed.crypto).toEqual(direct.crypto);
    });
  }

  test('leaves the old file as it was, opening with the old passphrase', async () => {
    const file = await create('symverse-v3');
    const before = serializeKeystore(file);
    await changePassphrase({ ids: seededIds('c') }, { file, oldPassphrase: passphrase, newPassphrase, cost: tinyCost });
    expect(serializeKeystore(file)).toBe(before);
    expect(await openKeystore({ file, passphrase })).toEqual(privateKey);
  });

  test("version 4 with the paper's MAC comes out with the MAC that published software opens", async () => {
    const file = paperMac(await create('v4'));
    const input = { file, oldPassphrase: passphrase, newPassphrase, cost: tinyCost };
    const changed = await changePassphrase({ ids: seededIds('c') }, input);
    expect(paperMac(changed, newPassphrase).crypto.mac).not.toBe(changed.crypto.mac);
    expect(await openKeystore({ file: changed, passphrase: newPassphrase })).toEqual(privateKey);
  });

  test('raises a weak cost to the default', async () => {
    const file = await create('symverse-v3');
    const changed = await changePassphrase({ ids: seededIds('c') }, { file, oldPassphrase: passphrase, newPassphrase });
    expect(changed.crypto.kdfparams).toMatchObject({ ...defaultScryptCost });
  });

  test('keeps a cost that fills more memory than the default', async () => {
    const cost = { n: 2 ** 16, r: 8, p: 1 };
    const file = await createKeystore({ ids: seededIds('s') }, { privateKey, passphrase, address, cost });
    const changed = await changePassphrase({ ids: seededIds('c') }, { file, oldPassphrase: passphrase, newPassphrase });
    expect(changed.crypto.kdfparams).toMatchObject(cost);
  });

  test('writes another format when it is asked to', async () => {
    const file = await create('ethereum-v3');
    const input = { file, oldPassphrase: passphrase, newPassphrase, cost: tinyCost, format: 'v4' as const };
    const changed = await changePassphrase({ ids: seededIds('c') }, input);
    expect([changed.version, changed.crypto.machash]).toEqual([4, 'sha3256']);
    expect(await openKeystore({ file: changed, passphrase: newPassphrase })).toEqual(privateKey);
  });

  test.each([
    ['a wrong old passphrase', { oldPassphrase: utf8('wrong') }, 'wrong-passphrase'],
    ['an empty new passphrase', { newPassphrase: new Uint8Array() }, 'invalid-input'],
  ])('refuses %s', async (_, change, code) => {
    const input = { file: await create('v4'), oldPassphrase: passphrase, newPassphrase, cost: tinyCost, ...change };
    expect(await outcome(changePassphrase({ ids: seededIds('c') }, input))).toBe(code);
  });
});

/** The file of the paper's Fig. 4. Its passphrase is not published. */
const figure4 = {
  version: 4,
  id: '64cbaeb8-431b-41d4-a5e6-0508fc509b74',
  address: '0x1bff0b319a73b51159fb4e2d0111d5c93fa1b3d6',
  crypto: {
    ciphertext: '1ab011aeae5d288465a1f4c89cf6b4a494ba90d908ef015ffa43fa9838ff1483',
    cipherparams: {
      iv: '2dd0641c64f19d978854a0ab3e27c0a8',
      cipher: 'aes-128-ctr',
      kdf: 'scrypt',
      kdfparams: {
        dklen: 32,
        salt: 'cfaeccc4d27f0305f0af2d3d87214a360a06714cdf2320db44c815b9c03b4ce8',
        n: 4096,
        r: 8,
        p: 1,
      },
    },
    mac: '5ad80b19d7338245fb12129c2c441eee104ab054171edfd07c44cd602cdefdf6',
    machash: 'sha3256',
  },
};

/** The same file with `cipher`, `kdf` and `kdfparams` inside `cipherparams`. */
function paperNesting(file: KeystoreFile): object {
  const { cipher, kdf, kdfparams, cipherparams, ...rest } = file.crypto;
  return { ...file, crypto: { ...rest, cipherparams: { ...cipherparams, cipher, kdf, kdfparams } } };
}

/** The same file with the MAC of the paper's Fig. 3, computed without this package. */
function paperMac(file: KeystoreFile, words = passphrase): KeystoreFile {
  const derived = scryptSync(words, hexToBytes(file.crypto.kdfparams.salt), 32, { N: 2, r: 1, p: 1 });
  const mac = bytesToHex(sha3_256(concatBytes(derived.subarray(16), hexToBytes(file.crypto.ciphertext))));
  return { ...file, crypto: { ...file.crypto, mac } };
}

function fieldOf(file: KeystoreFile, field: string): string {
  const { ciphertext, mac, cipherparams, kdfparams } = file.crypto;
  const hex = { ciphertext, mac, iv: cipherparams.iv, salt: kdfparams.salt }[field];
  if (hex === undefined) throw new Error(`Expected a hex field of the file, got ${field}.`);
  return hex;
}

function withByteFlipped(file: KeystoreFile, field: string, index: number): KeystoreFile {
  const bytes = hexToBytes(fieldOf(file, field));
  bytes[index]! ^= 1;
  const text = serializeKeystore(file);
  const changed = text.replace(`"${field}":"${fieldOf(file, field)}"`, `"${field}":"${bytesToHex(bytes)}"`);
  expect(changed).not.toBe(text);
  return parseKeystore(changed);
}

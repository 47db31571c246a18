import { describe, expect, test } from 'vitest';
import { KeystoreError, parseKeystore, serializeKeystore, type KeystoreErrorCode } from './index.ts';

const salt = '11'.repeat(32);
const kdfparams = { dklen: 32, n: 4096, r: 8, p: 1, salt };
const crypto = {
  cipher: 'aes-128-ctr',
  ciphertext: '22'.repeat(32),
  cipherparams: { iv: '33'.repeat(16) },
  kdf: 'scrypt',
  kdfparams,
  mac: '44'.repeat(32),
};
const pbkdf2 = { kdf: 'pbkdf2', kdfparams: { dklen: 32, c: 1, prf: 'hmac-sha256', salt } };
const file = { version: 3, id: 'id', address: 'any text at all', crypto };

const withCrypto = (change: object): object => ({ ...file, crypto: { ...crypto, ...change } });
const withKdf = (change: object): object => withCrypto({ kdfparams: { ...kdfparams, ...change } });

function refusal(text: string): { code: KeystoreErrorCode; message: string } {
  try {
    parseKeystore(text);
  } catch (error) {
    if (error instanceof KeystoreError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('Expected a refusal, got a keystore.');
}

describe('parse', () => {
  test('takes the file that the refusals below are made from', () => {
    expect(parseKeystore(JSON.stringify(file))).toEqual(file);
    expect(parseKeystore(JSON.stringify(withCrypto(pbkdf2)))).toEqual(withCrypto(pbkdf2));
  });

  test('drops fields that it does not know, and keeps the address as it is', () => {
    const text = JSON.stringify({ ...file, address: '0xAbC 한글', name: 'mine', 'x-ethers': { client: 'any' } });
    expect(parseKeystore(text)).toEqual({ ...file, address: '0xAbC 한글' });
  });

  test.each<[string, unknown, KeystoreErrorCode, string]>([
    ['an array', [file], 'malformed', 'the keystore to be a JSON object, got an array of 1'],
    ['null', null, 'malformed', 'got null'],
    ['a text', 'x', 'malformed', 'got text of 1 characters'],
    ['no version', { ...file, version: undefined }, 'unsupported', '"version" to be 3 or 4, got nothing'],
    ['version 1', { ...file, version: 1 }, 'unsupported', 'got 1'],
    ['version as text', { ...file, version: '3' }, 'unsupported', '"version" to be 3 or 4, got 3'],
    ['no crypto', { ...file, crypto: undefined }, 'malformed', '"crypto"'],
    ['no cipherparams', withCrypto({ cipherparams: undefined }), 'malformed', '"cipherparams"'],
    ['another cipher', withCrypto({ cipher: 'aes-256-ctr' }), 'unsupported', 'got aes-256-ctr'],
    ['no cipher', withCrypto({ cipher: undefined }), 'unsupported', 'got nothing'],
    ['another machash', withCrypto({ machash: 'keccak256' }), 'unsupported', '"machash" to be sha3256 or none'],
    ['machash null', withCrypto({ machash: null }), 'unsupported', 'got null'],
    ['another kdf', withCrypto({ kdf: 'argon2id' }), 'unsupported', '"kdf" to be scrypt or pbkdf2, got argon2id'],
    ['an inherited name as kdf', withCrypto({ kdf: '__proto__' }), 'unsupported', 'got text of 9 characters'],
    ['no kdfparams', withCrypto({ kdfparams: undefined }), 'malformed', '"kdfparams"'],
    [
      'both nestings',
      withCrypto({ cipherparams: { iv: '33'.repeat(16), cipher: 'aes-128-ctr' } }),
      'malformed',
      'both',
    ],
    ['another dklen', withKdf({ dklen: 64 }), 'unsupported', '"dklen" to be 32, got 64'],
    ['n as text', withKdf({ n: '4096' }), 'malformed', '"n" to be a number, got text of 4 characters'],
    ['no r', withKdf({ r: undefined }), 'malformed', '"r" to be a number, got nothing'],
    ['no p', withKdf({ p: undefined }), 'malformed', '"p" to be a number, got nothing'],
    ['no salt', withKdf({ salt: undefined }), 'malformed', '"salt"'],
    ['an empty salt', withKdf({ salt: '' }), 'malformed', '"salt" to be 1 to 256 bytes'],
    ['a long salt', withKdf({ salt: '11'.repeat(257) }), 'malformed', '"salt"'],
    ['half a byte', withCrypto({ ciphertext: '2' }), 'malformed', '"ciphertext" to be 1 to 32 bytes'],
    ['no ciphertext', withCrypto({ ciphertext: '' }), 'malformed', 'got text of 0 characters'],
    ['33 bytes of ciphertext', withCrypto({ ciphertext: '22'.repeat(33) }), 'malformed', '"ciphertext"'],
    ['hex with 0x', withCrypto({ mac: `0x${'44'.repeat(31)}` }), 'malformed', '"mac" to be 32 bytes in hex without 0x'],
    ['a short mac', withCrypto({ mac: '44'.repeat(16) }), 'malformed', '"mac"'],
    ['a mac that is a list', withCrypto({ mac: ['44'] }), 'malformed', 'got an array of 1'],
    ['a short iv', withCrypto({ cipherparams: { iv: '33'.repeat(12) } }), 'malformed', '"iv" to be 16 bytes'],
    [
      'pbkdf2 with another prf',
      withCrypto({ ...pbkdf2, kdfparams: { ...pbkdf2.kdfparams, prf: 'hmac-sha1' } }),
      'unsupported',
      '"prf"',
    ],
    ['pbkdf2 with scrypt parameters', withCrypto({ kdf: 'pbkdf2' }), 'unsupported', '"prf"'],
    ['an address that is a number', { ...file, address: 5 }, 'malformed', '"address"'],
    ['an endless id', { ...file, id: 'x'.repeat(129) }, 'malformed', '"id"'],
  ])('refuses %s', (_, value, code, part) => {
    const refused = refusal(JSON.stringify(value));
    expect(refused).toMatchObject({ code, message: expect.stringContaining(part) });
  });

  test('refuses more text than a keystore can have before it reads it', () => {
    expect(refusal(`"${'x'.repeat(16_384)}"`).message).toContain('at most 16384 characters, got 16386');
  });

  test.each(['my secret passphrase', '"my secret', '{"crypto":{"cipher":"my secret"}}', '{"version":"my secret"}'])(
    'never shows the text that it refuses: %s',
    (text) => {
      expect(refusal(text).message).not.toContain('secret');
    },
  );
});

describe('serialize', () => {
  test('refuses a file that it could not read back', () => {
    const broken = { ...parseKeystore(JSON.stringify(file)), version: 5 as 3 };
    expect(() => serializeKeystore(broken)).toThrow(KeystoreError);
  });
});

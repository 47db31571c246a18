/** The file's shape: reads the standard and the paper's nesting strictly, and always holds and writes the standard one. */
import { isHex } from '@jigeum/std';
import { KeystoreError } from './errors.ts';
import { derivedKeyBytes } from './kdf.ts';

/** scrypt's parameters as the file names them. `salt` is hex. */
export interface ScryptParams {
  dklen: number;
  n: number;
  r: number;
  p: number;
  salt: string;
}

/** PBKDF2-HMAC-SHA256's parameters as the file names them: `c` iterations, `salt` in hex. Read, never written. */
export interface Pbkdf2Params {
  dklen: number;
  c: number;
  prf: 'hmac-sha256';
  salt: string;
}

/** Cipher, key derivation and MAC. Hex without `0x`: `ciphertext` 1–32 bytes, `iv` 16 bytes, `mac` 32 bytes. */
export type KeystoreCrypto = {
  cipher: 'aes-128-ctr';
  ciphertext: string;
  cipherparams: { iv: string };
  mac: string;
  /** Present in version 4: the MAC is SHA3-256. Without it the MAC itself tells SHA3-256 from Keccak-256. */
  machash?: 'sha3256';
} & ({ kdf: 'scrypt'; kdfparams: ScryptParams } | { kdf: 'pbkdf2'; kdfparams: Pbkdf2Params });

/** A password-encrypted private key, in the standard nesting. Nothing in it is secret without the passphrase. */
export interface KeystoreFile {
  version: 3 | 4;
  /** Opaque text that names the file, usually a UUID. Some published files have none. */
  id?: string;
  /** Opaque text, copied and never read: a SymID, a key hash or an Ethereum address. Not covered by the MAC. */
  address?: string;
  crypto: KeystoreCrypto;
}

/** A keystore has about 500 characters; this leaves room for white space and foreign fields. */
const jsonCharsMax = 16_384;
/** Longest real address has 42 characters, a UUID 36. */
const opaqueCharsMax = 128;
/** secp256k1 keys have 32 bytes; go-ethereum's vectors hold 30 and 31. */
const ciphertextBytesMax = 32;
/** Published files have 32 bytes; nothing is gained by more. */
const saltBytesMax = 256;

/** Reads a keystore's JSON in either nesting. Fields that it does not know are dropped. Throws `KeystoreError`. */
export function parseKeystore(json: string): KeystoreFile {
  if (json.length > jsonCharsMax) {
    throw malformed(`Expected a keystore of at most ${jsonCharsMax} characters, got ${json.length}`);
  }
  return checkKeystore(parseJson(json));
}

/** The JSON text of a keystore, in the key order of the published software that writes its version. Same file, same text. */
export const serializeKeystore = (file: KeystoreFile): string => JSON.stringify(checkKeystore(file));

/** Checks every field of an unchecked value and returns a new, normalised file. Throws `malformed` or `unsupported`. */
export function checkKeystore(value: unknown): KeystoreFile {
  const file = requireObject(value, 'the keystore');
  const version = file['version'];
  if (version !== 3 && version !== 4) throw unsupported('version', '3 or 4', version);
  return orderedKeystore({
    version,
    ...optionalText('id', file['id']),
    ...optionalText('address', file['address']),
    crypto: checkCrypto(requireObject(file['crypto'], '"crypto"')),
  });
}

/** The same file with its keys in the order that gsym and its CA (version 3) or neb.js (version 4) write. */
function orderedKeystore(file: KeystoreFile): KeystoreFile {
  const { version, crypto } = file;
  const id = file.id === undefined ? {} : { id: file.id };
  const address = file.address === undefined ? {} : { address: file.address };
  const { cipher, ciphertext, mac } = crypto;
  const cipherparams = { iv: crypto.cipherparams.iv };
  const machash = crypto.machash === undefined ? {} : { machash: crypto.machash };
  if (version === 4) {
    return {
      version,
      ...id,
      ...address,
      crypto: { ciphertext, cipherparams, cipher, ...orderedKdf(crypto, 4), mac, ...machash },
    };
  }
  return {
    ...address,
    crypto: { cipher, ciphertext, cipherparams, ...orderedKdf(crypto, 3), mac, ...machash },
    ...id,
    version,
  };
}

type Kdf = { kdf: 'scrypt'; kdfparams: ScryptParams } | { kdf: 'pbkdf2'; kdfparams: Pbkdf2Params };

function orderedKdf(crypto: KeystoreCrypto, version: 3 | 4): Kdf {
  if (crypto.kdf === 'pbkdf2') {
    const { c, dklen, prf, salt } = crypto.kdfparams;
    return { kdf: 'pbkdf2', kdfparams: { c, dklen, prf, salt } };
  }
  const { dklen, n, p, r, salt } = crypto.kdfparams;
  return { kdf: 'scrypt', kdfparams: version === 4 ? { dklen, salt, n, r, p } : { dklen, n, p, r, salt } };
}

function checkCrypto(crypto: Fields): KeystoreCrypto {
  const cipherparams = requireObject(crypto['cipherparams'], '"cipherparams"');
  const cipher = eitherNesting(crypto, cipherparams, 'cipher');
  if (cipher !== 'aes-128-ctr') throw unsupported('cipher', 'aes-128-ctr', cipher);
  const machash = crypto['machash'];
  if (machash !== undefined && machash !== 'sha3256') throw unsupported('machash', 'sha3256 or none', machash);
  return {
    cipher,
    ciphertext: requireHex('ciphertext', crypto['ciphertext'], 1, ciphertextBytesMax),
    cipherparams: { iv: requireHex('iv', cipherparams['iv'], 16, 16) },
    ...checkKdf(
      eitherNesting(crypto, cipherparams, 'kdf'),
      requireObject(eitherNesting(crypto, cipherparams, 'kdfparams'), '"kdfparams"'),
    ),
    mac: requireHex('mac', crypto['mac'], 32, 32),
    ...(machash === undefined ? {} : { machash }),
  };
}

/** Costs are checked where they are spent (`kdf.ts`), because their limit is the caller's. */
function checkKdf(kdf: unknown, params: Fields): Kdf {
  const dklen = params['dklen'];
  if (dklen !== derivedKeyBytes) throw unsupported('dklen', `${derivedKeyBytes}`, dklen);
  const salt = requireHex('salt', params['salt'], 1, saltBytesMax);
  if (kdf === 'scrypt') {
    const n = requireNumber('n', params['n']);
    const r = requireNumber('r', params['r']);
    const p = requireNumber('p', params['p']);
    return { kdf, kdfparams: { dklen, n, r, p, salt } };
  }
  if (kdf === 'pbkdf2') {
    const prf = params['prf'];
    if (prf !== 'hmac-sha256') throw unsupported('prf', 'hmac-sha256', prf);
    return { kdf, kdfparams: { dklen, c: requireNumber('c', params['c']), prf, salt } };
  }
  throw unsupported('kdf', 'scrypt or pbkdf2', kdf);
}

/** The paper's Fig. 4 prints `cipher`, `kdf` and `kdfparams` inside `cipherparams`; every published program has them beside it. */
function eitherNesting(crypto: Fields, cipherparams: Fields, name: string): unknown {
  if (crypto[name] !== undefined && cipherparams[name] !== undefined) {
    throw malformed(`Expected "${name}" either beside or inside "cipherparams", got both`);
  }
  return crypto[name] ?? cipherparams[name];
}

type Fields = Record<string, unknown>;

function requireObject(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`Expected ${what} to be a JSON object, got ${describe(value)}`);
  }
  return value as Fields;
}

function requireHex(name: string, value: unknown, bytesMin: number, bytesMax: number): string {
  const size = bytesMin === bytesMax ? `${bytesMin}` : `${bytesMin} to ${bytesMax}`;
  if (typeof value !== 'string' || !isHex(value) || value.length < bytesMin * 2 || value.length > bytesMax * 2) {
    throw malformed(`Expected "${name}" to be ${size} bytes in hex without 0x, got ${describe(value)}`);
  }
  return value.toLowerCase();
}

function requireNumber(name: string, value: unknown): number {
  if (typeof value !== 'number') throw malformed(`Expected "${name}" to be a number, got ${describe(value)}`);
  return value;
}

function optionalText<Name extends 'id' | 'address'>(name: Name, value: unknown): { [key in Name]?: string } {
  if (value === undefined) return {};
  if (typeof value !== 'string' || value.length > opaqueCharsMax) {
    throw malformed(`Expected "${name}" to be text of at most ${opaqueCharsMax} characters, got ${describe(value)}`);
  }
  return { [name]: value } as { [key in Name]?: string };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The engine's message quotes the text, which may be a passphrase or a key that was passed by mistake.
    throw malformed(`Expected a keystore in JSON, got ${json.length} characters that are not JSON`);
  }
}

/** Kind and size of a value, never its text. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `text of ${value.length} characters`;
  return Array.isArray(value) ? `an array of ${value.length}` : `a value of type ${typeof value}`;
}

function malformed(problem: string): KeystoreError {
  return new KeystoreError('malformed', `${problem}. Check that the whole keystore file was supplied.`);
}

/** Shows the value only where it looks like the short name or number of a format. */
function unsupported(name: string, expected: string, value: unknown): KeystoreError {
  const isName = typeof value === 'number' || (typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,19}$/.test(value));
  const shown = isName ? String(value) : describe(value);
  return new KeystoreError(
    'unsupported',
    `Expected "${name}" to be ${expected}, got ${shown}. Export the key again in one of these forms.`,
  );
}

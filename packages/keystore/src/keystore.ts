/**
 * Create, open and change the passphrase of a password-encrypted private key.
 *
 * Every key and passphrase is the caller's `Uint8Array`: it must stay unchanged until the promise settles, is never
 * kept here, and the caller clears it (`bytes.fill(0)`). Derived keys and intermediate plaintext are cleared here.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { assert, bytesToHex, hexToBytes, type Ids } from '@jigeum/std';
import { KeystoreError } from './errors.ts';
import {
  defaultKdfLimits,
  defaultScryptCost,
  deriveKey,
  derivedKeyBytes,
  isScryptCost,
  requireScryptWithin,
  type KdfLimits,
  type KdfRequest,
  type ScryptCost,
} from './kdf.ts';
import { checkKeystore, type KeystoreCrypto, type KeystoreFile } from './keystore-file.ts';
import { computeMac, macRulesOf, matchMac, type MacRule } from './mac.ts';

/**
 * What a keystore is written as. The first two are the same file but for the hash of the MAC.
 * `symverse-v3` is the form that the platform stores and gsym opens; `ethereum-v3` opens in Ethereum wallets;
 * `v4` is the paper's Fig. 4 in the standard nesting, as neb.js opens it.
 */
export type KeystoreFormat = 'symverse-v3' | 'ethereum-v3' | 'v4';

/** Where fresh salt, IV and file id come from. */
export interface KeystoreDeps {
  ids: Pick<Ids, 'bytes'>;
}

const privateKeyBytes = 32;
const saltBytes = 32;
const ivBytes = 16;

/**
 * Encrypts a 32-byte private key with fresh salt and IV. `address` is written as it is given; the default format is
 * `symverse-v3` and the default cost `defaultScryptCost`. Whether the key is valid on its curve is the caller's check.
 * Refuses an empty passphrase, a key of another length and a cost above the limits. The caller clears key and passphrase.
 */
export async function createKeystore(
  deps: KeystoreDeps,
  input: {
    privateKey: Uint8Array;
    passphrase: Uint8Array;
    address: string;
    format?: KeystoreFormat;
    cost?: ScryptCost;
    limits?: KdfLimits;
  },
): Promise<KeystoreFile> {
  const { privateKey, passphrase, address } = input;
  if (privateKey.length !== privateKeyBytes) {
    throw new KeystoreError(
      'invalid-input',
      `Expected a private key of ${privateKeyBytes} bytes, got ${privateKey.length}. Pad it with leading zeros or make a new one.`,
    );
  }
  return await seal(deps, {
    key: privateKey,
    passphrase,
    format: input.format ?? 'symverse-v3',
    cost: input.cost ?? defaultScryptCost,
    limits: input.limits ?? defaultKdfLimits,
    named: { id: randomUuid(deps.ids), address },
  });
}

/**
 * The private key of a keystore, in either nesting and under any MAC that its version allows. The caller clears it.
 *
 * As long as it was encrypted: 32 bytes, or fewer in old Ethereum files that dropped leading zeros (pad on the left).
 * The MAC is compared before anything is decrypted. It does not cover `address`, nor `iv` in version 3: a caller that
 * knows the public key compares it with the key's.
 */
export async function openKeystore(input: {
  file: KeystoreFile;
  passphrase: Uint8Array;
  limits?: KdfLimits;
}): Promise<Uint8Array> {
  const { key } = await unseal(checkKeystore(input.file), input.passphrase, input.limits ?? defaultKdfLimits);
  return key;
}

/**
 * The same key, address and id under a new passphrase, salt and IV. The old file still opens with the old passphrase:
 * the caller replaces it everywhere. Keeps the format that the MAC shows unless `format` is given. Without `cost` the
 * result is never weaker than the default nor fills less memory than the old file. The caller clears both passphrases.
 */
export async function changePassphrase(
  deps: KeystoreDeps,
  input: {
    file: KeystoreFile;
    oldPassphrase: Uint8Array;
    newPassphrase: Uint8Array;
    format?: KeystoreFormat;
    cost?: ScryptCost;
    limits?: KdfLimits;
  },
): Promise<KeystoreFile> {
  const limits = input.limits ?? defaultKdfLimits;
  const file = checkKeystore(input.file);
  const cost = input.cost ?? costNotBelow(file.crypto);
  requireSealable({ passphrase: input.newPassphrase, cost, limits });
  const { key, rule } = await unseal(file, input.oldPassphrase, limits);
  try {
    return await seal(deps, {
      key,
      passphrase: input.newPassphrase,
      format: input.format ?? formatOf(file, rule),
      cost,
      limits,
      named: {
        id: file.id ?? randomUuid(deps.ids),
        ...(file.address === undefined ? {} : { address: file.address }),
      },
    });
  } finally {
    key.fill(0);
  }
}

interface SealInput {
  key: Uint8Array;
  passphrase: Uint8Array;
  format: KeystoreFormat;
  cost: ScryptCost;
  limits: KdfLimits;
  named: { id: string; address?: string };
}

const macRuleOf: Record<KeystoreFormat, MacRule> = { 'symverse-v3': 'sha3', 'ethereum-v3': 'keccak', v4: 'sha3-iv' };

async function seal(deps: KeystoreDeps, input: SealInput): Promise<KeystoreFile> {
  requireSealable(input);
  const { n, r, p } = input.cost;
  const salt = randomBytes(deps.ids, saltBytes);
  const iv = randomBytes(deps.ids, ivBytes);
  const cipher = 'aes-128-ctr';
  const derived = await deriveKey(input.passphrase, { kdf: 'scrypt', cost: { n, r, p }, salt }, input.limits);
  try {
    const ciphertext = createCipheriv(cipher, derived.subarray(0, 16), iv).update(input.key);
    assert(ciphertext.length === input.key.length, 'CTR keeps the length');
    const mac = computeMac(macRuleOf[input.format], { tail: derived.subarray(16), ciphertext, iv, cipher });
    const version = input.format === 'v4' ? 4 : 3;
    return checkKeystore({
      version,
      ...input.named,
      crypto: {
        cipher,
        ciphertext: bytesToHex(ciphertext),
        cipherparams: { iv: bytesToHex(iv) },
        kdf: 'scrypt',
        kdfparams: { dklen: derivedKeyBytes, n, r, p, salt: bytesToHex(salt) },
        mac: bytesToHex(mac),
        ...(version === 4 ? { machash: 'sha3256' } : {}),
      },
    });
  } finally {
    derived.fill(0);
  }
}

async function unseal(
  file: KeystoreFile,
  passphrase: Uint8Array,
  limits: KdfLimits,
): Promise<{ key: Uint8Array; rule: MacRule }> {
  const { crypto, version } = file;
  const { cipher } = crypto;
  const ciphertext = hexToBytes(crypto.ciphertext);
  const iv = hexToBytes(crypto.cipherparams.iv);
  const derived = await deriveKey(passphrase, kdfRequestOf(crypto), limits);
  try {
    const rules = macRulesOf({ version, machash: crypto.machash });
    const rule = matchMac(rules, hexToBytes(crypto.mac), { tail: derived.subarray(16), ciphertext, iv, cipher });
    if (rule === undefined) {
      throw new KeystoreError(
        'wrong-passphrase',
        'Expected a passphrase that gives the MAC of this keystore, got another MAC. ' +
          'Enter the passphrase again; if it is right, the file was changed: take it from a backup.',
      );
    }
    const decrypted = createDecipheriv(cipher, derived.subarray(0, 16), iv).update(ciphertext);
    const key = Uint8Array.from(decrypted);
    decrypted.fill(0);
    return { key, rule };
  } finally {
    derived.fill(0);
  }
}

function kdfRequestOf(crypto: KeystoreCrypto): KdfRequest {
  const salt = hexToBytes(crypto.kdfparams.salt);
  if (crypto.kdf === 'pbkdf2') return { kdf: 'pbkdf2', iterations: crypto.kdfparams.c, salt };
  const { n, r, p } = crypto.kdfparams;
  return { kdf: 'scrypt', cost: { n, r, p }, salt };
}

function formatOf(file: KeystoreFile, rule: MacRule): KeystoreFormat {
  if (file.version === 4) return 'v4';
  return rule === 'keccak' ? 'ethereum-v3' : 'symverse-v3';
}

/** Compares memory, n·r, because that is what makes scrypt dear to a guesser. */
function costNotBelow(crypto: KeystoreCrypto): ScryptCost {
  if (crypto.kdf === 'pbkdf2') return defaultScryptCost;
  const { n, r, p } = crypto.kdfparams;
  return n * r > defaultScryptCost.n * defaultScryptCost.r ? { n, r, p } : defaultScryptCost;
}

/** What a new file needs, checked before any derivation. */
function requireSealable({ passphrase, cost, limits }: Pick<SealInput, 'passphrase' | 'cost' | 'limits'>): void {
  if (passphrase.length === 0) {
    throw new KeystoreError(
      'invalid-input',
      'Expected a passphrase of at least 1 byte, got none. Ask for a passphrase.',
    );
  }
  if (!isScryptCost(cost)) {
    throw new KeystoreError(
      'invalid-input',
      'Expected scrypt n to be a power of two of at least 2, r and p whole numbers of at least 1, ' +
        `got n=${cost.n}, r=${cost.r}, p=${cost.p}. Correct the configured cost.`,
    );
  }
  requireScryptWithin(cost, limits);
}

function randomBytes(ids: Pick<Ids, 'bytes'>, length: number): Uint8Array {
  const bytes = ids.bytes(length);
  assert(bytes.length === length, `ids.bytes gives ${length} bytes`);
  return bytes;
}

/** RFC 9562 §5.4, version 4: the Web3 secret storage definition asks for a random id, which says nothing about the time. */
function randomUuid(ids: Pick<Ids, 'bytes'>): string {
  const bytes = randomBytes(ids, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Passphrase → 32 derived bytes: the first 16 encrypt, the last 16 authenticate. Costs are bounded before any work. */
import { pbkdf2, scrypt } from 'node:crypto';
import { scryptAsync as nobleScrypt } from '@noble/hashes/scrypt.js';
import { KeystoreError } from './errors.ts';

/** scrypt's cost: `n` a power of two of at least 2, `r` and `p` at least 1. One derivation holds 128·r·(n+p+2) bytes. */
export interface ScryptCost {
  n: number;
  r: number;
  p: number;
}

/** 2^15, 8, 1: about 100 ms and 32 MiB. For new keystores; the server key around them carries the rest of the protection. */
export const defaultScryptCost: ScryptCost = Object.freeze({ n: 2 ** 15, r: 8, p: 1 });

/** 4096, 8, 1: about 10 ms and 4 MiB. The cost in the paper's Fig. 4, for comparison with its figures ("paper mode"). */
export const paperScryptCost: ScryptCost = Object.freeze({ n: 4096, r: 8, p: 1 });

/** What one derivation may cost. A file names its own cost, so an unbounded reader lets any file stop the process. */
export interface KdfLimits {
  /** Largest n·r·p of scrypt. */
  scryptWorkMax: number;
  /** Largest 128·r·(n+p+2) of scrypt, in bytes. */
  scryptMemoryBytesMax: number;
  /** Largest number of PBKDF2 iterations. */
  pbkdf2IterationsMax: number;
}

/** n·r·p of 262144·8·1, which gsym, the Symverse CA and go-ethereum write by default; about one second. */
const scryptWorkMax = 2 ** 21;
/** The same parameters fill 256 MiB and 3 KiB; the rest of the last MiB is slack for a larger p. */
const scryptMemoryBytesMax = 257 * 2 ** 20;
/** About a second. go-ethereum's files name 262,144 and OWASP asks for 600,000. */
const pbkdf2IterationsMax = 2_000_000;

/** Opens everything that published wallets write by default, and spends about a second and 257 MiB on it at most. */
export const defaultKdfLimits: KdfLimits = Object.freeze({ scryptWorkMax, scryptMemoryBytesMax, pbkdf2IterationsMax });

/** Length of the derived key. Every published keystore has 32. */
export const derivedKeyBytes = 32;

/** One derivation, with its salt as bytes. */
export type KdfRequest =
  { kdf: 'scrypt'; cost: ScryptCost; salt: Uint8Array } | { kdf: 'pbkdf2'; iterations: number; salt: Uint8Array };

/**
 * Derives 32 bytes, which the caller clears. Refuses a cost above the limits before it allocates anything.
 * The passphrase must stay unchanged until the promise settles; this function keeps no copy of it.
 */
export async function deriveKey(passphrase: Uint8Array, request: KdfRequest, limits: KdfLimits): Promise<Uint8Array> {
  if (request.kdf === 'pbkdf2') {
    requirePbkdf2Within(request.iterations, limits);
    return await nodePbkdf2(passphrase, request.salt, request.iterations);
  }
  requireScryptWithin(request.cost, limits);
  return await deriveScrypt(passphrase, request.salt, request.cost, derivedKeyBytes);
}

/**
 * scrypt (RFC 7914) on node:crypto's thread pool, or in steps on this thread for parameters that OpenSSL refuses.
 * Costs are not bounded here: `deriveKey` does that.
 */
export async function deriveScrypt(
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  length: number,
): Promise<Uint8Array> {
  const { n, r, p } = cost;
  const memoryBytes = scryptMemoryBytes(cost);
  // RFC 7914 §2 demands n < 2^(128·r/8). OpenSSL holds to it, while the published vectors (n=262144, r=1) do not.
  if (Math.log2(n) >= 16 * r)
    return await nobleScrypt(passphrase, salt, { N: n, r, p, dkLen: length, maxmem: memoryBytes });
  return await new Promise((resolve, reject) => {
    scrypt(passphrase, salt, length, { N: n, r, p, maxmem: memoryBytes }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

/** Throws `malformed` for numbers that are no scrypt cost, and `kdf-too-costly` for a cost above the limits. */
export function requireScryptWithin(cost: ScryptCost, limits: KdfLimits): void {
  const { n, r, p } = cost;
  if (!isScryptCost(cost)) {
    throw new KeystoreError(
      'malformed',
      'Expected scrypt n to be a power of two of at least 2, r and p whole numbers of at least 1, ' +
        `got n=${n}, r=${r}, p=${p}. Use a keystore with a valid cost.`,
    );
  }
  const work = n * r * p;
  const memoryBytes = scryptMemoryBytes(cost);
  if (work > limits.scryptWorkMax || memoryBytes > limits.scryptMemoryBytesMax) {
    throw new KeystoreError(
      'kdf-too-costly',
      `Expected scrypt with n·r·p of at most ${limits.scryptWorkMax} in at most ${limits.scryptMemoryBytesMax} bytes, ` +
        `got n=${n}, r=${r}, p=${p}: ${work} in ${memoryBytes} bytes. Raise the limits if you trust this file.`,
    );
  }
}

/** True for numbers that scrypt is defined for. Says nothing about how long they take. */
export function isScryptCost({ n, r, p }: ScryptCost): boolean {
  return [n, r, p].every(Number.isSafeInteger) && n >= 2 && 2 ** Math.round(Math.log2(n)) === n && r >= 1 && p >= 1;
}

function requirePbkdf2Within(iterations: number, limits: KdfLimits): void {
  if (!Number.isSafeInteger(iterations) || iterations < 1) {
    throw new KeystoreError(
      'malformed',
      `Expected pbkdf2 c to be a whole number of at least 1, got ${iterations}. Use a keystore with a valid cost.`,
    );
  }
  if (iterations > limits.pbkdf2IterationsMax) {
    throw new KeystoreError(
      'kdf-too-costly',
      `Expected pbkdf2 with c of at most ${limits.pbkdf2IterationsMax}, got ${iterations}. ` +
        'Raise the limits if you trust this file.',
    );
  }
}

/** What OpenSSL counts against `maxmem`: p blocks, the table of n blocks and two blocks of scratch, 128·r bytes each. */
const scryptMemoryBytes = ({ n, r, p }: ScryptCost): number => 128 * r * (n + p + 2);

function nodePbkdf2(passphrase: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    pbkdf2(passphrase, salt, iterations, derivedKeyBytes, 'sha256', (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

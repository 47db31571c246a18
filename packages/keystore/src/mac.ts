/** The MAC rules of the published formats, and which of them a file may follow. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** Who writes which MAC. `tail` is derived key [16:32].
 * - `sha3`: SHA3-256(tail ‖ ciphertext). gsym, the Symverse CA and the paper's Fig. 3.
 * - `sha3-iv`: SHA3-256(tail ‖ ciphertext ‖ iv ‖ ASCII cipher name). Version 4 as neb.js writes and demands it.
 * - `keccak`: Keccak-256(tail ‖ ciphertext). Ethereum.
 */
export type MacRule = 'sha3' | 'sha3-iv' | 'keccak';

/** What a MAC may cover: 16 + 1–32 + 16 bytes and the cipher's name. */
interface MacInput {
  tail: Uint8Array;
  ciphertext: Uint8Array;
  iv: Uint8Array;
  cipher: string;
}

/** 32 bytes. */
export function computeMac(rule: MacRule, { tail, ciphertext, iv, cipher }: MacInput): Uint8Array {
  switch (rule) {
    case 'sha3':
      return createHash('sha3-256').update(tail).update(ciphertext).digest();
    case 'sha3-iv':
      return createHash('sha3-256').update(tail).update(ciphertext).update(iv).update(cipher, 'ascii').digest();
    case 'keccak':
      return keccak_256.create().update(tail).update(ciphertext).digest();
  }
}

/**
 * The rules that a file may follow, in the order in which they are tried.
 *
 * | version | machash | rules |
 * |---|---|---|
 * | 3 | none    | sha3, keccak |
 * | 3 | sha3256 | sha3 |
 * | 4 | none    | sha3-iv, sha3, keccak |
 * | 4 | sha3256 | sha3-iv, sha3 |
 */
export function macRulesOf(file: { version: 3 | 4; machash: 'sha3256' | undefined }): MacRule[] {
  const rules: MacRule[] = file.version === 4 ? ['sha3-iv', 'sha3'] : ['sha3'];
  return file.machash === undefined ? [...rules, 'keccak'] : rules;
}

/** The first rule under which `mac` (32 bytes) is right, or `undefined`. Every rule is computed and compared in constant time. */
export function matchMac(rules: MacRule[], mac: Uint8Array, input: MacInput): MacRule | undefined {
  return rules.filter((rule) => timingSafeEqual(computeMac(rule, input), mac))[0];
}

/** Hashes, keys, checksums and contract addresses. */
import { expect } from 'vitest';
import { concatBytes, fromHex0x, hexToBytes, toHex0x } from '@jigeum/std';
import {
  contractAddress,
  EMPTY_TRIE_ROOT,
  encodeRlp,
  integerToBytes,
  isChecksumCase,
  keyHash,
  nobleCrypto,
  parseSymId,
  sha3_256,
  symIdToBytes,
  toChecksumCase,
} from '@jigeum/symverse';
import { nativeCrypto, nativeSha3 } from '@jigeum/symverse/native';
import { onlyFields, type Hex, type Section } from './section.ts';

export const hash: Section<
  readonly { input_utf8?: string; sha3_256?: Hex; keccak_256_for_contrast?: Hex; value?: Hex; what?: string }[]
> = (entries) =>
  entries.map((entry) => ({
    name: entry.what ?? JSON.stringify(entry.input_utf8),
    run() {
      onlyFields(entry, 'input_utf8', 'sha3_256', 'keccak_256_for_contrast', 'value');
      if (entry.value !== undefined) {
        expect(toHex0x(EMPTY_TRIE_ROOT)).toBe(entry.value);
        return;
      }
      const bytes = new TextEncoder().encode(entry.input_utf8);
      for (const sha3 of [sha3_256, nativeSha3]) expect(toHex0x(sha3(bytes))).toBe(entry.sha3_256);
      expect(entry.keccak_256_for_contrast).not.toBe(entry.sha3_256);
    },
  }));

export const keys: Section<
  readonly {
    private_key?: Hex;
    public_key_xy?: Hex;
    public_key_x?: Hex;
    public_key_y?: Hex;
    public_key_hash: Hex;
  }[]
> = (entries) =>
  entries.map((entry) => ({
    name: entry.public_key_hash,
    run() {
      onlyFields(entry, 'private_key', 'public_key_xy', 'public_key_x', 'public_key_y', 'public_key_hash');
      const publicKey =
        entry.public_key_xy === undefined
          ? concatBytes(fromHex0x(entry.public_key_x!), fromHex0x(entry.public_key_y!))
          : fromHex0x(entry.public_key_xy);
      for (const crypto of [nobleCrypto, nativeCrypto]) {
        expect(toHex0x(keyHash(publicKey, crypto.sha3))).toBe(entry.public_key_hash);
        if (entry.private_key !== undefined) expect(crypto.publicKey(fromHex0x(entry.private_key))).toEqual(publicKey);
      }
    },
  }));

export const checksum_case: Section<{
  rule: string;
  vectors: readonly { lowercase: string; checksummed: string }[];
}> = (section) => {
  onlyFields(section, 'vectors');
  return section.vectors.map((entry) => ({
    name: entry.checksummed,
    run() {
      onlyFields(entry, 'lowercase', 'checksummed');
      const { lowercase, checksummed } = entry;
      expect(toChecksumCase(lowercase)).toBe(checksummed);
      expect(isChecksumCase(checksummed)).toBe(true);
      expect(checksummed.toLowerCase()).toBe(lowercase);
      const wrong = checksummed.replace(/[A-Z]/, (letter) => letter.toLowerCase());
      expect(isChecksumCase(wrong)).toBe(false);
      if (lowercase.length !== 20) return;
      expect(parseSymId(`0x${checksummed}`)).toBe(`0x${lowercase}`);
      expect(() => parseSymId(`0x${wrong}`)).toThrow('checksum');
      expect(toHex0x(symIdToBytes(parseSymId(`0x${lowercase}`)))).toBe(toHex0x(hexToBytes(lowercase)));
    },
  }));
};

export const contract_addresses: Section<
  readonly { creator: Hex; nonce: number; digest: Hex; era: 'old' | 'new'; address: Hex }[]
> = (entries) =>
  entries.map((entry) => ({
    name: `${entry.era}: ${entry.address}`,
    run() {
      onlyFields(entry, 'creator', 'nonce', 'digest', 'era', 'address');
      const creator = parseSymId(entry.creator);
      const nonce = BigInt(entry.nonce);
      expect(toHex0x(sha3_256(encodeRlp([symIdToBytes(creator), integerToBytes(nonce)])))).toBe(entry.digest);
      expect(contractAddress(creator, nonce, entry.era === 'new' ? 'current' : 'old')).toBe(entry.address);
      expect(contractAddress(creator, nonce, entry.era === 'new' ? 'old' : 'current')).not.toBe(entry.address);
      expect(contractAddress(creator, nonce + 1n, entry.era === 'new' ? 'current' : 'old')).not.toBe(entry.address);
    },
  }));

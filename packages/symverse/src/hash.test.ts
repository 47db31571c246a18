import { bytesToHex, hexToBytes, toHex0x } from '@jigeum/std';
import { describe, expect, test } from 'vitest';
import { sha3_256 } from './hash.ts';
import { nativeSha3 } from './native.ts';
import { readVectorText, symverseVectors } from './testing/vectors.ts';

/** Entries of the Keccak team's known-answer file: Len (bits), Msg, MD. Of length 0 the file prints Msg = 00. */
const KNOWN = [
  ...readVectorText('sha3/ShortMsgKAT_SHA3-256.bytes.txt').matchAll(
    /Len = (\d+)\s+Msg = ([0-9A-F]+)\s+MD = ([0-9A-F]+)/g,
  ),
].map(([, bits, message, digest]) => ({
  message: bits === '0' ? '' : message!.toLowerCase(),
  digest: digest!.toLowerCase(),
}));

describe.each([
  ['noble', sha3_256],
  ['OpenSSL', nativeSha3],
])('SHA3-256 of %s', (_name, sha3) => {
  test('gives the digest of every known answer', () => {
    expect(KNOWN.length).toBe(256);
    for (const { message, digest } of KNOWN) expect(bytesToHex(sha3(hexToBytes(message)))).toBe(digest);
  });

  test.each(symverseVectors().hash.filter((vector) => vector.sha3_256 !== undefined))(
    'hashes $input_utf8',
    ({ input_utf8, sha3_256: expected }) => {
      expect(toHex0x(sha3(new TextEncoder().encode(input_utf8)))).toBe(expected);
    },
  );
});

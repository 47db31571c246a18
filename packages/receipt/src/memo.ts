/**
 * A memo is for payer and payee. Its commitment stands in the receipt: who is shown memo and salt can check them, and nobody
 * can find the memo out by trying, because the salt is random.
 */
import { concatBytes, toHex0x } from '@jigeum/std';
import { sha256 } from '@noble/hashes/sha2.js';

export const MEMO_SALT_BYTES = 32;
const DOMAIN = new TextEncoder().encode('jigeum-receipt-memo:1:');

/** `0x` and 64 hex digits: SHA-256 of the domain, the salt (32 bytes) and the memo in UTF-8. An empty memo has one too. */
export function memoCommitment(memo: string, salt: Uint8Array): string {
  if (salt.length !== MEMO_SALT_BYTES)
    throw new RangeError(`Expected a salt of ${MEMO_SALT_BYTES} bytes, got ${salt.length}.`);
  return toHex0x(sha256(concatBytes(DOMAIN, salt, new TextEncoder().encode(memo))));
}

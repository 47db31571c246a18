/** Random bytes and identifiers, injected so that a seed can replay a run. */
import { randomBytes } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from './hex.ts';

export interface Ids {
  /** Bytes from a cryptographic source (a seed in tests). */
  bytes(length: number): Uint8Array;
  /** A UUID version 7 (RFC 9562): time-ordered, 36 characters, lowercase. */
  uuid(nowMs: number): string;
}

/** Identifiers from the machine's cryptographic random source. */
export const randomIds: Ids = { bytes: randomBytes, uuid: (nowMs) => uuidV7(nowMs, randomBytes(10)) };

/** Identifiers that repeat for one seed. For tests and simulation only: anyone can foretell them. */
export function seededIds(seed: string): Ids {
  let counter = 0;
  const bytes = (length: number): Uint8Array => {
    const out = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = sha256(new TextEncoder().encode(`${seed}:${counter++}`));
      out.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return out;
  };
  return { bytes, uuid: (nowMs) => uuidV7(nowMs, bytes(10)) };
}

/** RFC 9562 §5.7: 48 bits of milliseconds, version 7, 12 random bits, variant 10, 62 random bits. */
function uuidV7(nowMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(nowMs) << 16n);
  bytes.set(random, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

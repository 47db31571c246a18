/** Random bytes and identifiers, injected so that a seed can replay a run. */
import { randomBytes } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from './hex.ts';

export interface Ids {
  /** Bytes from a cryptographic source (a seed in tests). */
  bytes(length: number): Uint8Array;
  /**
   * A UUID version 7 (RFC 9562), 36 characters, lowercase. Ordered by `nowMs`, and within one millisecond by the order of
   * the calls, so that what was made later is listed later.
   */
  uuid(nowMs: number): string;
}

/** Identifiers from the machine's cryptographic random source. */
export const randomIds: Ids = idsFrom(randomBytes);

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
  return idsFrom(bytes);
}

/** Identifiers of bytes from `bytes`. */
export function idsFrom(bytes: Ids['bytes']): Ids {
  return { bytes, uuid: uuidsOf(bytes) };
}

/** One bit fewer than there are, so that a millisecond has room for what follows its first identifier. */
const FIRST_BITS = 73;
/** Steps of up to 2^56: the next identifier cannot be guessed, and 100,000 of them fit into a millisecond. */
const STEP_BYTES = 7;

/** RFC 9562 §6.2, method 2: within a millisecond the random bits grow by random steps. A full millisecond takes of the next. */
function uuidsOf(bytes: Ids['bytes']): Ids['uuid'] {
  let lastMs = -1;
  let random = 0n;
  return (nowMs) => {
    random =
      nowMs === lastMs ? random + 1n + numberOf(bytes(STEP_BYTES)) : BigInt.asUintN(FIRST_BITS, numberOf(bytes(10)));
    lastMs = nowMs;
    return uuidV7((BigInt(nowMs) << 74n) + random);
  };
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(bytes)}`);

/** RFC 9562 §5.7: 48 bits of milliseconds, version 7, 12 random bits, variant 10, 62 random bits. */
function uuidV7(ordered: bigint): string {
  const high = ((ordered >> 74n) << 16n) | 0x7000n | BigInt.asUintN(12, ordered >> 62n);
  const low = (2n << 62n) | BigInt.asUintN(62, ordered);
  const hex = high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

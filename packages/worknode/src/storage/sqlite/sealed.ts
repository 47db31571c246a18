/**
 * Stored bytes with their checksum: 4 bytes of CRC-32 over the row's key (8 bytes, big-endian) and the content, then the
 * content. CRC-32 finds rot, at the speed of memory; against somebody who recomputes it stand hashes, roots and seals.
 */
import { crc32 } from 'node:zlib';
import { assert } from '@jigeum/std';

/** Where the content of a sealed row begins. */
const CONTENT_AT = 4;
const START_BYTES = 1024;
/** The longest row of a full block. What is longer comes once in a chain's life, with its genesis. */
const SPARE_BYTES_MAX = 2 ** 21;

const NO_BYTES = Buffer.alloc(0);
/** The bytes of the row that was finished last; undefined while another is written into them. */
let spare: Buffer | undefined;

function takeSpare(): Buffer {
  const taken = spare ?? Buffer.allocUnsafeSlow(START_BYTES);
  spare = undefined;
  return taken;
}

/**
 * Builds the content of a row, part by part. Integers are big-endian. Rows are written one after the other, hundreds with each block,
 * and into the same bytes: megabytes of new ones for each block would lie about until the collector comes.
 */
export class SealedWriter {
  #bytes: Buffer = NO_BYTES;
  #at = CONTENT_AT;

  u8(value: number): this {
    this.#reserve(1);
    this.#at = this.#bytes.writeUInt8(value, this.#at);
    return this;
  }
  u16(value: number): this {
    this.#reserve(2);
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
    return this;
  }
  u32(value: number): this {
    this.#reserve(4);
    this.#at = this.#bytes.writeUInt32BE(value, this.#at);
    return this;
  }
  u48(value: number): this {
    this.#reserve(6);
    this.#at = this.#bytes.writeUIntBE(value, this.#at, 6);
    return this;
  }
  /** The bytes alone: the reader knows how many. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }
  /** The bytes behind their length in 4 bytes. */
  blob(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }
  /** Bytes or their absence: 0, or the length and one in 4 bytes. */
  option(bytes: Uint8Array | undefined): this {
    return bytes === undefined ? this.u32(0) : this.u32(bytes.length + 1).raw(bytes);
  }
  /** Where the next part of the row will stand. */
  get at(): number {
    return this.#at;
  }
  /** Makes room for so many bytes more at once: a long row is not copied again and again while it grows. */
  room(count: number): this {
    this.#reserve(count);
    return this;
  }
  /** The finished row, which is to be used before another is begun. The writer begins anew with its next call. */
  seal(key: number): Uint8Array {
    this.#reserve(0);
    const row = this.#bytes.subarray(0, this.#at);
    row.writeUInt32BE(checksum(key, row.subarray(CONTENT_AT)), 0);
    if (this.#bytes.length <= SPARE_BYTES_MAX) spare = this.#bytes;
    this.#bytes = NO_BYTES;
    this.#at = CONTENT_AT;
    return row;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    if (this.#bytes === NO_BYTES) {
      this.#bytes = takeSpare();
      return this.#reserve(count);
    }
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/** Reads what `SealedWriter` wrote. Bytes that it gives are views into the row. */
export class SealedReader {
  readonly #bytes: Buffer;
  #at = CONTENT_AT;

  /** Throws `BrokenSealError` when the checksum is not that of key and content. */
  constructor(key: number, row: Uint8Array) {
    this.#bytes = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
    if (row.length < CONTENT_AT) throw new BrokenSealError('it is too short');
    if (checksum(key, this.#bytes.subarray(CONTENT_AT)) !== this.#bytes.readUInt32BE(0))
      throw new BrokenSealError('it does not have its checksum');
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }
  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }
  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }
  u48(): number {
    return this.#bytes.readUIntBE(this.#advance(6), 6);
  }
  raw(length: number): Uint8Array {
    const at = this.#advance(length);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
  }
  blob(): Uint8Array {
    return this.raw(this.u32());
  }
  option(): Uint8Array | undefined {
    const length = this.u32();
    return length === 0 ? undefined : this.raw(length - 1);
  }
  text(length: number): string {
    const at = this.#advance(length);
    return this.#bytes.toString('utf8', at, at + length);
  }
  skip(length: number): void {
    this.#advance(length);
  }
  /** Where the next part of the row stands. */
  get position(): number {
    return this.#at;
  }
  /** Goes on at this byte of the content. */
  at(offset: number): this {
    this.#at = CONTENT_AT + offset;
    return this;
  }
  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #advance(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new BrokenSealError('it ends too early');
    this.#at = at + count;
    return at;
  }
}

/** The option at a place of a row that has been written or checked; a view into it. */
export function optionAt(row: Uint8Array, place: number): Uint8Array | undefined {
  const length = new DataView(row.buffer, row.byteOffset, row.byteLength).getUint32(place);
  return length === 0 ? undefined : new Uint8Array(row.buffer, row.byteOffset + place + 4, length - 1);
}

/** A row that is not what was written. */
export class BrokenSealError extends Error {
  override readonly name = 'BrokenSealError';
}

const keyBytes = Buffer.alloc(8);

function checksum(key: number, content: Uint8Array): number {
  assert(Number.isSafeInteger(key) && key >= 0, `the row key ${key} is a whole number`);
  keyBytes.writeUInt32BE(Math.floor(key / 2 ** 32), 0);
  keyBytes.writeUInt32BE(key % 2 ** 32, 4);
  return crc32(content, crc32(keyBytes));
}

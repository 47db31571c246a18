/**
 * Byte strings in one buffer. 300,000 rows of a few dozen bytes would be 300,000 buffers for the collector to visit; here they
 * are one. Nothing is taken out: what a start puts in is at most what storage holds.
 */

/** The place of a byte string that is not on the shelf. */
export const NOWHERE = -1;

export interface ByteShelf {
  /** Puts a copy in and gives its place. */
  put(bytes: Uint8Array): number;
  /** A view, not to be changed and not to be kept. */
  at(place: number): Uint8Array;
}

const LENGTH_BYTES = 4;
const SIZE_MIN = 4096;

/** A shelf without anything on it. */
export function createByteShelf(): ByteShelf {
  let buffer = new Uint8Array(SIZE_MIN);
  let view = new DataView(buffer.buffer);
  let end = 0;
  const reserve = (size: number): void => {
    if (end + size <= buffer.length) return;
    const grown = new Uint8Array(Math.ceil((end + size) * 1.5));
    grown.set(buffer);
    buffer = grown;
    view = new DataView(buffer.buffer);
  };
  return {
    put(bytes) {
      reserve(LENGTH_BYTES + bytes.length);
      const place = end;
      view.setUint32(place, bytes.length);
      buffer.set(bytes, place + LENGTH_BYTES);
      end = place + LENGTH_BYTES + bytes.length;
      return place;
    },
    at: (place) => buffer.subarray(place + LENGTH_BYTES, place + LENGTH_BYTES + view.getUint32(place)),
  };
}

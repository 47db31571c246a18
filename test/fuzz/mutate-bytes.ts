/** Damage to bytes: blind, as lines and disks do it, and along the structure of RLP, as people do it. */
import type { Random } from './random.ts';
import { joined, mutateTree, readTree, writeTree } from './rlp-tree.ts';

/** Bytes changed in one to four ways. `other` is another valid input, to take parts from. */
export function mutateBytes(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let out = bytes;
  const rounds = random.oneIn(3) ? random.between(2, 4) : 1;
  for (let round = 0; round < rounds; round++) out = mutateOnce(random, out, other);
  return out;
}

function mutateOnce(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  if (random.oneIn(2)) {
    const tree = readTree(bytes);
    const otherTree = readTree(other);
    if (tree !== undefined && otherTree !== undefined) return writeTree(mutateTree(random, tree, otherTree));
  }
  const at = random.below(bytes.length + 1);
  switch (random.below(8)) {
    case 0:
      return changed(bytes, at, (byte) => byte ^ (1 << random.below(8)));
    case 1:
      return changed(bytes, at, () => random.below(256));
    case 2:
      return bytes.slice(0, at);
    case 3:
      return joined([bytes, random.bytes(random.between(1, 8))]);
    case 4: // Splice: the beginning of one, the end of another.
      return joined([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]);
    case 5: // A length prefix somewhat off, or huge.
      return prefixChanged(random, bytes);
    case 6: {
      const length = random.between(1, 12);
      return joined([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
    }
    default:
      return joined([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 12))]);
  }
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const out = bytes.slice();
  if (at < out.length) out[at] = change(out[at]!);
  return out;
}

/** Prefixes of lengths that no input has: four and eight bytes of it, for strings and for lists. */
const HUGE_PREFIXES: readonly Uint8Array[] = [
  Uint8Array.of(0xbb, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xfb, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xbb, 0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01),
];

function prefixChanged(random: Random, bytes: Uint8Array): Uint8Array {
  const places: number[] = [];
  bytes.forEach((byte, at) => {
    if (byte >= 0x80 && places.length < 64) places.push(at);
  });
  if (places.length === 0) return bytes;
  const at = random.pick(places);
  if (random.oneIn(3)) return joined([bytes.subarray(0, at), random.pick(HUGE_PREFIXES), bytes.subarray(at + 1)]);
  return changed(bytes, at, (byte) => byte + random.pick([-2, -1, 1, 2, 55, -55, 0x40]));
}

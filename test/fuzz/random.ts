/** Numbers that repeat: the generator behind every input. Input `index` of a run depends on seed, target and index alone. */

/** sfc32 (Chris Doty-Humphrey, PractRand): fast, 128 bits of state, good enough for choosing bytes. Not for keys. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string, index: number) {
    const hash = hashOf(seed);
    this.#a = hash;
    this.#b = index >>> 0;
    this.#c = Math.floor(index / 2 ** 32) ^ 0x9e3779b9;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** An integer of 32 bits. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** An integer of 0 to count − 1; count is at most 2^32. */
  below(count: number): number {
    return Math.floor((this.next() / 2 ** 32) * count);
  }

  /** An integer of min to max, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.next();
      out[at] = word;
      if (at + 1 < length) out[at + 1] = word >>> 8;
      if (at + 2 < length) out[at + 2] = word >>> 16;
      if (at + 3 < length) out[at + 3] = word >>> 24;
    }
    return out;
  }
}

/** FNV-1a of the text's UTF-16 units, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

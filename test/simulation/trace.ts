/** What happened in a world, line by line: all of it in a hash, the newest lines in memory for the report of a failure. */
import { createHash } from 'node:crypto';

/** Enough to see what led to a failure. */
const LINES_KEPT = 400;

/** The log of one world. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];
  #count = 0;

  /** Adds a line. */
  note(line: string): void {
    this.#hash.update(line).update('\n');
    this.#lines[this.#count++ % LINES_KEPT] = line;
  }

  /** Adds bytes that nobody reads line by line, for example an answer of the database. */
  bytes(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Hex of everything so far; nothing can be added afterwards. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  /** The newest lines, oldest first. */
  last(count: number): string[] {
    const from = Math.max(0, this.#count - Math.min(count, LINES_KEPT));
    return Array.from({ length: this.#count - from }, (_, index) => this.#lines[(from + index) % LINES_KEPT]!);
  }
}

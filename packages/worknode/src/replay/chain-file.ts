/**
 * A chain in one file, to be carried elsewhere: no keys, no state, nothing but what was sealed and recorded.
 *
 *   "jigeum-chain 1\n", then entries: 4 bytes of length and a sealed row whose key is the entry's number
 *   entry 0    the genesis as text
 *   then       blocks of both chains in the order in which they were made
 *   last       how many entries stand before it: a file that was cut off has none
 */
import { closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { writeFully } from '../storage/durable.ts';
import type { AnyBlock } from './stored-blocks.ts';
import { BrokenSealError, SealedReader, SealedWriter } from '../storage/sqlite/sealed.ts';

const MAGIC = new TextEncoder().encode('jigeum-chain 1\n');
const KIND = { genesis: 0, main: 1, citizen: 2, end: 3 } as const;
/** The largest entry is the citizen block of a genesis of a hundred thousand citizens: 20 MB. */
const ENTRY_BYTES_MAX = 256 * 1024 * 1024;

/** A file that is no chain, or not whole. */
export class ChainFileError extends Error {
  override readonly name = 'ChainFileError';
}

/** Writes a file. Call `end` last. */
export class ChainFileWriter {
  readonly #fd: number;
  #entries = 0;

  /** Throws when the file exists. */
  constructor(file: string, genesis: string) {
    this.#fd = openSync(file, 'wx', 0o644);
    writeFully(this.#fd, MAGIC);
    this.#write(new SealedWriter().u8(KIND.genesis).blob(Buffer.from(genesis)));
  }

  add(entry: AnyBlock): void {
    const { number, hash, header } = entry.block;
    const writer = new SealedWriter().u8(KIND[entry.chain]).u48(number).raw(hash).blob(header);
    if (entry.chain === 'main') {
      writer.blob(entry.block.sign).u32(entry.block.transactions.length);
      for (const row of entry.block.transactions) writer.raw(row.hash).blob(row.raw).blob(row.receipt);
    } else {
      writer.u32(entry.block.citizens.length);
      for (const row of entry.block.citizens) writer.raw(row.hash).blob(row.raw);
    }
    this.#write(writer);
  }

  /** Returns when the disk has the whole file. */
  end(): void {
    this.#write(new SealedWriter().u8(KIND.end).u48(this.#entries));
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(writer: SealedWriter): void {
    const row = writer.seal(this.#entries++);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(row.length);
    writeFully(this.#fd, length);
    writeFully(this.#fd, row);
  }
}

/** Reads a file from its beginning to its end. */
export class ChainFileReader {
  readonly #file: string;
  readonly #fd: number;
  #entries = 0;
  /** The genesis's text, as it was stored. */
  readonly genesis: string;

  /** Throws `ChainFileError`. */
  constructor(file: string) {
    this.#file = file;
    this.#fd = openSync(file, 'r');
    try {
      this.genesis = this.#genesis();
    } catch (cause) {
      this.close();
      if (!(cause instanceof BrokenSealError)) throw cause;
      throw this.#broken(`its genesis is damaged: ${cause.message}`, cause);
    }
  }

  /** All blocks. Throws `ChainFileError` naming the block at which the file is not what was written. */
  *blocks(): Generator<AnyBlock, void> {
    let last = 'the genesis';
    for (;;) {
      let next: AnyBlock | undefined;
      try {
        next = this.#block();
      } catch (cause) {
        if (!(cause instanceof BrokenSealError)) throw cause;
        throw this.#broken(`what stands after ${last} is damaged: ${cause.message}`, cause);
      }
      if (next === undefined) break;
      last = `${next.chain === 'main' ? 'block' : 'citizen block'} ${next.block.number}`;
      yield next;
    }
    if (readSync(this.#fd, Buffer.alloc(1)) !== 0) throw this.#broken('something stands after its end');
  }

  close(): void {
    closeSync(this.#fd);
  }

  #genesis(): string {
    if (!this.#bytes(MAGIC.length).equals(MAGIC)) throw new BrokenSealError('it is no exported chain of this version');
    const entry = this.#entry();
    if (entry.u8() !== KIND.genesis) throw new BrokenSealError('it does not come first');
    return Buffer.from(entry.blob()).toString('utf8');
  }

  #block(): AnyBlock | undefined {
    const before = this.#entries;
    const entry = this.#entry();
    const kind = entry.u8();
    if (kind === KIND.end) {
      if (entry.u48() !== before || !entry.isAtEnd()) throw new BrokenSealError('its end tells another length');
      return undefined;
    }
    const [number, hash, header] = [entry.u48(), entry.raw(32), entry.blob()];
    if (kind === KIND.main) {
      const sign = entry.blob();
      const transactions = Array.from({ length: entry.u32() }, () => ({
        hash: entry.raw(32),
        raw: entry.blob(),
        receipt: entry.blob(),
      }));
      if (entry.isAtEnd()) return { chain: 'main', block: { number, hash, header, sign, transactions } };
    } else if (kind === KIND.citizen) {
      const citizens = Array.from({ length: entry.u32() }, () => ({ hash: entry.raw(32), raw: entry.blob() }));
      if (entry.isAtEnd()) return { chain: 'citizen', block: { number, hash, header, citizens } };
    }
    throw new BrokenSealError('it is no block');
  }

  #entry(): SealedReader {
    const length = this.#bytes(4).readUInt32BE();
    if (length > ENTRY_BYTES_MAX) throw new BrokenSealError(`its length of ${length} bytes is more than any block has`);
    return new SealedReader(this.#entries++, this.#bytes(length));
  }

  #bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length;) {
      const count = readSync(this.#fd, bytes, at, length - at, null);
      if (count === 0) throw new BrokenSealError('the file ends too early');
      at += count;
    }
    return bytes;
  }

  #broken(what: string, cause?: unknown): ChainFileError {
    return new ChainFileError(
      `The file ${this.#file} cannot be imported: ${what}. Export the chain again, or use another copy of the file.`,
      { cause },
    );
  }
}

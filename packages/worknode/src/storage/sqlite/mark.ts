/**
 * A file beside the database that remembers how far it had come. After a crash SQLite reads its write-ahead log up to the first
 * frame that is not sound and forgets the rest without a word: a changed byte there would turn answered blocks into blocks that
 * never were. The mark is written when the disk has a commit, so the database may be ahead of it, never behind.
 *
 * One line of 64 bytes, written in place: it survives the end of the process at any moment. It is not synced; after a power cut
 * the disk has this line or an older one.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../durable.ts';
import { crc32 } from 'node:zlib';

/** How far the database has come. */
export interface MarkPoint {
  readonly commits: number;
  /** Main blocks. */
  readonly blocks: number;
}

const LINE_BYTES = 64;

export class Mark {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens the file, or makes it and waits until the disk has it. */
  static open(file: string): Mark {
    if (readMark(file) !== undefined) return new Mark(openSync(file, 'r+'));
    const mark = new Mark(openSync(file, 'w+', 0o600));
    mark.write({ commits: 0, blocks: 0 });
    fsyncSync(mark.#fd);
    syncFolder(dirname(file));
    return mark;
  }

  write(point: MarkPoint): void {
    writeSync(this.#fd, lineOf(point), 0, 'latin1');
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * The point in a mark file; undefined when there is no file or nothing was written into it yet, as after a crash that came first;
 * 'damaged' when it holds anything else than a mark.
 */
export function readMark(file: string): MarkPoint | 'damaged' | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'latin1');
  if (text.replaceAll('\0', '') === '') return undefined;
  const [, commits, blocks] = /^jigeum-mark ([0-9]{16}) ([0-9]{16}) [0-9a-f]{8} +\n$/.exec(text) ?? [];
  if (commits === undefined || blocks === undefined) return 'damaged';
  const point = { commits: Number.parseInt(commits, 10), blocks: Number.parseInt(blocks, 10) };
  return lineOf(point) === text ? point : 'damaged';
}

function lineOf({ commits, blocks }: MarkPoint): string {
  const content = `jigeum-mark ${pad(commits)} ${pad(blocks)}`;
  return `${`${content} ${crc32(content).toString(16).padStart(8, '0')}`.padEnd(LINE_BYTES - 1)}\n`;
}

const pad = (count: number): string => count.toString().padStart(16, '0');

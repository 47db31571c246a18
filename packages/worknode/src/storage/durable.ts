/** Writing files so that they outlive the power: whole, and with the name under which they are found. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Writes all bytes where the file stands; the system may take fewer at a time. */
export function writeFully(
  fd: number,
  bytes: Uint8Array,
  write: (fd: number, bytes: Uint8Array, offset: number) => number = writeSync,
): void {
  for (let at = 0; at < bytes.length;) {
    const count = write(fd, bytes, at);
    if (count === 0)
      throw new Error(`The disk took ${at} of ${bytes.length} bytes and then no more. Make room, and try again.`);
    at += count;
  }
}

/** Makes a folder that its owner alone reads, with what is missing above it, and waits until the disk has their names. */
export function makeFolder(path: string, sync: (folder: string) => void = syncFolder): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const above = dirname(resolve(first));
  for (let made = resolve(path); made !== above; made = dirname(made)) sync(dirname(made));
}

/** Gives files that are on the disk other names, in this order, and waits until the disk has those too. */
export function renameDurably(
  files: readonly (readonly [from: string, to: string])[],
  sync: (folder: string) => void = syncFolder,
): void {
  for (const [from, to] of files) renameSync(from, to);
  for (const folder of new Set(files.map(([, to]) => dirname(to)))) sync(folder);
}

/** Waits until the disk has the names in a folder. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

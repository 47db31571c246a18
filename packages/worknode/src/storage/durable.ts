/** Writing files so that they outlive the power: whole, and with the name under which they are found. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes all bytes where the file stands; the system may take fewer at a time. */
export function writeFully(
  fd: number,
  bytes: Uint8Array,
  write: (fd: number, bytes: Uint8Array, offset: number) => number = writeSync,
): void {
  for (let at = 0; at < bytes.length;) at += write(fd, bytes, at);
}

/** Gives files that are on the disk other names, in this order, and waits until the disk has those too. */
export function renameDurably(files: readonly (readonly [from: string, to: string])[]): void {
  for (const [from, to] of files) renameSync(from, to);
  for (const folder of new Set(files.map(([, to]) => dirname(to)))) syncFolder(folder);
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

import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder, renameDurably, writeFully } from './durable.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'jigeum-durable-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('writes everything where the system takes a few bytes at a time', () => {
  const file = join(folder, 'file');
  const fd = openSync(file, 'w');
  writeFully(fd, Buffer.from('first '));
  writeFully(fd, Buffer.from('and second'), (to, bytes, offset) =>
    writeSync(to, bytes, offset, Math.min(3, bytes.length - offset)),
  );
  closeSync(fd);
  expect(readFileSync(file, 'utf8')).toBe('first and second');
});

it('does not wait for ever for a disk that takes nothing and says nothing', () => {
  let calls = 0;
  const full = (): number => (++calls === 2 ? 0 : 4);
  expect(() => writeFully(0, new Uint8Array(9), full)).toThrow('The disk took 4 of 9 bytes and then no more.');
  expect(calls).toBe(2);
});

it('makes a folder and those above it, and waits until the disk has the names of all', () => {
  const synced: string[] = [];
  const made = join(folder, 'a', 'b');
  makeFolder(made, (path) => synced.push(path));
  expect(statSync(made).mode & 0o777).toBe(0o700);
  expect(synced).toEqual([join(folder, 'a'), folder]);
  makeFolder(made, (path) => synced.push(path));
  expect(synced).toHaveLength(2);
});

it('passes on what the system refuses, and does not go on', () => {
  let calls = 0;
  const full = (): number => {
    if (++calls === 2) throw new Error('ENOSPC');
    return 1;
  };
  expect(() => writeFully(0, new Uint8Array(9), full)).toThrow('ENOSPC');
  expect(calls).toBe(2);
});

it('renames all files, and waits once until the disk has their names', () => {
  for (const name of ['a.draft', 'b.draft']) writeFileSync(join(folder, name), name);
  const synced: unknown[] = [];
  renameDurably(
    ['a', 'b'].map((name) => [join(folder, `${name}.draft`), join(folder, name)]),
    (path) => synced.push([path, readdirSync(path)]),
  );
  expect(readdirSync(folder)).toEqual(['a', 'b']);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('a.draft');
  expect(synced).toEqual([[folder, ['a', 'b']]]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleBlock } from '../conformance.ts';
import { openSqliteStorage } from '../sqlite.ts';
import type { JournalRow, NodeStorage } from '../storage.ts';
import { LogSync } from './log-sync.ts';
import { readMark } from './mark.ts';

let folder: string;
let file: string;
let storage: NodeStorage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-storage-'));
  file = join(folder, 'chain.sqlite');
  storage = openSqliteStorage(file);
  storage.commit({ block: sampleBlock(0), state: [] });
});
afterEach(() => {
  vi.restoreAllMocks();
  storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const row = (seed: number): JournalRow => ({ hash: new Uint8Array(32).fill(seed), raw: new Uint8Array(9).fill(seed) });
const mark = (): unknown => readMark(`${file}-mark`);

describe('the mark', () => {
  it('moves when the disk has what was written, never before: after a power cut it may not be ahead', async () => {
    storage.journalAdd([row(1)]);
    expect(mark()).toEqual({ commits: 1, blocks: 1 });
    await storage.synced();
    expect(mark()).toEqual({ commits: 2, blocks: 1 });
  });

  it('moves past the journal with the block after it, whose sync is for both', async () => {
    storage.journalAdd([row(1)]);
    const synced = storage.synced();
    storage.commit({ block: sampleBlock(1), state: [] });
    expect(mark()).toEqual({ commits: 3, blocks: 2 });
    await synced;
    expect(mark()).toEqual({ commits: 3, blocks: 2 });
  });

  it('moves when the storage is closed, though the disk is still being waited for', async () => {
    storage.journalAdd([row(1)]);
    const synced = storage.synced();
    storage.close();
    expect(mark()).toEqual({ commits: 2, blocks: 1 });
    await synced;
    storage = openSqliteStorage(file);
    expect(storage.journal()).toEqual([row(1)]);
  });
});

describe('a disk that fails to keep what was written', () => {
  const failure = new Error('EIO: the disk failed');

  it('is told to who waits, and ends all taking and reading', async () => {
    storage.journalAdd([row(1)]);
    vi.spyOn(LogSync.prototype, 'later').mockRejectedValueOnce(failure);
    await expect(storage.synced()).rejects.toBe(failure);
    expectEnded();
  });

  it('is told to who commits, and ends all taking and reading', () => {
    vi.spyOn(LogSync.prototype, 'now').mockImplementationOnce(() => {
      throw failure;
    });
    expect(() => storage.commit({ block: sampleBlock(1), state: [] })).toThrow(failure);
    expectEnded();
  });

  function expectEnded(): void {
    expect(() => storage.commit({ state: [] })).toThrow(failure);
    expect(() => storage.journalAdd([row(2)])).toThrow(failure);
    expect(() => storage.head()).toThrow(failure);
    expect(mark()).toEqual({ commits: 1, blocks: 1 });
  }
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nativeSha3 } from '@jigeum/symverse/native';
import { sampleBlock, sampleCitizenBlock, storageConformance } from './conformance.ts';
import { createMemoryStorage } from './memory.ts';
import { openSqliteStorage } from './sqlite.ts';
import { blockChecksum, DamagedStorageError, StorageInUseError } from './storage.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-storage-'));
  file = join(folder, 'chain.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

storageConformance('memory', createMemoryStorage);
storageConformance('SQLite', () => openSqliteStorage(file, nativeSha3));

it('sums up a block of any length', () => {
  const row = { hash: new Uint8Array(1), raw: new Uint8Array(1), receipt: new Uint8Array(1) };
  const transactions = Array.from({ length: 100_000 }, () => row);
  expect(blockChecksum({ ...sampleBlock(1), transactions }, nativeSha3)).toHaveLength(32);
});

describe('SQLite storage on disk', () => {
  const fill = (): void => {
    const storage = openSqliteStorage(file, nativeSha3);
    for (let number = 0; number < 20; number++) {
      storage.commit({ block: sampleBlock(number), citizenBlock: sampleCitizenBlock(number), state: [] });
    }
    storage.journalAdd([{ hash: new Uint8Array(32).fill(200), raw: new Uint8Array(50).fill(201) }]);
    storage.close();
  };
  const change = (sql: string): void => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };
  const verify = (): void => {
    const storage = openSqliteStorage(file, nativeSha3);
    try {
      storage.verify();
      storage.journal();
    } finally {
      storage.close();
    }
  };

  it('opens again with everything in it', () => {
    fill();
    const storage = openSqliteStorage(file, nativeSha3);
    storage.verify();
    expect(storage.head()).toEqual(sampleBlock(19));
    expect(storage.journal()).toHaveLength(1);
    storage.close();
  });

  it.each([
    ['a header', "update block set header = x'00' where number = 7", /block 7 does not have its checksum/],
    ['a seal', "update block set sign = x'00' where number = 3", /block 3 does not have its checksum/],
    ['a transaction', "update tx set raw = x'00' where block = 5 and idx = 1", /block 5 does not have its checksum/],
    ['a receipt', "update tx set receipt = x'00' where block = 6 and idx = 0", /block 6 does not have its checksum/],
    ['a lost transaction', 'delete from tx where block = 8 and idx = 1', /block 8 does not have its checksum/],
    ['a lost block', 'delete from block where number = 9', /block 9 is missing/],
    [
      'a citizen record',
      "update citizen set raw = x'00' where block = 4",
      /citizen block 4 does not have its checksum/,
    ],
    ['a waiting transaction', "update journal set raw = x'00'", /row 1 of the journal of waiting transactions/],
    [
      'another format',
      "update meta set value = '1' where name = 'format'",
      /another version .* expected format 2, got 1/,
    ],
  ])('names what is damaged: %s', (_what, sql, sentence) => {
    fill();
    verify();
    change(sql);
    expect(verify).toThrow(DamagedStorageError);
    expect(verify).toThrow(sentence);
    expect(verify).toThrow(file);
  });

  it('finds a flipped byte wherever it changes what is stored', () => {
    fill();
    const sound = readFileSync(file);
    const before = contentOf();
    // Every 97th byte: all pages, and all positions within a page over time. A byte that nothing reads may change unseen.
    for (let at = 0; at < sound.length; at += 97) {
      const damaged = Buffer.from(sound);
      damaged[at] = damaged[at]! ^ 0x41;
      writeFileSync(file, damaged);
      let error: unknown;
      try {
        verify();
      } catch (thrown) {
        error = thrown;
      }
      if (error === undefined) expect(contentOf(), `byte ${at}`).toEqual(before);
      else expect(error, `byte ${at}`).toBeInstanceOf(DamagedStorageError);
      writeFileSync(file, sound);
      rmSync(`${file}-wal`, { force: true });
    }
  });

  function contentOf(): unknown {
    const storage = openSqliteStorage(file, nativeSha3);
    try {
      return [
        storage.genesis(),
        Array.from({ length: 21 }, (_, number) => [storage.block(number), storage.citizenBlock(number)]),
        storage.journal(),
      ];
    } finally {
      storage.close();
    }
  }

  it('refuses a file that is no database', () => {
    writeFileSync(file, 'these are the days of our lives, and this is no database at all'.repeat(100));
    expect(() => openSqliteStorage(file, nativeSha3)).toThrow(DamagedStorageError);
  });

  it('refuses a second opener, in this process and in another, until the first has closed', async () => {
    const storage = openSqliteStorage(file, nativeSha3);
    storage.commit({ block: sampleBlock(0), state: [] });
    expect(() => openSqliteStorage(file, nativeSha3)).toThrow(StorageInUseError);
    expect(await openElsewhere(file)).toBe('StorageInUseError');
    storage.close();
    expect(await openElsewhere(file)).toBe('opened');
  });
});

/** Opens the storage in a process of its own and says how that went. */
function openElsewhere(path: string): Promise<string> {
  const script = `
    import { openSqliteStorage } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
    import { nativeSha3 } from '@jigeum/symverse/native';
    let word = 'opened';
    try { openSqliteStorage(process.argv[1], nativeSha3).close(); } catch (error) { word = error.name; }
    process.send(word, () => process.disconnect());`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, path], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (word: string) => resolve(word));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The opener ended with status ${code}.`)));
  });
}

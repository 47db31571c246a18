import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleBlock, sampleCitizenBlock, storageConformance } from './conformance.ts';
import { createMemoryStorage } from './memory.ts';
import { openSqliteStorage } from './sqlite.ts';
import { DamagedStorageError, StorageInUseError, type NodeStorage, type StateChange } from './storage.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-storage-'));
  file = join(folder, 'chain.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

storageConformance('memory', createMemoryStorage);
storageConformance('SQLite', (options) => openSqliteStorage(file, options));

const row = (seed: number, length = 10): Uint8Array => new Uint8Array(length).fill(seed);

/** 20 blocks that change the state: the first one makes so many rows that they are not all in their pages after the last. */
function fill(storage: NodeStorage): void {
  for (let number = 0; number < 20; number++) {
    const before = number === 0 ? undefined : row(number - 1);
    storage.commit({
      block: sampleBlock(number),
      citizenBlock: sampleCitizenBlock(number, number === 0 ? 300 : 1),
      state: [
        { table: 'account', key: 'often', value: row(number), before },
        ...Array.from({ length: number === 0 ? 4000 : 1 }, (_, index): StateChange => {
          return { table: 'holding', key: `once/${number}/${index}`, value: row(number, 4), before: undefined };
        }),
      ],
    });
  }
  storage.journalAdd([{ hash: row(200, 32), raw: row(201, 50) }]);
}

/** Everything that a storage tells. */
function contentOf(storage: NodeStorage): unknown {
  return {
    genesis: storage.genesis(),
    blocks: Array.from(storage.heads(), ({ number }) => [storage.block(number), storage.citizenBlock(number)]),
    places: Array.from(storage.heads(), ({ number, hash }) => [
      storage.blockNumber(hash),
      storage.block(number)?.transactions.map((transaction) => storage.transaction(transaction.hash)?.block),
    ]),
    state: [...storage.state()].map(({ table, key, value }) => [table, key, value]),
    history: Array.from(storage.heads(), ({ number }) =>
      storage.rowAt({ chain: 'main', block: number }, 'account', 'often'),
    ),
    journal: storage.journal(),
  };
}

describe('SQLite storage on disk', () => {
  const make = (): unknown => {
    const storage = openSqliteStorage(file);
    fill(storage);
    const content = contentOf(storage);
    storage.close();
    return content;
  };
  const change = (sql: string): void => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };
  const open = (): unknown => {
    const storage = openSqliteStorage(file);
    try {
      return contentOf(storage);
    } finally {
      storage.close();
    }
  };

  it('opens again with everything in it', () => {
    const content = make();
    expect(open()).toEqual(content);
  });

  it.each([
    ['a block', "update block set row = x'00' where number = 7", /block 7 is damaged: it is too short/],
    [
      'a block with the row of another',
      'update block set row = (select row from block where number = 4) where number = 3',
      /block 3 is damaged: it does not have its checksum/,
    ],
    ['transactions', "update block_part set row = x'0000000000' where id = 5 << 16", /block 5 is damaged/],
    ['lost transactions', 'delete from block_part where id = 8 << 16', /block 8 is damaged: its transactions from 0/],
    ['a lost block', 'delete from block where number = 9', /block 9 is missing/],
    ['a lost newest block', 'delete from block where number = 19', /block 19 is missing/],
    ['a citizen record', "update citizen_block set row = x'00' where number = 4", /citizen block 4 is damaged/],
    ['a record of many', "update citizen_part set row = x'0000000000' where id = 2", /citizen block 0 is damaged/],
    [
      'lost records of many',
      'delete from citizen_part where id = 3',
      /citizen block 0 is damaged: its records from 192/,
    ],
    ['a lost citizen record', 'delete from citizen_block where number = 4', /citizen block 4 is missing/],
    ['a waiting transaction', "update journal set row = x'0000000000'", /batch 1 of the journal of waiting/],
    ['a lost waiting transaction', 'delete from journal', /has 0 batches instead of 1/],
    ['a row of the history', "update undo set row = x'00' where change = 6", /change 6 of the history is damaged/],
    ['a lost row of the history', 'delete from undo where change = 6', /change 6 of the history is missing/],
    ['a lost newest row of the history', 'delete from undo where change = 20', /change 20 of the history is missing/],
    ['a page of the state', "update state_page set row = x'00'", /page 0 of the state is damaged/],
    ['a lost change of the state', 'delete from redo where change = 3', /change 3 of the state is missing/],
    ['a lost newest change of the state', 'delete from redo where change = 20', /change 20 of the state is missing/],
    ['a lost page of the state', 'delete from state_page where number = 1', /page 1 of the state is missing/],
    ['a lost last page of the state', 'delete from state_page where number = 19', /page 19 of the state is missing/],
    ['the genesis', "insert into record values ('genesis', x'0000000000')", /the record "genesis" is damaged/],
    ['how far it has come', "update record set row = x'00' where name = 'progress'", /"progress" is damaged/],
    ['another format', "delete from record where name = 'format'", /expected format 6, got none/],
    ['tables of its own', 'create table mine (id integer primary key)', /its tables are not those/],
  ])('names what is damaged: %s', (_what, sql, sentence) => {
    make();
    open();
    change(sql);
    expect(open).toThrow(DamagedStorageError);
    expect(open).toThrow(sentence);
    expect(open).toThrow(file);
  });

  it('finds a flipped byte wherever it changes what is stored', () => {
    const content = make();
    const sound = readFileSync(file);
    // Every 491st byte: all pages, and all positions within a page over time. A byte that nothing reads may change unseen.
    let refused = 0;
    for (let at = 0; at < sound.length; at += 491) {
      const damaged = Buffer.from(sound);
      damaged[at] = damaged[at]! ^ 0x41;
      writeFileSync(file, damaged);
      let found: unknown;
      try {
        found = open();
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(DamagedStorageError);
        refused++;
      }
      if (found !== undefined) expect(found, `byte ${at}`).toEqual(content);
      rmSync(`${file}-wal`, { force: true });
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('opens after a crash that came before its first mark was written', () => {
    openSqliteStorage(file).close();
    for (const unwritten of ['', '\0'.repeat(64)]) {
      writeFileSync(`${file}-mark`, unwritten);
      openSqliteStorage(file).close();
      expect(readFileSync(`${file}-mark`, 'latin1')).toMatch(/^jigeum-mark 0{16} 0{16} /);
    }
    const storage = openSqliteStorage(file);
    fill(storage);
    storage.close();
    writeFileSync(`${file}-mark`, '');
    expect(() => openSqliteStorage(file)).toThrow(/its mark .*chain.sqlite-mark is missing/);
  });

  it('refuses a database that is older than its mark, naming the block after which commits are missing', async () => {
    const storage = openSqliteStorage(file);
    fill(storage);
    await storage.synced();
    // What a killed process leaves: the log is not yet in the file.
    const copy = join(folder, 'copy.sqlite');
    for (const name of ['', '-wal', '-mark']) copyFileSync(`${file}${name}`, `${copy}${name}`);
    storage.close();
    const log = readFileSync(`${copy}-wal`);
    log[Math.floor(log.length * 0.9)]! ^= 1;
    const sound = readFileSync(`${copy}-mark`);
    writeFileSync(`${copy}-wal`, log);
    expect(() => openSqliteStorage(copy)).toThrow(DamagedStorageError);
    expect(() => openSqliteStorage(copy)).toThrow(
      /what was written after block 1[0-9] is missing: the mark tells of 21 commits up to block 19/,
    );
    rmSync(`${copy}-mark`);
    expect(() => openSqliteStorage(copy)).toThrow(/its mark .*copy.sqlite-mark is missing/);
    for (const at of sound.keys()) {
      const damaged = Buffer.from(sound);
      damaged[at]! ^= 1;
      writeFileSync(`${copy}-mark`, damaged);
      expect(() => openSqliteStorage(copy)).toThrow(/its mark .* is not what was written/);
    }
  });

  it('writes an entry of an index once, however often its batch was cut off', () => {
    const bounds = { indexBatch: 10, sweepChanges: 10, segmentEntries: 10 };
    for (let number = 0; number < 30; number++) {
      const storage = openSqliteStorage(file, { bounds });
      storage.commit({ block: sampleBlock(number), state: [] });
      storage.close();
    }
    const db = new DatabaseSync(file);
    const { count } = db.prepare('select count(*) as count from transaction_index').get() as { count: number };
    db.close();
    expect(count).toBeGreaterThan(40);
    expect(count).toBeLessThanOrEqual(60);
  });

  it('goes on after a commit that failed, with nothing of it', () => {
    const storage = openSqliteStorage(file);
    fill(storage);
    const content = contentOf(storage);
    const bad = { ...sampleBlock(20), transactions: [{ hash: row(1, 32), raw: row(2), receipt: null as never }] };
    expect(() =>
      storage.commit({ block: bad, state: [{ table: 'account', key: 'new', value: row(1), before: undefined }] }),
    ).toThrow(TypeError);
    expect(contentOf(storage)).toEqual(content);
    storage.commit({ block: sampleBlock(20), state: [] });
    storage.close();
    openSqliteStorage(file).close();
  });

  it('refuses a file that is no database, and one of an older version', () => {
    writeFileSync(file, 'these are the days of our lives, and this is no database at all'.repeat(100));
    expect(() => openSqliteStorage(file)).toThrow(DamagedStorageError);
    rmSync(file);
    change('create table meta (name text primary key, value text not null) without rowid');
    expect(() => openSqliteStorage(file)).toThrow(
      /written by another version of this node: expected format 6, got 2 or older/,
    );
  });

  it('refuses a second opener, in this process and in another, until the first has closed', async () => {
    const storage = openSqliteStorage(file);
    storage.commit({ block: sampleBlock(0), state: [] });
    expect(() => openSqliteStorage(file)).toThrow(StorageInUseError);
    expect(await openElsewhere(file)).toBe('StorageInUseError');
    storage.close();
    expect(await openElsewhere(file)).toBe('opened');
  });
});

/** Opens the storage in a process of its own and says how that went. */
function openElsewhere(path: string): Promise<string> {
  const script = `
    import { openSqliteStorage } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
    let word = 'opened';
    try { openSqliteStorage(process.argv[1]).close(); } catch (error) { word = error.name; }
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

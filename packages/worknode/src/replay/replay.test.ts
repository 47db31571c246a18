import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededIds } from '@jigeum/std';
import { nativeCrypto } from '@jigeum/symverse/native';
import { createAuthority } from '../ca/authority.ts';
import { NodeFolderError } from '../folder.ts';
import { openSqliteStorage } from '../storage/sqlite.ts';
import { DamagedStorageError } from '../storage/storage.ts';
import { createWorld } from '../testing.ts';
import { ChainFileError } from './chain-file.ts';
import { exportFolder, importFolder, verifyFolder } from './offline.ts';
import { DifferentChainError } from './replay.ts';

let folder: string;
let data: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-replay-'));
  data = join(folder, 'node');
  await makeChain();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const chainFile = (): string => join(data, 'chain.sqlite');

/** A chain of all kinds: coins, deposits, tokens, a failed call, new and changed citizens between blocks and after the last. */
async function makeChain(): Promise<void> {
  mkdirSync(data);
  const storage = openSqliteStorage(chainFile());
  const world = createWorld({ storage });
  const { bob, carol } = world.people;
  const { clock, node, keys } = world;
  const authority = createAuthority({ clock, ids: seededIds('replay'), crypto: nativeCrypto, node }, keys.ca);
  const token = await world.createToken();
  authority.issue(new Uint8Array(20).fill(1));
  await world.submit(world.sign('alice', { to: bob.symId, value: 5n }));
  await world.submit(world.sign('carol', { to: null, type: 2, value: 1000n }));
  await world.run(world.signCall('alice', token, { method: 'transfer', to: bob.symId, amount: 40n }));
  authority.issue(new Uint8Array(20).fill(2));
  authority.issue(new Uint8Array(20).fill(3));
  await world.run(world.signCall('bob', token, { method: 'transfer', to: carol.symId, amount: 41n }));
  node.seal();
  await world.run(world.sign('carol', { to: carol.symId, type: 2 }));
  authority.issue(new Uint8Array(20).fill(4));
  await world.submit(world.sign('alice', { to: bob.symId, value: 6n }));
  storage.close();
}

describe('verify', () => {
  it('finds a whole chain whole, and tells how much it has seen', () => {
    const told: number[] = [];
    expect(verifyFolder(data, ({ blocks }) => told.push(blocks))).toEqual({
      blocks: 6,
      transactions: 6,
      citizenBlocks: 5,
    });
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => verifyFolder(join(folder, 'none'))).toThrow(NodeFolderError);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('finds every changed byte of a block, its transactions, receipts and records, though the checksum was made anew', () => {
    const rows = allRows();
    const sound = readFileSync(chainFile());
    fc.assert(
      fc.property(fc.nat(rows.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, mask) => {
        const { table, key, id, row } = rows[which]!;
        const changed = Buffer.from(row);
        const at = 4 + (where % (changed.length - 4));
        changed[at] = changed[at]! ^ mask;
        seal(changed, id);
        const db = new DatabaseSync(chainFile());
        db.prepare(`update ${table} set row = ? where ${key} = ?`).run(changed, id);
        db.close();
        let error: unknown;
        try {
          verifyFolder(data);
        } catch (thrown) {
          error = thrown;
        }
        writeFileSync(chainFile(), sound);
        expect([DifferentChainError, DamagedStorageError].map(({ name }) => name)).toContain(
          (error as Error | undefined)?.name,
        );
        expect((error as Error).message, `${table} ${id} byte ${at}`).toMatch(/[Bb]lock [0-9]+/);
      }),
      { numRuns: 400, seed: 20_260_801 },
    );
  }, 120_000);

  it.each([
    ['a transaction', 'block_part', 2 << 16, 60, /^Block 2 differs: transaction 0 .*its hash is not that of its bytes/],
    ['a receipt', 'block_part', 3 << 16, -1, /^Block 3 differs: the receipt of transaction 0/],
    ['a seal', 'block', 3, 50, /^Block 3 differs: it was not sealed by/],
    ['a header', 'block', 3, -1, /^Block 3 differs: its hash is not that of its header/],
    ['the genesis block', 'block', 0, -1, /^Block 0 differs: its hash/],
    ['a citizen record', 'citizen_block', 2, -1, /^Citizen block 2 differs: invalid sender/],
  ])('names the block and what differs in it: %s', (_what, table, id, at, sentence) => {
    const { row, key } = allRows().find((each) => each.table === table && each.id === id)!;
    const changed = Buffer.from(row);
    const index = (at + changed.length) % changed.length;
    changed[index] = changed[index]! ^ 1;
    seal(changed, id);
    change(`update ${table} set row = x'${changed.toString('hex')}' where ${key} = ${id}`);
    expect(() => verifyFolder(data)).toThrow(sentence);
    expect(() => verifyFolder(data)).toThrow(DifferentChainError);
  });

  /** The rows of blocks and records. */
  function allRows(): { table: string; key: string; id: number; row: Uint8Array }[] {
    const db = new DatabaseSync(chainFile());
    const rows = Object.entries({ block: 'number', block_part: 'id', citizen_block: 'number' }).flatMap(
      ([table, key]) =>
        (db.prepare(`select ${key} as id, row from ${table}`).all() as { id: number; row: Uint8Array }[]).map(
          ({ id, row }) => ({ table, key, id, row }),
        ),
    );
    db.close();
    return rows;
  }

  function change(sql: string): void {
    const db = new DatabaseSync(chainFile());
    db.exec(sql);
    db.close();
  }

  /** Makes the checksum that whoever changes a row would make. */
  function seal(row: Buffer, id: number): void {
    const key = Buffer.alloc(8);
    key.writeBigUInt64BE(BigInt(id));
    row.writeUInt32BE(crc32(row.subarray(4), crc32(key)), 0);
  }
});

describe('export and import', () => {
  it('carry a chain to another folder, where it verifies and goes on', () => {
    const file = join(folder, 'chain.export');
    const copy = join(folder, 'copy');
    exportFolder(data, file);
    const counts = importFolder(copy, file);
    expect(counts).toEqual(verifyFolder(data));
    expect(verifyFolder(copy)).toEqual(counts);
    exportFolder(copy, `${file}.again`);
    expect(readFileSync(`${file}.again`).equals(readFileSync(file))).toBe(true);
    const storage = openSqliteStorage(join(copy, 'chain.sqlite'));
    const world = createWorld({ storage });
    world.node.seal();
    expect(world.node.chain.head().number).toBe(6);
    storage.close();
  });

  it('refuse to write over a file or a chain', () => {
    const file = join(folder, 'chain.export');
    writeFileSync(file, 'mine');
    expect(() => exportFolder(data, file)).toThrow(NodeFolderError);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(() => importFolder(data, file)).toThrow(/Import into another folder/);
  });

  it('refuse a tampered file, naming the block, and leave no chain', () => {
    const file = join(folder, 'chain.export');
    const copy = join(folder, 'copy');
    exportFolder(data, file);
    const sound = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, mask, isSealed) => {
        const changed = Buffer.from(sound);
        changed[at] = changed[at]! ^ mask;
        if (isSealed) sealEntries(changed);
        writeFileSync(file, changed);
        let error: unknown;
        try {
          importFolder(copy, file);
        } catch (thrown) {
          error = thrown;
        }
        if (error === undefined) {
          // Only what the seal itself mends: the changed byte was one of a checksum.
          expect(changed.equals(sound), `byte ${at}`).toBe(true);
          rmSync(copy, { recursive: true });
          return;
        }
        expect((error as Error).message, `byte ${at}`).toMatch(/genesis|block [0-9]+|Block [0-9]+/);
        expect(existsSync(join(copy, 'chain.sqlite'))).toBe(false);
      }),
      { numRuns: 200, seed: 20_260_801 },
    );
    writeFileSync(file, sound.subarray(0, sound.length - 20));
    expect(() => importFolder(copy, file)).toThrow(ChainFileError);
    expect(() => importFolder(copy, file)).toThrow(/after block 5 is damaged: the file ends too early/);
    copyFileSync(join(data, 'chain.sqlite'), file);
    expect(() => importFolder(copy, file)).toThrow(/its genesis is damaged: it is no exported chain/);
  }, 120_000);
});

/** Makes every checksum of a file anew, as far as its entries can still be told apart. */
function sealEntries(file: Buffer): void {
  let at = 'jigeum-chain 1\n'.length;
  for (let entry = 0; at + 8 <= file.length; entry++) {
    const length = file.readUInt32BE(at);
    if (length < 4 || at + 4 + length > file.length) return;
    const row = file.subarray(at + 4, at + 4 + length);
    const key = Buffer.alloc(8);
    key.writeBigUInt64BE(BigInt(entry));
    row.writeUInt32BE(crc32(row.subarray(4), crc32(key)), 0);
    at += 4 + length;
  }
}

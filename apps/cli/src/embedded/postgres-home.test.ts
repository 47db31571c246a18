import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { preparePostgresHome } from './postgres-home.ts';

let tmpDir: string;
let instanceDir: string;
beforeEach(() => {
  tmpDir = mkdtempSync(join(tmpdir(), 'jigeum-home-'));
  chmodSync(tmpDir, 0o755);
  instanceDir = join(tmpDir, 'data');
  mkdirSync(instanceDir, { mode: 0o755 });
});
afterEach(() => rmSync(tmpDir, { recursive: true, force: true }));

const prepare = () => preparePostgresHome({ instanceDir, tmpDir });
/** Where the socket will be: the name follows from the instance, so any user of the machine can make it first. */
const guessed = () => {
  const { socketDir } = prepare();
  rmSync(socketDir, { recursive: true });
  return socketDir;
};

describe('the folder of the database’s socket', () => {
  test('is made for its one user, and taken again at the next start', () => {
    const { socketDir } = prepare();
    expect(statSync(socketDir).mode & 0o777).toBe(0o700);
    expect(prepare().socketDir).toBe(socketDir);
  });

  test('is refused where somebody has put a link to another folder, which stays as it was', () => {
    const target = join(tmpDir, 'target');
    mkdirSync(target, { mode: 0o755 });
    const before = statSync(target);
    const socketDir = guessed();
    symlinkSync(target, socketDir);
    expect(prepare).toThrow(/is not a folder/);
    expect(lstatSync(socketDir).isSymbolicLink()).toBe(true);
    expect(statSync(target)).toMatchObject({ uid: before.uid, gid: before.gid, mode: before.mode });
  });

  test('is refused where others may write in it', () => {
    const socketDir = guessed();
    mkdirSync(socketDir);
    chmodSync(socketDir, 0o777);
    expect(prepare).toThrow(/others may/);
  });

  test.runIf(process.getuid?.() === 0)('is refused where it belongs to another user', () => {
    const socketDir = guessed();
    mkdirSync(socketDir, { mode: 0o700 });
    chownSync(socketDir, 54_321, 54_321);
    expect(prepare).toThrow(/belongs to another user/);
    expect(statSync(socketDir).uid).toBe(54_321);
  });
});

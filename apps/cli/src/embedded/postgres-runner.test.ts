import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import pg from 'pg';
import { postgresRunnerFile, preparePostgresHome, type PostgresHome } from './postgres-home.ts';

let tmpDir: string;
let home: PostgresHome;
let runner: ReturnType<typeof spawn>;
let logged: string;

beforeEach(async () => {
  tmpDir = mkdtempSync(join(tmpdir(), 'jigeum-runner-'));
  chmodSync(tmpDir, 0o755);
  const instanceDir = join(tmpDir, 'data');
  mkdirSync(instanceDir, { mode: 0o755 });
  home = preparePostgresHome({ instanceDir, tmpDir });
  const passwordFile = (name: string) => {
    const file = join(tmpDir, name);
    writeFileSync(file, `${name} password\n`, { mode: 0o400 });
    return file;
  };
  const input = {
    home,
    ownerPasswordFile: passwordFile('owner'),
    appPasswordFile: passwordFile('app'),
    scanPasswordFile: passwordFile('scan'),
    database: 'jigeum',
  };
  logged = '';
  runner = spawn(process.execPath, [postgresRunnerFile, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [runner.stdout!, runner.stderr!]) stream.on('data', (chunk) => (logged += String(chunk)));
  await new Promise((resolve, reject) => {
    runner.once('message', resolve);
    runner.once('exit', () => reject(new Error(logged)));
  });
});
afterEach(async () => {
  const ended = new Promise((resolve) => runner.once('exit', resolve));
  runner.kill('SIGTERM');
  await ended;
  rmSync(tmpDir, { recursive: true, force: true });
});

test('the database logs that a statement was refused, and no value of it', async () => {
  const owner = new pg.Client({
    host: home.socketDir,
    user: 'jigeum_owner',
    password: 'owner password',
    database: 'jigeum',
  });
  await owner.connect();
  try {
    await owner.query('create table people (name text primary key, age int check (age > 0))');
    await owner.query("insert into people values ('canary-key', 1)");
    const insert = (name: string, age: number) => owner.query('insert into people values ($1, $2)', [name, age]);
    await expect(insert('canary-key', 1)).rejects.toMatchObject({ code: '23505' });
    await expect(insert('canary-row', -1)).rejects.toMatchObject({ code: '23514' });
  } finally {
    await owner.end();
  }
  await expect.poll(() => logged).toContain('violates check constraint');
  expect(logged).toContain('duplicate key');
  expect(logged).not.toContain('canary');
});

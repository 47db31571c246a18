/** The program itself: what it refuses, and in which words. A whole running server is test/e2e's and the demo's. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#testing';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let dir: string;
let env: Record<string, string>;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(join(tmpdir(), 'jigeum-main-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(dir, name), content, { mode: 0o400 });
    return join(dir, name);
  };
  env = {
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.ownerUrl,
    CHAIN_URL: 'http://127.0.0.1:1',
    CHAIN_ID: '7',
    CA_URL: 'http://127.0.0.1:1',
    SERVER_KEY_FILE: file('server-key', '0f'.repeat(32)),
    PLATFORM_KEYSTORE_DIR: dir,
    PLATFORM_PASSPHRASE_FILE: file('passphrase', 'one'),
    KEYSTORE_DIR: dir,
    IDENTITY_URL: 'http://127.0.0.1:1',
    IDENTITY_SECRET_FILE: file('identity', 'two'),
    BANK_URL: 'http://127.0.0.1:1',
    BANK_SECRET_FILE: file('bank', 'three'),
    PORT: '0',
  };
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});

function run(args: string[], given: Record<string, string> = env): Promise<{ status: number | null; text: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: given, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, text })));
}

test('tells every problem of its configuration at once and ends with 1', async () => {
  const { CHAIN_URL: _gone, ...rest } = env;
  const { status, text } = await run(['serve'], { ...rest, PORT: 'many' });
  expect(status).toBe(1);
  expect(text).toMatch(/^The configuration cannot be used:\n- /);
  expect(text).toContain('- CHAIN_URL is missing.');
  expect(text).toContain('- PORT cannot be used.');
});

test('prints its configuration, and nothing of a secret in it', async () => {
  const { status, text } = await run(['config'], { ...env, DATABASE_URL: 'postgres://app:hunter22@127.0.0.1/jigeum' });
  expect(status).toBe(0);
  expect(text).toContain('DATABASE_URL = postgres://app:***@127.0.0.1/jigeum');
  expect(text).not.toMatch(/hunter22|0f0f/);
});

test.each([[[]], [['sreve']]])('refuses the roles %o', async (roles) => {
  const { status, text } = await run(roles);
  expect(status).toBe(1);
  expect(text).toContain('Expected one or more of migrate, serve, work, config');
});

test('migrates again without effect', async () => {
  expect(await run(['migrate'])).toEqual({ status: 0, text: 'The schema is up to date.\n' });
});

test('does not serve without its platform keystores, and says which file it wants', async () => {
  const { status, text } = await run(['serve']);
  expect(status).toBe(1);
  expect(text).toContain('treasury.json');
  expect(text.trim().split('\n')).toHaveLength(1);
});

test('says in one sentence that the database is away', async () => {
  const { status, text } = await run(['serve'], { ...env, DATABASE_URL: 'postgres://app@127.0.0.1:1/jigeum' });
  expect(status).toBe(1);
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(text).toContain('The server did not start');
});

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, describeConfig, readConfig, readServerKey } from './config.ts';

let dir: string;
let env: Record<string, string>;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'jigeum-config-'));
  const file = (name: string, content: string) => {
    const path = join(dir, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  env = {
    DATABASE_URL: 'postgres://jigeum@127.0.0.1:5432/jigeum',
    CHAIN_URL: 'http://127.0.0.1:8545/',
    CHAIN_ID: '7',
    CA_URL: 'http://127.0.0.1:8546',
    SERVER_KEY_FILE: file('server-key', `${'0f'.repeat(32)}\n`),
    PLATFORM_KEYSTORE_DIR: dir,
    PLATFORM_PASSPHRASE_FILE: file('passphrase', 'one'),
    KEYSTORE_DIR: dir,
    IDENTITY_URL: 'http://127.0.0.1:8083',
    IDENTITY_SECRET_FILE: file('identity', 'two'),
    BANK_URL: 'http://127.0.0.1:8082',
    BANK_SECRET_FILE: file('bank', 'three'),
  };
});
afterAll(() => rmSync(dir, { recursive: true }));

const problemsOf = (given: Record<string, string | undefined>): readonly string[] => {
  try {
    readConfig(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('takes the least that is needed and fills in the rest', () => {
  expect(readConfig(env)).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    chainUrl: 'http://127.0.0.1:8545',
    chainWsUrl: null,
    isHttps: false,
    keystoreScryptN: 32_768,
    unlockIdleMinutes: 10,
    trustProxy: [],
    webhookNetworks: [],
    seedToken: null,
    isSimulation: true,
  });
});

test('tells all problems at once, each by name', () => {
  const problems = problemsOf({ ...env, PORT: '99999', CHAIN_ID: undefined, TRUST_PROXY: 'true', LOG_REQUESTS: 'yes' });
  expect(problems).toHaveLength(4);
  for (const name of ['PORT', 'CHAIN_ID is missing.', 'TRUST_PROXY', 'LOG_REQUESTS'])
    expect(problems.some((problem) => problem.startsWith(name))).toBe(true);
});

test('the WebSocket of the node is a ws or wss address', () => {
  expect(readConfig({ ...env, CHAIN_WS_URL: 'ws://127.0.0.1:8546' }).chainWsUrl).toBe('ws://127.0.0.1:8546');
  expect(problemsOf({ ...env, CHAIN_WS_URL: 'http://127.0.0.1:8546' })).toEqual([
    expect.stringContaining('CHAIN_WS_URL cannot be used. Expected an address such as ws://127.0.0.1:8546'),
  ]);
});

describe('a secret file', () => {
  test.each([0o640, 0o604, 0o444, 0o620])('with mode %o is refused with the command that mends it', (mode) => {
    const path = join(dir, 'open');
    writeFileSync(path, 'x');
    chmodSync(path, mode);
    const [problem] = problemsOf({ ...env, BANK_SECRET_FILE: path });
    expect(problem).toContain(`BANK_SECRET_FILE names ${path} with mode 0${mode.toString(8)}`);
    expect(problem).toContain(`chmod 0400 ${path}`);
  });

  test('that is not there is a problem, not an exception', () => {
    expect(problemsOf({ ...env, SERVER_KEY_FILE: join(dir, 'none') })).toEqual([
      `SERVER_KEY_FILE names ${join(dir, 'none')}, where there is no file.`,
    ]);
  });
});

test('refuses a password in the address of another machine, and takes one on this machine', () => {
  const [problem] = problemsOf({ ...env, DATABASE_URL: 'postgres://jigeum:hunter22@db.internal/jigeum' });
  expect(problem).toContain('Put it in a file');
  expect(problem).not.toContain('hunter22');
  const [sameProblem] = problemsOf({ ...env, DATABASE_URL: 'postgres://jigeum@db.internal/jigeum?password=hunter22' });
  expect(sameProblem).toBe(problem);
  expect(problemsOf({ ...env, DATABASE_URL: 'postgres://jigeum:x@127.0.0.1/jigeum' })).toEqual([]);
});

test.each(['IDENTITY_URL', 'BANK_URL', 'CA_URL'])(
  'refuses to send secrets and people’s data to %s in clear',
  (name) => {
    const [problem] = problemsOf({ ...env, [name]: 'http://partner.example' });
    expect(problem).toContain(`${name} cannot be used. Expected https`);
    expect(problemsOf({ ...env, [name]: 'http://127.0.0.1.partner.example' })).toEqual([problem]);
    expect(problemsOf({ ...env, [name]: 'https://partner.example' })).toEqual([]);
    expect(problemsOf({ ...env, [name]: 'http://localhost:8083' })).toEqual([]);
    expect(problemsOf({ ...env, [name]: 'http://[::1]:8083' })).toEqual([]);
  },
);

test.each(['true', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.0/8,any', 'example.org'])(
  'refuses to trust the proxy %s',
  (given) => {
    expect(problemsOf({ ...env, TRUST_PROXY: given })).toHaveLength(1);
  },
);

test('takes networks of proxies', () => {
  expect(readConfig({ ...env, TRUST_PROXY: '10.0.0.0/8, 2001:db8::/32' }).trustProxy).toEqual([
    '10.0.0.0/8',
    '2001:db8::/32',
  ]);
});

test.each([{ NODE_ENV: 'production' }, { BANK_MODE: 'live' }, { IDENTITY_MODE: 'portone' }])(
  'refuses failpoints beside anything real: %j',
  (real) => {
    const armed = { ...env, FAILPOINTS_FILE: env['PLATFORM_PASSPHRASE_FILE'] };
    expect(readConfig(armed).failpointsFile).toBe(env['PLATFORM_PASSPHRASE_FILE']);
    expect(readConfig(env).failpointsFile).toBeNull();
    expect(problemsOf({ ...armed, ...real })).toEqual([
      'FAILPOINTS_FILE is for tests and cannot be used with NODE_ENV=production, BANK_MODE=live or IDENTITY_MODE=portone. Take it away.',
    ]);
  },
);

test('shows no password, not even of a setting that is wrong', () => {
  const lines = describeConfig({
    ...env,
    DATABASE_URL: 'postgres://jigeum:hunter22@127.0.0.1/jigeum?password=hunter33',
    PORT: '1234',
  });
  expect(lines.join('\n')).not.toMatch(/hunter/);
  expect(lines).toContain('PORT = 1234');
  expect(lines).toContain('HOST = "127.0.0.1" (default)');
});

test("EST is the paper's token: ten billion of 18 decimals, one won each", () => {
  expect(readConfig({ ...env, SEED_TOKEN: 'EST' }).seedToken).toEqual({
    name: 'eSportsToken',
    symbol: 'EST',
    supply: (10_000_000_000n * 10n ** 18n).toString(),
    decimals: 18,
    wonPerToken: 1,
  });
});

test("takes a token of one's own as JSON and refuses a half one", () => {
  const own = { name: 'Won', symbol: 'KRW', supply: '1000', decimals: 0, wonPerToken: 1 };
  expect(readConfig({ ...env, SEED_TOKEN: JSON.stringify(own) }).seedToken).toEqual(own);
  expect(problemsOf({ ...env, SEED_TOKEN: '{"symbol":"KRW"}' })).not.toEqual([]);
  expect(problemsOf({ ...env, SEED_TOKEN: 'est!' })).toHaveLength(1);
});

test('reads a server key of 64 hex digits and shows nothing of another one', () => {
  expect(readServerKey(env['SERVER_KEY_FILE']!)).toEqual(new Uint8Array(32).fill(0x0f));
  const path = join(dir, 'bad-key');
  writeFileSync(path, 'zz'.repeat(32), { mode: 0o600 });
  expect(() => readServerKey(path)).toThrow('Expected 64 hex digits, got 64 bytes that are not.');
});

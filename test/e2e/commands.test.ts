/** The operator's commands, as typed on a terminal, on a running instance. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../fuzz/random.ts';
import { startWebhookReceiver } from '../faults/storm/receiver.ts';
import { startInstance, type TestInstance } from '../instance.ts';

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
let instance: TestInstance;

beforeAll(async () => {
  instance = await startInstance({ blockMs: 200 });
});
afterAll(() => instance?.stop());

/** Runs a command to its end, with lines for its standard input. */
function jigeum(args: string[], lines: string[] = []): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { timeout: 60_000 }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, output: `${stdout}${stderr}` }),
    );
    child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
  });
}
const onInstance = (): string[] => ['--data', instance.dataDir];
const token = async (...args: string[]) => jigeum(['token', ...args, ...onInstance()]);

test('webhooks: added, seen, given another secret and removed', async () => {
  const till = await startWebhookReceiver(new Random('commands', 0));
  const webhooks = (...args: string[]) => jigeum(['webhooks', ...args, ...onInstance()]);
  expect((await webhooks()).output).toContain('Nobody is told: there is no endpoint.');
  const added = await webhooks('add', till.url);
  expect(added.status).toBe(0);
  expect(added.output).toMatch(/secret {4}whsec_[A-Za-z0-9+/]{43}=\n\nGive the secret to the receiver now/);
  const id = /webhook {3}(\S+)/.exec(added.output)?.[1] ?? '';
  expect((await webhooks('add', till.url)).output).toContain('Expected an address that is no endpoint yet.');
  const inside = await webhooks('add', 'https://169.254.169.254/latest');
  expect(inside.output).toContain('The address 169.254.169.254 is not a public one');
  expect(inside.status).toBe(1);
  const listed = await webhooks('list');
  expect(listed.output).toContain(`webhook   ${id}\n  state     working`);
  expect(listed.output).not.toContain('whsec_');
  expect((await webhooks('rotate', id)).output).toContain('The secrets before it sign as well until');
  expect((await webhooks('deliveries', id)).output).toContain('Nothing is pending or given up.');
  expect((await webhooks('retry', id)).output).toContain('0 deliveries are due now.');
  expect((await webhooks('remove', id)).output).toContain('state     removed');
  expect((await webhooks('remove', id)).output).toContain('(not-found)');
  expect((await webhooks('list')).output).toContain('Nobody is told: there is no endpoint.');
  await till.stop();
});

describe('token', () => {
  test("the first start has created the paper's token", async () => {
    const { status, output } = await token('show', 'EST');
    expect(output).toContain('name      eSportsToken');
    expect(output).toContain('supply    10,000,000,000 EST');
    expect(output).toMatch(/contract {2}0xff[0-9a-f]{18}/);
    expect(status).toBe(0);
  });

  test('mint and burn move the supply, and a burn of more than the reserve holds is refused', async () => {
    expect((await token('mint', 'EST', '5000.5', '--reason', 'campaign')).output).toContain(
      'supply    10,000,005,000.5 EST',
    );
    expect((await token('burn', 'EST', '5000.5', '--reason', 'over')).output).toContain('supply    10,000,000,000 EST');
    const { status, output } = await token('burn', 'EST', '10000000001', '--reason', 'too much');
    expect(output).toContain('balance-too-low');
    expect(status).toBe(1);
  });

  test('pause and unpause change the state', async () => {
    expect((await token('pause', 'EST', '--reason', 'drill')).output).toContain('state     paused');
    expect((await token('unpause', 'EST', '--reason', 'drill')).output).toContain('state     active');
  });

  test('create makes another token once, however often the same request is repeated', async () => {
    const key = '018f7f3a-0000-7000-8000-00000000abcd';
    const args = ['create', 'ABC', '--name', 'Another coin', '--supply', '1000000', '--key', key] as const;
    const first = await token(...args);
    expect(first.output).toContain('supply    1,000,000 ABC');
    const again = await token(...args);
    expect(again.status).toBe(0);
    expect(/final: (0x\S+)/.exec(again.output)?.[1]).toBe(/final: (0x\S+)/.exec(first.output)?.[1]);
  });

  test('an unknown token and a missing reason are refused with a sentence', async () => {
    expect(await token('show', 'NOPE')).toMatchObject({
      status: 1,
      output: expect.stringContaining('not-found') as string,
    });
    expect((await token('mint', 'EST', '1')).output).toContain('Expected --reason.');
  });
});

test('tx show tells what a transaction did, with the gas of the paper', async () => {
  const { output } = await jigeum(['tx', 'show', await firstTransaction(), ...onInstance()]);
  expect(output).toContain('state     final');
  const owner = /call {6}sct20 CREATE 10,000,000,000 EST to 0x0003([0-9a-f]{12})0002/.exec(output)?.[1];
  expect(owner).toBeDefined();
  // The paper's owner has no zero byte among the six random ones of the SymID; each costs 640 gas less.
  const gas = 8_076_400 - 640 * Buffer.from(owner!, 'hex').filter((byte) => byte === 0).length;
  expect(output).toContain(`fee       ${gas / 1e7} SYM for ${gas} gas`);
  const unknown = await jigeum(['tx', 'show', `0x${'0'.repeat(64)}`, ...onInstance()]);
  expect(unknown).toMatchObject({ status: 1, output: expect.stringContaining('The chain does not know') as string });
});

/** The hash of the chain's first transaction: its block is the first or, when the platform was not quick, a later one. */
async function firstTransaction(): Promise<string> {
  for (let number = 1; ; number++) {
    const response = await fetch(`${instance.places.webUrl}/v1/scan/blocks/${number}`);
    expect(response.status).toBe(200);
    const { transactions } = (await response.json()) as { transactions: { hash: string }[] };
    if (transactions[0] !== undefined) return transactions[0].hash;
  }
}

test('audit verifies the log of the running instance, shows who did what, and prints the key for strangers', async () => {
  const verified = await jigeum(['audit', 'verify', ...onInstance()]);
  expect(verified.output).toContain('The audit log is whole.');
  expect(verified.output).toContain('HMACs        checked');
  expect(verified.status).toBe(0);
  const shown = await jigeum(['audit', 'show', '--act', 'token.create', ...onInstance()]);
  expect(shown.output).toMatch(/job:start {2}token\.create {2}.*"symbol":"EST"/);
  const { output: publicKey } = await jigeum(['audit', 'key', ...onInstance()]);
  expect(publicKey).toMatch(/^[0-9a-f]{64}\n$/);
  expect(await jigeum(['audit', 'verify', '--key', 'x', ...onInstance()])).toMatchObject({
    status: 1,
    output: expect.stringContaining('Expected 64 hex digits after --key') as string,
  });
});

test('an option that a command does not have is refused with a sentence, and no stack', async () => {
  const { status, output } = await jigeum(['alarms', '--bogus']);
  expect(status).toBe(2);
  expect(output).toContain("Unknown option '--bogus'");
  expect(output).toContain('"npm run jigeum -- alarms --help" says what it takes.');
  expect(output).not.toContain('    at ');
});

test('config prints what the instance runs with, and no secret', async () => {
  const { status, output } = await jigeum(['config', ...onInstance()]);
  expect(status).toBe(0);
  expect(output).toContain(`CHAIN_URL = ${instance.places.nodeUrl}`);
  for (const name of ['server-key', 'database-app', 'operator-token', 'platform-passphrase']) {
    expect(output).not.toContain(readFileSync(join(instance.dataDir, 'secrets', name), 'utf8').trim());
  }
});

test('keystore new, change and open; a wrong passphrase opens nothing and nothing is overwritten', async () => {
  const file = join(instance.dataDir, 'logs', 'mine.json');
  const made = await jigeum(['keystore', 'new', file, '--n', '4096'], ['first passphrase', 'first passphrase']);
  expect(made.output).toMatch(/key hash {2}0x[0-9a-f]{40}/);
  expect((await jigeum(['keystore', 'new', file], ['x', 'x'])).output).toContain('a keystore is never overwritten');
  const changed = await jigeum(
    ['keystore', 'change', file],
    ['first passphrase', 'second passphrase', 'second passphrase'],
  );
  expect(changed.output).toContain('Key and address are unchanged.');
  const opened = await jigeum(['keystore', 'open', file], ['second passphrase']);
  expect(/key hash {2}(\S+)/.exec(opened.output)?.[1]).toBe(/key hash {2}(\S+)/.exec(made.output)?.[1]);
  const refused = await jigeum(['keystore', 'open', file], ['first passphrase']);
  expect(refused).toMatchObject({ status: 1, output: expect.stringContaining('got another MAC') as string });
  const differing = await jigeum(['keystore', 'new', `${file}.2`], ['a passphrase', 'another one']);
  expect(differing.output).toContain('The two passphrases differ. Nothing was written.');
  expect(existsSync(`${file}.2`)).toBe(false);
});

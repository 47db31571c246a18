/** Small runs of what `npm run simulate` runs at length, each in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));
/** All mutants on a machine with other work. */
const LONG_MS = 1_500_000;

const simulate = (...args: string[]) => run(process.execPath, PROGRAM, ...args);

async function run(command: string, ...args: string[]): Promise<{ status: number; text: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  return { status, text };
}

const hashIn = (text: string): string | undefined => /^hash ([0-9a-f]{64})$/m.exec(text)?.[1];

test(
  'two processes, with one thread here and with two in New York, see the same worlds, and no rule is broken',
  async () => {
    const one = await simulate('--seed', 'test', '--steps', '9000', '--jobs', '1');
    const args = ['--seed', 'test', '--steps', '9000', '--jobs', '2'];
    const two = await run('env', 'TZ=America/New_York', process.execPath, PROGRAM, ...args);
    expect(one.text).toContain('hash ');
    expect([one.status, two.status]).toEqual([0, 0]);
    expect(hashIn(one.text)).toBe(hashIn(two.text));
  },
  LONG_MS,
);

test(
  'another seed is another run',
  async () => {
    const one = await simulate('--seed', 'test', '--world', '1');
    const other = await simulate('--seed', 'other', '--world', '1');
    expect([one.status, other.status]).toEqual([0, 0]);
    expect(hashIn(one.text)).not.toBe(hashIn(other.text));
  },
  LONG_MS,
);

test(
  'a broken rule is told with the command that repeats it',
  async () => {
    const { status, text } = await simulate('--seed', 'test', '--mutant', 'entry-out-of-balance', '--steps', '9000');
    expect(status).toBe(1);
    expect(text).toMatch(/Violation: INV-0[23]: /);
    expect(text).toMatch(/Repeat it: npm run simulate -- --seed test --world \d+ --mutant entry-out-of-balance/);
  },
  LONG_MS,
);

test(
  'every mutant is found',
  async () => {
    const { status, text } = await simulate('mutants', '--seed', 'test', '--steps', '60000');
    expect(text).not.toContain('NOT FOUND');
    expect(status).toBe(0);
  },
  LONG_MS,
);

test(
  'sybil wallets drain no more gas than the budgets allow, the alarm comes, and who has coin still pays',
  async () => {
    const { status, text } = await simulate('gas-drain', '--wallets', '12', '--hours', '3');
    expect(text).toMatch(
      /alarm .+ after less than a refill was left of the day's budget, .+ the first payment was refused for it/,
    );
    expect(status).toBe(0);
  },
  LONG_MS,
);

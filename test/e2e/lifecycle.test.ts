/** Starting and stopping the whole product: balances stay, nothing is left running, bad folders and ports are refused. */
import { fork, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createPerson } from '../../apps/cli/src/person.ts';
import { newFolder, startInstance, type TestInstance } from '../instance.ts';
import { alive, familyOf, processesNaming } from '../processes.ts';

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
/** When a process that is still there fails the test. On a quiet machine nothing is left after a second: it is printed. */
const NOTHING_LEFT_WITHIN_MS = 60_000;
const ENDED_WITHIN_MS = 60_000;
const SERVING_WITHIN_MS = 120_000;
const facts = {
  ...{ name: '김머묾', phone: '01033330001', birthDate: '910203', sexDigit: '2' },
  ...{ memberId: 'stayer', passphrase: 'stays over a restart', pin: '190725' },
};

let cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const act of cleanUp.toReversed()) await act();
  cleanUp = [];
});

function folder(): string {
  const dir = newFolder('jigeum-life-');
  cleanUp.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function started(dataDir: string): Promise<TestInstance> {
  const instance = await startInstance({ dataDir });
  cleanUp.push(() => instance.stop());
  return instance;
}

/**
 * Runs `jigeum up` to its end, as a parent that keeps its channel open; for starts that are refused. One that does not end
 * by itself is a failure.
 */
function runUp(args: string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`It did not end by itself:\n${output}`));
    }, ENDED_WITHIN_MS);
    const child = fork(main, ['up', '--no-web', '--no-people', ...args], {
      ...{ stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', (status) => {
      clearTimeout(patience);
      resolve({ status, output });
    });
  });
}

/** Lines of the server's log that warn or report an error. */
const complaints = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /"level":[456]0/.test(line));

/** Waits until nothing of an instance runs, neither those nor what else names its folder, and prints how long that took. */
async function untilNothingIsLeft(pids: readonly number[], dataDir: string): Promise<void> {
  const startedMs = performance.now();
  await expect
    .poll(() => [...alive(pids), ...processesNaming(dataDir)], { timeout: NOTHING_LEFT_WITHIN_MS, interval: 50 })
    .toEqual([]);
  console.log(`Nothing was left after ${Math.round(performance.now() - startedMs)} ms.`);
}

test('a stop leaves no process, and the next start finds every balance', async () => {
  const dataDir = folder();
  const first = await started(dataDir);
  const person = createPerson(first.places, facts);
  await person.join();
  await person.charge(50_000n);
  const family = familyOf(first.pid);
  expect(family.length).toBeGreaterThan(6);
  expect(complaints(join(dataDir, 'logs', 'server.log'))).toEqual([]);
  await first.stop();
  expect(alive(family)).toEqual([]);
  expect(processesNaming(dataDir)).toEqual([]);

  const second = await started(dataDir);
  const again = createPerson(second.places, facts);
  await again.logIn();
  expect(await again.balance()).toEqual({ available: 50_000n, held: 0n, incoming: 0n });
});

test('kill -9 of the parent leaves no process, and the next start works', async () => {
  const dataDir = folder();
  const instance = await started(dataDir);
  const family = familyOf(instance.pid);
  process.kill(instance.pid, 'SIGKILL');
  await untilNothingIsLeft(family, dataDir);
  const next = await started(dataDir);
  expect((await fetch(`${next.places.webUrl}/healthz`)).status).toBe(200);
});

test('kill -9 of npm leaves no process', async () => {
  const dataDir = folder();
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const npm = spawn('npm', ['start', '--', '--port', '0', '--no-web', '--no-people', '--data', dataDir], { cwd: root });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await expect.poll(() => output, { timeout: SERVING_WITHIN_MS }).toContain('Ctrl-C stops it.');
  const family = familyOf(npm.pid!);
  expect(family.length).toBeGreaterThan(7);
  npm.kill('SIGKILL');
  await untilNothingIsLeft(
    family.filter((pid) => pid !== npm.pid),
    dataDir,
  );
});

test('a part that is killed comes back by itself, and says so', async () => {
  const instance = await started(folder());
  for (const part of ['node', 'postgres', 'bank', 'server']) {
    process.kill(await instance.pidOf(part), 'SIGKILL');
  }
  await expect
    .poll(async () => (await fetch(`${instance.places.webUrl}/readyz`).catch(() => undefined))?.status, {
      timeout: SERVING_WITHIN_MS,
      interval: 250,
    })
    .toBe(200);
  await expect.poll(instance.output).toMatch(/Work node and CA ended \(SIGKILL\); starting it again in 0.25 s/);
  await expect.poll(instance.output).toMatch(/Database is back\./);
});

test('an occupied port is refused with a sentence that says what to do', async () => {
  const squatter = createServer();
  await new Promise<void>((resume) => squatter.listen(0, '127.0.0.1', resume));
  cleanUp.push(() => new Promise<void>((resume) => void squatter.close(() => resume())));
  const { port } = squatter.address() as { port: number };
  const { status, output } = await runUp(['--port', String(port), '--data', folder()]);
  expect(status).toBe(1);
  expect(output).toContain(`Port ${port} (web) is in use by another program. Stop that program, or choose other ports`);
});

test('a folder that is not ours is refused and left as it was', async () => {
  const dataDir = folder();
  writeFileSync(join(dataDir, 'holiday.txt'), 'photos');
  const { status, output } = await runUp(['--port', '0', '--data', dataDir]);
  expect(status).toBe(1);
  expect(output).toContain('is not a data folder of Jigeum: it holds holiday.txt');
});

test('a folder that is in use is refused', async () => {
  const dataDir = folder();
  const instance = await started(dataDir);
  const { status, output } = await runUp(['--port', '0', '--data', dataDir]);
  expect(status).toBe(1);
  expect(output).toContain(`is in use by process ${instance.pid}`);
});

test('a damaged data folder is refused with a sentence that names what is damaged', async () => {
  const dataDir = folder();
  const instance = await started(dataDir);
  await instance.stop();
  const damage: [string, () => void, RegExp][] = [
    [
      'a missing secret',
      () => rmSync(join(dataDir, 'secrets', 'server-key')),
      /secret .*server-key is missing\. Restore it from your backup/,
    ],
    [
      'a broken marker',
      () => writeFileSync(join(dataDir, 'jigeum.json'), '{'),
      /jigeum\.json is damaged: expected JSON/,
    ],
  ];
  for (const [, act, sentence] of damage) {
    act();
    const { status, output } = await runUp(['--port', '0', '--data', dataDir]);
    expect(status).toBe(1);
    expect(output).toMatch(sentence);
  }
});

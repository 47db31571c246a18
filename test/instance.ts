/** A throw-away instance of the whole product for tests: `jigeum up` as a child, in a folder of its own, on free ports. */
import { fork, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Places } from '../apps/cli/src/person.ts';

export interface TestInstance {
  readonly dataDir: string;
  readonly places: Places & { nodeUrl: string; caUrl: string; agencyUrl: string };
  /** The pid of a part now: postgres, node, sms, agency, bank, server. */
  readonly pidOf: (part: string) => Promise<number>;
  /** The pid of `jigeum up` itself. */
  readonly pid: number;
  /** A connection with all rights, to look with; the caller ends it. */
  readonly connectOwner: () => Promise<pg.Client>;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 90_000;
const main = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));

/** Starts an instance and resolves when it serves. `stop` ends it and removes its folder unless one was given. */
export async function startInstance(
  options: { hasWeb?: boolean; hasPeople?: boolean; dataDir?: string; blockMs?: number } = {},
): Promise<TestInstance> {
  const dataDir = options.dataDir ?? newFolder('jigeum-test-');
  const args = ['up', '--port', '0', '--data', dataDir, '--block-ms', String(options.blockMs ?? 1000)];
  if (options.hasPeople !== true) args.push('--no-people');
  if (options.hasWeb !== true) args.push('--no-web');
  const child: ChildProcess = fork(main, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ready = await new Promise<ReadyMessage>((resolve, reject) => {
    const patience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`No instance within ${READY_WITHIN_MS / 1000} s:\n${output}`));
    }, READY_WITHIN_MS);
    child.once('exit', (code) => {
      clearTimeout(patience);
      reject(new Error(`The instance ended with status ${code} before it was ready:\n${output}`));
    });
    child.on('message', (message: ReadyMessage) => {
      if (message.kind !== 'ready') return;
      clearTimeout(patience);
      resolve(message);
    });
  });
  return {
    dataDir,
    places: ready.places,
    pid: child.pid!,
    pidOf: (part) =>
      new Promise((resolve, reject) => {
        const onMessage = (message: { kind: string; pids?: Record<string, number> }): void => {
          if (message.kind !== 'pids') return;
          child.off('message', onMessage);
          const pid = message.pids?.[part];
          if (pid === undefined) reject(new Error(`There is no running part "${part}".`));
          else resolve(pid);
        };
        child.on('message', onMessage);
        child.send({ kind: 'pids' });
      }),
    async connectOwner() {
      const { host, user, database, passwordFile } = ready.ownerDatabase;
      const client = new pg.Client({ host, user, database, password: readFileSync(passwordFile, 'utf8').trim() });
      await client.connect();
      return client;
    },
    output: () => output,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A new folder that any user may pass through, as PostgreSQL's has to when root runs the tests. */
export function newFolder(prefix: string): string {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dir, 0o755);
  return dir;
}

interface ReadyMessage {
  kind: string;
  places: TestInstance['places'];
  ownerDatabase: { host: string; user: string; passwordFile: string; database: string };
}

/** Runs the server's program in a role of its own: `serve`, `work`, `migrate`, `config`. Configuration by environment. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readCliConfig } from '../config.ts';

/** `jigeum config [--data <folder>]`: the settings of the environment, or of the embedded instance in the data folder. */
export async function configCommand(argv: string[]): Promise<void> {
  const { values } = parseArgs({ args: argv, options: { data: { type: 'string' } } });
  const folder = resolve(values.data ?? join(readCliConfig().rootDir, 'data'));
  await serverCommand(['config'], [`--env-file-if-exists=${join(folder, 'server.env')}`]);
}

/** `jigeum audit …`: on the embedded instance of a data folder, or on what options and environment name. */
export async function auditCommand(argv: string[]): Promise<void> {
  const at = argv.indexOf('--data');
  const [folder] = at === -1 ? [] : argv.slice(at + 1);
  const rest = at === -1 ? argv : argv.toSpliced(at, 2);
  const env = resolve(folder ?? join(readCliConfig().rootDir, 'data'), 'server.env');
  // Without --data a server's own environment wins over that of an embedded instance: Node does not replace what is set.
  await serverCommand(['audit', ...rest], [`--env-file-if-exists=${env}`]);
}

/** Hands over to `apps/server/src/main.ts` and ends with its status. Signals go to both, being one process group. */
export async function serverCommand(argv: string[], nodeOptions: readonly string[] = []): Promise<void> {
  const { rootDir } = readCliConfig();
  const child = spawn(process.execPath, [...nodeOptions, join(rootDir, 'apps/server/src/main.ts'), ...argv], {
    stdio: 'inherit',
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', () => {
    // A terminal's Ctrl-C reaches the child by itself; we wait for it to end.
  });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

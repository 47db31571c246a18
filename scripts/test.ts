/**
 * `npm test`: makes sure that a browser is there, then runs Vitest. Further arguments go to Vitest (`npm test -- packages/money`).
 * The last line printed is `N passed, N failed`; the status is that of the run.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const args = process.argv.slice(2);
const filters = args.filter((arg) => !arg.startsWith('-'));
/** Libraries and scripts have no tests in a browser, so a run of only those starts at once. */
const needsBrowser = filters.length === 0 || filters.some((filter) => !/^(packages|scripts)\b/.test(filter));

try {
  if (needsBrowser) console.log(`Tests in a browser use ${await ensureChromium()}.`);
  process.exitCode = await runVitest();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

/** Runs Vitest in a child that owns the terminal, passes stop signals on, and resolves to its status. */
function runVitest(): Promise<number> {
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const reporters = [
    '--reporter=default',
    `--reporter=${fileURLToPath(new URL('closing-reporter.ts', import.meta.url))}`,
  ];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], { cwd: ROOT, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

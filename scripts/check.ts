/** `npm run check`: everything that can be told without running the product. Runs all steps, prints each with its time, fails if one fails. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** One command whose status decides. `args[0]` is a program of node_modules/.bin, or `node`. */
interface Step {
  name: string;
  args: readonly string[];
}

/** Every scripts/generate-*.ts writes a file that is committed; with `--check` it says whether the file is still true. */
const generators: Step[] = readdirSync(fileURLToPath(new URL('.', import.meta.url)))
  .filter((file) => /^generate-[a-z-]+\.ts$/.test(file))
  .map((file) => ({ name: file.replace('.ts', ''), args: ['node', `scripts/${file}`, '--check'] }));

const STEPS: readonly Step[] = [
  { name: 'types', args: ['tsc', '-p', '.'] },
  { name: 'types of the web app', args: ['tsc', '-p', 'apps/web'] },
  { name: 'lint', args: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', args: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'tidy', args: ['node', 'scripts/tidy.ts'] },
  { name: 'dead code', args: ['knip', '--no-config-hints'] },
  ...generators,
];

const failed: string[] = [];
for (const step of STEPS) {
  const startedMs = performance.now();
  const { status, output } = await run(step);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s)`);
  if (status === 0) continue;
  failed.push(step.name);
  console.log(output.trimEnd().replace(/^/gm, '     '));
}
console.log(failed.length === 0 ? `check: ${STEPS.length} steps, all ok.` : `check: failed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs a step to its end and keeps what it printed. */
function run({ args: [program = '', ...rest] }: Step): Promise<{ status: number; output: string }> {
  const bin = `${ROOT}node_modules/.bin/${program}`;
  if (program !== 'node' && !existsSync(bin))
    return Promise.resolve({ status: 1, output: `${program} is not installed: run "npm ci".` });
  return new Promise((resolve) => {
    const child = spawn(program === 'node' ? process.execPath : bin, rest, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ status: 1, output: `${program} did not start: ${error.message}` }));
    child.once('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const REPORTER = fileURLToPath(new URL('closing-reporter.ts', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures/closing-reporter', import.meta.url));

/** Runs the fixture files whose names contain `filter` in a Vitest of their own. */
function runFixtures(filter: string): Promise<{ lastLine: string; status: number }> {
  const args = [VITEST, 'run', '--root', FIXTURES, '--reporter=default', `--reporter=${REPORTER}`, filter];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: FIXTURES }, (_error, stdout) => {
      resolve({ lastLine: stdout.trimEnd().split('\n').at(-1) ?? '', status: child.exitCode ?? -1 });
    });
  });
}

describe('the last line of a test run', () => {
  test.each([
    ['passes', '2 passed, 0 failed, 1 skipped', 0],
    ['breaks', '1 passed, 1 failed', 1],
    ['does-not-load', '0 passed, 1 failed', 1],
    ['hook-fails', '1 passed, 1 failed', 1],
    ['rejects-unseen', '1 passed, 1 failed', 1],
    ['no-such-file', '0 passed, 0 failed', 1],
  ])('counts what happened in a run that %s', async (filter, lastLine, status) => {
    expect(await runFixtures(`${filter}.case`)).toEqual({ lastLine, status });
  });
});

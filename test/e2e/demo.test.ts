/** `npm run demo`, as a person runs it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

test('the demo pays, checks every figure and ends with status 0, twice in a row', async () => {
  for (let round = 0; round < 2; round++) {
    const { status, output } = await new Promise<{ status: number | null; output: string }>((resolve) => {
      const child = execFile(process.execPath, [main, 'demo'], { timeout: 120_000 }, (_error, stdout, stderr) =>
        resolve({ status: child.exitCode, output: `${stdout}${stderr}` }),
      );
    });
    expect(output).toContain('Everything agrees.');
    expect(output).toContain('the payee pays 3000 won back, from a wallet without gas');
    expect(status).toBe(0);
  }
});

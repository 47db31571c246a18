import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex0x } from '@jigeum/std';
import { startWorkNode } from '@jigeum/worknode';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-node-chain-'));
  const node = await startWorkNode({ dataDir: join(folder, 'node'), emptyBlockMs: null });
  for (let block = 0; block < 3; block++) node.node.seal();
  await node.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'node', ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('jigeum node verify, export, import and sealer', () => {
  it('verify the chain of a folder, and carry it to another', () => {
    const [data, copy, file] = ['node', 'copy', 'chain.export'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const sentence = '4 blocks with 0 transactions and 1 citizen blocks';
    expect(run('verify', '--data', data)).toEqual({
      code: 0,
      out: `Verified ${sentence}: everything is as it was made.\n`,
      err: '',
    });
    expect(run('export', file, '--data', data)).toMatchObject({ code: 0, err: '' });
    expect(run('import', file, '--data', copy)).toMatchObject({ code: 0, out: expect.stringContaining(sentence) });
    expect(run('verify', '--data', copy)).toMatchObject({ code: 0 });

    const bytes = readFileSync(file);
    bytes[bytes.length - 200]! ^= 1;
    writeFileSync(file, bytes);
    const refused = run('import', file, '--data', join(folder, 'third'));
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/what stands after block 2 is damaged/);
  }, 60_000);

  it('say whose key seals the chain, as its proofs do', async () => {
    const data = join(folder, 'sealer');
    const started = await startWorkNode({ dataDir: data, chainId: 4711n, emptyBlockMs: null });
    const { sealer } = started.genesis;
    await started.stop();
    expect(run('sealer', '--data', data)).toEqual({
      code: 0,
      out: `Blocks of chain 4711 are sealed by ${sealer.symId}. Sealer key:\n4711:${toHex0x(sealer.keyHash)}\n`,
      err: '',
    });
    expect(run('sealer', 'file', '--data', data)).toMatchObject({ code: 1, err: expect.stringContaining('no file') });
  }, 60_000);

  it('explain themselves, and refuse what they cannot do in one sentence', () => {
    expect(run('verify', '--help').out).toMatch(/^Usage: npm run jigeum -- node verify/);
    expect(run('export', '--data', folder)).toMatchObject({ code: 1, err: expect.stringContaining('one file') });
    const none = join(folder, 'none');
    expect(run('verify', '--data', none)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`Expected a chain in ${join(none, 'chain.sqlite')}, but there is none.`),
    });
  }, 60_000);
});

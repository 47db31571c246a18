import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex0x } from '@jigeum/std';
import { folderRules } from '@jigeum/worknode';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

let dataDir: string;
let children: ChildProcess[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'jigeum-node-command-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly ready: Promise<{ kind: string; rpcUrl: string; caUrl: string }>;
  /** `code`: the signal's name where one has ended it. */
  readonly ended: Promise<{ code: number | NodeJS.Signals | null; out: string; err: string }>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [main, 'node', '--data', dataDir, '--port', '0', '--ca-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  // Not the event `close`: it does not come after `disconnect`.
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const ended = Promise.all([exited, once(child.stdout!, 'end'), once(child.stderr!, 'end')]).then(([code]) => ({
    code,
    out,
    err,
  }));
  const ready = new Promise<{ kind: string; rpcUrl: string; caUrl: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as never));
    void ended.then((result) => reject(new Error(`Ended before it was ready: ${JSON.stringify(result)}`)));
  });
  // A run that is expected to end has nobody who waits for `ready`.
  ready.catch(() => undefined);
  return { child, ready, ended };
}

describe('jigeum node', () => {
  it('says where it serves and where the development key is, stops cleanly on SIGTERM, and goes on where it was', async () => {
    const first = run('--block-ms', '50', '--empty-block-ms', '50', '--block-gas-limit', '1000000000');
    const { kind, rpcUrl, caUrl } = await first.ready;
    expect(kind).toBe('ready');
    await expect.poll(() => blockNumber(rpcUrl)).toBeGreaterThan(2);
    first.child.kill('SIGTERM');
    const { code, out } = await first.ended;
    expect(code).toBe(0);
    const sealerKey = `Sealer key   7777:${toHex0x(folderRules(dataDir).sealer.keyHash)} `;
    for (const words of [rpcUrl, caUrl, dataDir, join(dataDir, 'development-key.json'), sealerKey, 'Stopped.'])
      expect(out).toContain(words);
    expect(out).not.toContain(
      (JSON.parse(readFileSync(join(dataDir, 'development-key.json'), 'utf8')) as { privateKey: string }).privateKey,
    );

    const second = run('--block-ms', '60000');
    expect(await blockNumber((await second.ready).rpcUrl)).toBeGreaterThan(2);
    second.child.kill('SIGINT');
    expect((await second.ended).code).toBe(0);
  });

  it('ends when its parent goes away', async () => {
    const { child, ready, ended } = run();
    await ready;
    child.disconnect();
    expect(await ended).toMatchObject({ code: 0, out: expect.stringContaining('its parent ended') });
  });

  it('refuses with one sentence and status 1: a taken port, a folder in use, a damaged folder, options that make no sense', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const port = String((blocker.address() as { port: number }).port);
    expect(await run('--port', port).ended).toMatchObject({
      code: 1,
      err: expect.stringMatching(new RegExp(`^Port ${port} \\(JSON-RPC\\) is in use[^\n]*\n$`)),
    });
    blocker.close();

    const running = run();
    await running.ready;
    expect(await run().ended).toMatchObject({ code: 1, err: expect.stringMatching(/in use by another process/) });
    running.child.kill('SIGTERM');
    await running.ended;

    for (const args of [
      ['--block-ms', '1'],
      ['--port', 'x'],
      ['--block-gas-limit', '49000'],
      ['--no-such-option'],
      ['--genesis', join(dataDir, 'missing.json')],
    ]) {
      expect((await run(...args).ended).code, args.join(' ')).toBe(1);
    }
    writeFileSync(join(dataDir, 'chain.sqlite'), 'x'.repeat(5000));
    expect(await run().ended).toMatchObject({
      code: 1,
      err: expect.stringMatching(/chain\.sqlite is damaged: .*Restore the data folder/),
    });
  });
});

async function blockNumber(url: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sym_blockNumber', params: [] }),
  });
  const { result } = (await response.json()) as { result: string };
  return Number.parseInt(result, 16);
}

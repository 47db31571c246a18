import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./bank.ts', import.meta.url));
const SECRET = 'bank test secret';
const running: ChildProcess[] = [];
let folder: string;

/** Starts the bank as its parent does and resolves with its address. */
function startBank(noticeUrl: string): Promise<{ url: string; child: ChildProcess }> {
  const args = ['--port', '0', '--secret-file', join(folder, 'secret'), '--notice-url', noticeUrl];
  const child = fork(program, [...args, '--data', join(folder, 'bank.jsonl')], { execArgv: [], silent: true });
  running.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', (message: { url: string }) => resolve({ url: message.url, child }));
    child.once('exit', (code) => reject(new Error(`The bank ended with status ${code}.`)));
  });
}

async function deposit(url: string, depositorName: string): Promise<{ bankRef: string }> {
  const response = await fetch(`${url}/deposits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accountNumber: '110-000-000001', depositorName, amountWon: '5000' }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { bankRef: string };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

afterEach(async () => {
  for (const child of running.splice(0)) if (child.exitCode === null && child.signalCode === null) await end(child);
  rmSync(folder, { recursive: true, force: true });
});

test('a deposit that was answered is told after the bank was killed, also behind a line that was cut off', async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-bank-'));
  writeFileSync(join(folder, 'secret'), SECRET, { mode: 0o600 });
  writeFileSync(join(folder, 'bank.jsonl'), '{"kind":"deposit","deposit":{"bankR');
  const nobody = 'http://127.0.0.1:1/v1/bank/notices';
  const first = await startBank(nobody);
  const { bankRef } = await deposit(first.url, 'AB12CD');
  await end(first.child);

  const heard = new Promise<string>((resolve) => {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.writeHead(204).end();
        server.close();
        resolve(body);
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      void startBank(`http://127.0.0.1:${port}/v1/bank/notices`);
    });
  });
  expect(JSON.parse(await heard)).toMatchObject({ bankRef, depositorName: 'AB12CD', amountWon: '5000' });
});

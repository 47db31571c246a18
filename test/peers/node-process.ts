/** A work node as people start it: `jigeum node` as a process of its own, on free ports, in a folder that goes with it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface NodeProcess {
  readonly rpcUrl: string;
  /** Ends the node and removes its folder. */
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

/** Starts a node on a genesis and waits until it says that it serves. A block is closed as soon as something waits. */
export async function startNode(genesis: object): Promise<NodeProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-peer-'));
  const genesisFile = join(folder, 'genesis.json');
  writeFileSync(genesisFile, JSON.stringify(genesis));
  const places = ['--port', '0', '--ca-port', '0', '--data', join(folder, 'node')];
  const child = spawn(process.execPath, [main, 'node', ...places, '--genesis', genesisFile, '--seal-when-busy'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const rpcUrl = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { rpcUrl: string }) => resolve(message.rpcUrl));
    child.once('exit', (code) => reject(new Error(`The node ended with status ${code}: ${words}`)));
  });
  return {
    rpcUrl,
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

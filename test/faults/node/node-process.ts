/** A work node as people run it: a child process, ended by its recorded pid. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRpcClient, httpTransport, type RpcClient } from '@jigeum/symverse/rpc';

const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

export interface NodeProcess {
  readonly pid: number;
  readonly rpc: RpcClient;
  /** Ends it without a word to it, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to end, and waits. Throws when it does not end well. */
  stop(): Promise<void>;
}

/** A node that has been started and need not be ready. */
export interface StartingNode {
  kill(): Promise<void>;
  /** Resolves when it serves. Rejects with what it said when it ends before. */
  readonly ready: Promise<NodeProcess>;
}

const STOPPED_WITHIN_MS = 20_000;

/** Starts a node on a data folder. It ends with this process. */
export function startNode(folder: string, genesisFile: string, blockMs: number): StartingNode {
  const child = spawn(
    process.execPath,
    [
      main,
      'node',
      '--port',
      '0',
      '--ca-port',
      '0',
      '--data',
      folder,
      '--genesis',
      genesisFile,
      '--block-ms',
      `${blockMs}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4_000)));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    const code = await ended;
    clearTimeout(patience);
    if (code !== 0) throw new Error(`Expected the node to stop with status 0, got ${code}: ${words}`);
  };
  const ready = new Promise<NodeProcess>((resolve, reject) => {
    child.once('message', (message) => {
      const { rpcUrl } = message as { rpcUrl: string };
      resolve({ pid: child.pid!, rpc: createRpcClient({ transport: httpTransport(rpcUrl) }), kill, stop });
    });
    void ended.then((code) => reject(new Error(`The node ended with status ${code} before it served: ${words}`)));
  });
  // A node that is killed while it starts has nobody who waits for it.
  ready.catch(() => undefined);
  return { kill, ready };
}

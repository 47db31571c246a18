/** What is measured and what loads it run as processes of their own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A running program that has said that it is ready. It ends when this process goes away. */
export interface Child<Ready> {
  readonly ready: Ready;
  readonly process: ChildProcess;
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 10_000;

/** Starts a TypeScript program and resolves with the first message that it sends. */
export async function startChild<Ready>(file: URL, args: readonly string[] = []): Promise<Child<Ready>> {
  const child = fork(file, [...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    serialization: 'advanced',
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4_000)));
  const ready = await new Promise<Ready>((resolve, reject) => {
    const patience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Expected ${file.pathname} to be ready within ${READY_WITHIN_MS / 1000} s. It said: ${words}`));
    }, READY_WITHIN_MS);
    child.once('exit', (code) => {
      clearTimeout(patience);
      reject(new Error(`${file.pathname} ended with status ${code} before it was ready: ${words}`));
    });
    child.once('message', (message) => {
      clearTimeout(patience);
      resolve(message as Ready);
    });
  });
  return {
    ready,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** What is measured and what loads it run as processes of their own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A running program that has said that it is ready. It ends when this process goes away. */
export interface Child<Ready> {
  readonly ready: Ready;
  readonly process: ChildProcess;
  /** Sends an order and resolves with the next message. Rejects when the program ends before it. */
  ask<Answer>(order: unknown): Promise<Answer>;
  readonly stop: () => Promise<void>;
}

export interface ChildOptions {
  readonly readyWithinMs?: number;
  /** What Node is started with. */
  readonly flags?: readonly string[];
  /** A folder for V8's profile of the child and of each of its threads, written when it ends. */
  readonly profileFolder?: string | undefined;
}

const READY_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 10_000;

/** Starts a TypeScript program and resolves with the first message that it sends. */
export async function startChild<Ready>(
  file: URL,
  args: readonly string[] = [],
  { readyWithinMs = READY_WITHIN_MS, flags = [], profileFolder }: ChildOptions = {},
): Promise<Child<Ready>> {
  const child = fork(file, [...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [...flags, ...(profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`])],
    serialization: 'advanced',
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4_000)));
  const ready = await new Promise<Ready>((resolve, reject) => {
    const patience = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Expected ${file.pathname} to be ready within ${readyWithinMs / 1000} s. It said: ${words}`));
    }, readyWithinMs);
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
    ask: <Answer>(order: unknown) =>
      new Promise<Answer>((resolve, reject) => {
        const onExit = (code: number | null): void =>
          reject(new Error(`${file.pathname} ended with status ${code} before it answered: ${words}`));
        child.once('exit', onExit);
        child.once('message', (message) => {
          child.off('exit', onExit);
          resolve(message as Answer);
        });
        child.send(order as object);
      }),
    stop: () => stopProcess(child),
  };
}

/** Ends a process, by force when it does not follow. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
  await ended;
  clearTimeout(patience);
}

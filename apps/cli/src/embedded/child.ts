/** One supervised part: started, awaited, restarted with back-off when it fails, stopped with us. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { Refusal } from '../refusal.ts';

export interface ChildOptions {
  readonly name: string;
  /** What people call it, for sentences. */
  readonly label: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  /** Told of each failure and recovery, in one sentence. */
  readonly say: (sentence: string) => void;
}

export interface Child {
  /** The pid of the process that runs now; for tests that end it. */
  readonly pid: () => number | undefined;
  /** SIGTERM, then SIGKILL after ten seconds. Resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;
/** A part that served this long starts again at once when it fails: the pause grows only for one that cannot live. */
const STABLE_AFTER_MS = 1_000;
const LOG_BYTES_MAX = 20 * 1024 * 1024;

/** Starts a part and resolves when it says that it is ready. A part that ends before is a `Refusal` with its own last words. */
export async function startChild(options: ChildOptions): Promise<Child> {
  let current: ChildProcess | undefined;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let backoffMs = BACKOFF_FIRST_MS;

  const launch = (onReady: () => void, onEarlyEnd: (status: string) => void): void => {
    const log = openLog(options.logFile);
    const child = spawn(process.execPath, [...options.args], {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log, log, 'ipc'],
      // A process group of its own: Ctrl-C in the terminal reaches us, and we stop the parts in their order.
      detached: true,
    });
    closeSync(log);
    current = child;
    let readyAt = 0;
    let isReady = false;
    const patience = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
    child.on('message', (message: { kind?: string }) => {
      if (message.kind !== 'ready' || isReady) return;
      isReady = true;
      readyAt = performance.now();
      clearTimeout(patience);
      onReady();
    });
    const ended = (status: string): void => {
      clearTimeout(patience);
      if (isStopping || current !== child) return;
      current = undefined;
      if (!isReady) return onEarlyEnd(status);
      if (performance.now() - readyAt > STABLE_AFTER_MS) backoffMs = BACKOFF_FIRST_MS;
      restart(status);
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signal) => ended(signal ?? `status ${code}`));
  };

  const restart = (status: string): void => {
    options.say(
      `${options.label} ended (${status}); starting it again in ${backoffMs / 1000} s. Its log: ${options.logFile}`,
    );
    timer = setTimeout(() => {
      launch(
        () => options.say(`${options.label} is back.`),
        (again) => restart(again),
      );
    }, backoffMs);
    backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
  };

  await new Promise<void>((resolve, reject) => {
    launch(resolve, (status) =>
      reject(
        new Refusal(
          `${options.label} did not start (${status}). ${lastWords(options.logFile)}\nIts log: ${options.logFile}`,
        ),
      ),
    );
  });

  return {
    pid: () => current?.pid,
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      const child = current;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
}

/** One older log is kept: a log never grows beyond twice the bound. */
function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** The last line that is not a stack frame. */
function lastWords(file: string): string {
  const log = openSync(file, 'r');
  try {
    const size = fstatSync(log).size;
    const tail = Buffer.alloc(Math.min(size, 4096));
    readSync(log, tail, 0, tail.length, size - tail.length);
    const lines = tail
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+at |^Node\.js v|^\s*[{}^]/.test(line));
    return lines.at(-1) ?? 'It said nothing.';
  } finally {
    closeSync(log);
  }
}

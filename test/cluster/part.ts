/** One process of a cluster: started, killed by its pid, started again with the same arguments, stopped. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Part {
  readonly name: string;
  /** Undefined while it does not run. */
  pid(): number | undefined;
  /** Resolves when it says that it is ready. Does nothing where it runs. `env` goes over what it was made with, this once. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Sends a signal and resolves when the process has ended: SIGKILL unless another one is given. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after ten seconds. */
  stop(): Promise<void>;
  /** How it ended where nobody had asked for it: `status 1`, `SIGKILL`. */
  unaskedEnds(): readonly string[];
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<void>;
  /** All that it has printed. */
  log(): string;
}

export interface PartOptions {
  readonly name: string;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command:
    | {
        readonly kind: 'node';
        readonly file: string;
        readonly args: readonly string[];
        readonly flags?: readonly string[];
      }
    | {
        readonly kind: 'program';
        readonly file: string;
        readonly args: readonly string[];
        readonly uid?: number;
        readonly gid?: number;
      };
  /** Of a program: resolves when it serves, rejects where it does not. A Node part sends `{ kind: 'ready' }` itself. */
  readonly untilReady?: () => Promise<void>;
}

/** A start takes a second of computing; beside much other work that may be two minutes. */
const READY_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 10_000;
const LAST_WORDS_MAX = 2_000;

/** Makes a part that does not run yet. It ends with this process: Node parts by their channel, programs by `endWith`. */
export function createPart(options: PartOptions): Part {
  let child: ChildProcess | undefined;
  let exit: Promise<void> = Promise.resolve();
  let isAsked = false;
  const ends: string[] = [];

  const launch = (extra: Readonly<Record<string, string>>): ChildProcess => {
    const log = openSync(options.logFile, 'a', 0o600);
    const env = { ...options.env, ...extra };
    const { command } = options;
    const started =
      command.kind === 'node'
        ? fork(command.file, [...command.args], {
            env,
            stdio: ['ignore', log, log, 'ipc'],
            execArgv: [...(command.flags ?? [])],
          })
        : spawn(command.file, [...command.args], {
            env,
            stdio: ['ignore', log, log],
            cwd: '/',
            // A process group of its own: Ctrl-C in the terminal reaches us, and we stop the parts in their order.
            detached: true,
            ...(command.uid === undefined ? {} : { uid: command.uid, gid: command.gid }),
          });
    closeSync(log);
    isAsked = false;
    exit = new Promise((resolve) => {
      const over = (how: string): void => {
        if (child !== started) return;
        child = undefined;
        if (!isAsked) ends.push(how);
        resolve();
      };
      started.once('error', (error) => over(error.message));
      started.once('exit', (code, signal) => over(signal ?? `status ${code}`));
    });
    return started;
  };

  const part: Part = {
    name: options.name,
    pid: () => child?.pid,
    async start(extra = {}) {
      if (child !== undefined) return;
      const started = launch(extra);
      child = started;
      const ready = options.untilReady?.() ?? saysReady(started);
      // Where the process ends first, its end is the answer and this rejection would reach nobody.
      ready.catch(() => undefined);
      const patience = setTimeout(() => started.kill('SIGKILL'), READY_WITHIN_MS);
      const isReady = await Promise.race([ready.then(() => true), exit.then(() => false)]).finally(() =>
        clearTimeout(patience),
      );
      if (!isReady) {
        ends.pop();
        throw new Error(
          `${options.name} ended before it was ready, or was not within ${READY_WITHIN_MS / 1000} s. It said: ${part.log().slice(-LAST_WORDS_MAX)}`,
        );
      }
    },
    async kill(signal = 'SIGKILL') {
      part.signal(signal);
      await exit;
    },
    signal(signal) {
      isAsked ||= signal !== 'SIGSTOP' && signal !== 'SIGCONT';
      child?.kill(signal);
    },
    async stop() {
      const impatience = setTimeout(() => child?.kill('SIGKILL'), STOP_WITHIN_MS);
      await part.kill('SIGTERM');
      clearTimeout(impatience);
    },
    unaskedEnds: () => ends,
    ended: () => exit,
    log: () => readFileSync(options.logFile, 'utf8'),
  };
  return part;
}

const saysReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.on('message', (message: { kind?: string }) => {
      if (message.kind === 'ready') resolve();
    });
  });

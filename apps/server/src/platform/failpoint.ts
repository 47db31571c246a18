/**
 * Named points at which a test may stop, break or delay a running server. They are compiled in, so that what is tested is what
 * runs; they do nothing unless `armFailpoints` was called, which `start.ts` does where FAILPOINTS_FILE is set and `config.ts`
 * refuses in production.
 *
 * The file holds `{ "run": "<any text>", "points": { "<name>": { "at": 3, "act": "kill" } } }` and is read again at every hit: a
 * test changes its mind while the server runs (it replaces the file by a rename). `at` counts the hits of a point since `run`
 * changed. Each hit, armed or not, is a line in `<file>.hits`, written before anything happens; where the plan strikes, another
 * line says what it does and to which process.
 */
import { appendFileSync, readFileSync } from 'node:fs';

/** Every point, by the faults of the design: where a crash could lose or double something. */
export const FAILPOINTS = [
  'F01-parsed',
  'F02-before-accept-commit',
  'F02-after-accept-commit',
  'F03-before-answer',
  'F04-in-key-derivation',
  'F05-counted-before-verdict',
  'F06-before-grant-send',
  'F06-after-grant-send',
  'F07-wallet-locked',
  'F08-signed-before-commit',
  'F09-before-send',
  'F10-sent-before-record',
  'F11-end-seen-before-post',
  'F12-before-post-commit',
  'F12-after-post-commit',
  'F13-before-send',
  'F13-after-send',
  'F14-in-audit-append',
  'F15-in-checkpoint',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** What a hit does. `kill`: SIGKILL to this process; `stop`: SIGSTOP, until somebody sends SIGCONT. */
export type FailpointOrder = { at: number } & (
  { act: 'kill' } | { act: 'stop' } | { act: 'throw' } | { act: 'delay'; ms: number }
);

export interface FailpointPlan {
  run: string;
  points: Partial<Record<Failpoint, FailpointOrder>>;
}

/** Thrown where a plan says so; nothing in the server knows it. */
export class FailpointError extends Error {
  override readonly name = 'FailpointError';
  constructor(point: Failpoint) {
    super(`The failpoint ${point} throws, as its file says.`);
  }
}

let hit: ((point: Failpoint) => Promise<void> | undefined) | undefined;

/** Does what a test has ordered for this point; nothing, and without waiting, where none is armed. */
export const failpoint = (point: Failpoint): Promise<void> | undefined => hit?.(point);

/** Arms the points of this process by a file, for as long as it lives or until the result is called. */
export function armFailpoints(file: string): () => void {
  let run: string | undefined;
  const hits = new Map<Failpoint, number>();
  hit = (point) => {
    const plan = JSON.parse(readFileSync(file, 'utf8')) as FailpointPlan;
    if (plan.run !== run) hits.clear();
    run = plan.run;
    const count = (hits.get(point) ?? 0) + 1;
    hits.set(point, count);
    appendFileSync(`${file}.hits`, `${point}\n`);
    const order = plan.points[point];
    if (order === undefined || order.at !== count) return undefined;
    appendFileSync(`${file}.hits`, `${point} ${order.act} ${process.pid}\n`);
    return obey(point, order);
  };
  return () => (hit = undefined);
}

async function obey(point: Failpoint, order: FailpointOrder): Promise<void> {
  switch (order.act) {
    case 'throw':
      throw new FailpointError(point);
    case 'delay':
      await new Promise((resume) => setTimeout(resume, order.ms));
      return;
    case 'kill':
    case 'stop':
      process.kill(process.pid, order.act === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      // The signal may come a moment later: nothing goes on meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.act === 'kill' ? 1_000 : 1);
  }
}

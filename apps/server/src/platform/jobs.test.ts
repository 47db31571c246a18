import { afterEach, beforeEach, expect, test } from 'vitest';
import { jobLoop, type JobLoop } from './jobs.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';

/** Time passes when the test says so. */
function stillClock() {
  const waiting = new Set<{ ms: number; call: () => void }>();
  return {
    after(ms: number, call: () => void) {
      const entry = { ms, call };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    /** How long each of those who wait was told to. */
    waits: () => [...waiting].map(({ ms }) => ms),
    pass() {
      for (const entry of [...waiting]) if (waiting.delete(entry)) entry.call();
    },
  };
}
/** Everything that can happen without time has happened: a loop of jobs that wait for nothing is promises alone. */
const turn = () => new Promise((resume) => setImmediate(resume));

let clock: ReturnType<typeof stillClock>;
let loop: JobLoop | undefined;
let logged: string;
const deps = () => ({
  clock,
  log: createLog({ level: 'debug', destination: { write: (line: string) => void (logged += line) } }),
  metrics: createMetrics(),
});

beforeEach(() => {
  clock = stillClock();
  logged = '';
});
afterEach(async () => {
  await loop?.stop();
});

const INTERVAL_MS = 3_600_000;

test('a poke runs a waiting job at once, and pokes during a run make one run more', async () => {
  let runs = 0;
  let release: (() => void) | undefined;
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: INTERVAL_MS,
    async run() {
      runs++;
      if (runs === 2) await new Promise<void>((resolve) => (release = resolve));
      return 'idle';
    },
  });
  await turn();
  expect([runs, clock.waits()]).toEqual([1, [INTERVAL_MS]]);
  loop.poke();
  await turn();
  expect([runs, clock.waits()]).toEqual([2, []]);
  for (let index = 0; index < 10; index++) loop.poke();
  await turn();
  expect(runs).toBe(2);
  release!();
  await turn();
  expect([runs, clock.waits()]).toEqual([3, [INTERVAL_MS]]);
});

test('a job that rests shares one run among the pokes of its rest', async () => {
  let runs = 0;
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: INTERVAL_MS,
    restMs: 50,
    async run() {
      runs++;
      return 'idle';
    },
  });
  await turn();
  expect([runs, clock.waits()]).toEqual([1, [50]]);
  for (let index = 0; index < 10; index++) loop.poke();
  await turn();
  expect([runs, clock.waits()]).toEqual([1, [50]]);
  clock.pass();
  await turn();
  expect([runs, clock.waits()]).toEqual([2, [50]]);
  // Nobody has poked during this rest: the timer is next, unless somebody does.
  clock.pass();
  await turn();
  expect([runs, clock.waits()]).toEqual([2, [INTERVAL_MS]]);
  loop.poke();
  await turn();
  expect([runs, clock.waits()]).toEqual([3, [50]]);
});

test('runs again at once while there is more, and by its timer when there is not', async () => {
  const results: ('more' | 'idle')[] = ['more', 'more', 'idle', 'idle'];
  let runs = 0;
  loop = jobLoop(deps(), { name: 'sweep', intervalMs: INTERVAL_MS, run: async () => results[runs++] ?? 'idle' });
  await turn();
  expect([runs, clock.waits()]).toEqual([3, [INTERVAL_MS]]);
  clock.pass();
  await turn();
  expect([runs, clock.waits()]).toEqual([4, [INTERVAL_MS]]);
});

test('a failure is logged with its code, counted, and tried again', async () => {
  const own = deps();
  let runs = 0;
  loop = jobLoop(own, {
    name: 'submit',
    intervalMs: INTERVAL_MS,
    async run() {
      if (runs++ === 0) throw Object.assign(new Error('hidden words'), { code: 'ECONNRESET' });
      return 'idle';
    },
  });
  await turn();
  expect([runs, clock.waits()]).toEqual([1, [250]]);
  clock.pass();
  await turn();
  expect([runs, clock.waits()]).toEqual([2, [INTERVAL_MS]]);
  expect(logged).toContain('"job":"submit"');
  expect(logged).toContain('ECONNRESET');
  expect(logged).not.toContain('hidden words');
  expect((await own.metrics.text()).body).toContain('jigeum_job_runs_total{job="submit",result="failed"} 1');
});

test('pokes do not break the pause after a failure, which grows with each', async () => {
  let runs = 0;
  loop = jobLoop(deps(), {
    name: 'submit',
    intervalMs: 1,
    async run() {
      runs++;
      throw new Error('x');
    },
  });
  await turn();
  for (const [failures, pauseMs] of [250, 500, 1_000, 2_000, 4_000, 4_000].entries()) {
    for (let index = 0; index < 5; index++) loop.poke();
    await turn();
    expect([runs, clock.waits()]).toEqual([failures + 1, [pauseMs]]);
    clock.pass();
    await turn();
  }
});

test('stopping waits for the present run and starts no other', async () => {
  let runs = 0;
  let end: (() => void) | undefined;
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: INTERVAL_MS,
    async run(signal) {
      runs++;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => (end = resolve)));
      return 'more';
    },
  });
  await turn();
  let isStopped = false;
  const stopped = loop.stop().then(() => (isStopped = true));
  await turn();
  expect([runs, isStopped]).toEqual([1, false]);
  end!();
  await stopped;
  await turn();
  expect([runs, clock.waits()]).toEqual([1, []]);
});

test('stopping waits for what runs have left under way, after the last run', async () => {
  const order: string[] = [];
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: INTERVAL_MS,
    async run(signal) {
      signal.addEventListener('abort', () => order.push('told'));
      return 'idle';
    },
    async drain() {
      order.push('draining');
      await turn();
      order.push('drained');
    },
  });
  await loop.stop();
  expect(order).toEqual(['told', 'draining', 'drained']);
});

import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '@jigeum/std';
import { jobLoop, type JobLoop } from './jobs.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';

let loop: JobLoop | undefined;
let logged = '';
const deps = () => ({
  clock: systemClock,
  log: createLog({ level: 'debug', destination: { write: (line: string) => void (logged += line) } }),
  metrics: createMetrics(),
});

afterEach(async () => {
  await loop?.stop();
  logged = '';
});

const NEVER_MS = 3_600_000;

test('a poke runs a waiting job at once, and pokes during a run make one run more', async () => {
  let runs = 0;
  let release: (() => void) | undefined;
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: NEVER_MS,
    async run() {
      runs++;
      if (runs === 2) await new Promise<void>((resolve) => (release = resolve));
      return 'idle';
    },
  });
  await vi.waitFor(() => expect(runs).toBe(1));
  loop.poke();
  await vi.waitFor(() => expect(release).toBeDefined());
  for (let index = 0; index < 10; index++) loop.poke();
  expect(runs).toBe(2);
  release!();
  await vi.waitFor(() => expect(runs).toBe(3));
  await new Promise((resume) => setTimeout(resume, 30));
  expect(runs).toBe(3);
});

test('a job that rests shares one run among the pokes of its rest', async () => {
  let runs = 0;
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: NEVER_MS,
    restMs: 50,
    async run() {
      runs++;
      return 'idle';
    },
  });
  await vi.waitFor(() => expect(runs).toBe(1));
  for (let index = 0; index < 10; index++) loop.poke();
  await Promise.resolve();
  expect(runs).toBe(1);
  await vi.waitFor(() => expect(runs).toBe(2));
  await new Promise((resume) => setTimeout(resume, 150));
  expect(runs).toBe(2);
  loop.poke();
  await vi.waitFor(() => expect(runs).toBe(3));
});

test('runs again at once while there is more, and by its timer when there is not', async () => {
  const results: ('more' | 'idle')[] = ['more', 'more', 'idle', 'idle'];
  let runs = 0;
  loop = jobLoop(deps(), { name: 'sweep', intervalMs: 5, run: async () => results[runs++] ?? 'idle' });
  await vi.waitFor(() => expect(runs).toBeGreaterThan(4));
});

test('a failure is logged with its code, counted, and tried again', async () => {
  const own = deps();
  let runs = 0;
  loop = jobLoop(own, {
    name: 'submit',
    intervalMs: NEVER_MS,
    async run() {
      if (runs++ === 0) throw Object.assign(new Error('hidden words'), { code: 'ECONNRESET' });
      return 'idle';
    },
  });
  await vi.waitFor(() => expect(runs).toBe(2), { timeout: 2_000 });
  expect(logged).toContain('"job":"submit"');
  expect(logged).toContain('ECONNRESET');
  expect(logged).not.toContain('hidden words');
  expect((await own.metrics.text()).body).toContain('jigeum_job_runs_total{job="submit",result="failed"} 1');
});

test('pokes do not break the pause after a failure', async () => {
  let runs = 0;
  loop = jobLoop(deps(), {
    name: 'submit',
    intervalMs: 1,
    async run() {
      runs++;
      throw new Error('x');
    },
  });
  await vi.waitFor(() => expect(runs).toBe(1));
  for (let index = 0; index < 5; index++) {
    loop.poke();
    await new Promise((resume) => setTimeout(resume, 10));
  }
  expect(runs).toBe(1);
});

test('stopping waits for the present run and starts no other', async () => {
  let state = 'waiting';
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: 1,
    async run(signal) {
      state = 'running';
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 20)));
      state = 'ended';
      return 'more';
    },
  });
  await vi.waitFor(() => expect(state).toBe('running'));
  await loop.stop();
  expect(state).toBe('ended');
});

test('stopping waits for what runs have left under way, after the last run', async () => {
  const order: string[] = [];
  loop = jobLoop(deps(), {
    name: 'sweep',
    intervalMs: NEVER_MS,
    async run(signal) {
      signal.addEventListener('abort', () => order.push('told'));
      return 'idle';
    },
    async drain() {
      order.push('draining');
      await new Promise((resume) => setTimeout(resume, 20));
      order.push('drained');
    },
  });
  await loop.stop();
  expect(order).toEqual(['told', 'draining', 'drained']);
});

/** Spreads worlds over threads. What they show does not depend on how many threads there are. */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { WorldReport, WorldTask } from './worker.ts';

export interface WorldsResult {
  /** Of the hashes of all worlds, in their order. */
  hash: string;
  steps: number;
  worlds: number;
  payments: number;
  /** The first world that broke a rule. */
  failure?: WorldReport;
}

/** Worlds from 1 on until they have `steps` together, or up to the first that fails. */
export async function runWorlds(
  task: WorldTask,
  input: { steps: number; jobs: number; firstWorld?: number; onWorld?: (report: WorldReport) => void },
): Promise<WorldsResult> {
  const firstWorld = input.firstWorld ?? 1;
  const reports = new Map<number, WorldReport>();
  let next = firstWorld;
  let isEnough = false;
  /** Those of the first worlds, without a gap, that make up the steps. */
  const counted = (): WorldReport[] => {
    const some: WorldReport[] = [];
    let steps = 0;
    for (let index = firstWorld; steps < input.steps; index++) {
      const report = reports.get(index);
      if (report === undefined) break;
      some.push(report);
      steps += report.steps;
      if (report.failure !== undefined) break;
    }
    return some;
  };
  const isComplete = (): boolean => {
    const some = counted();
    return some.at(-1)?.failure !== undefined || some.reduce((sum, each) => sum + each.steps, 0) >= input.steps;
  };
  await Promise.all(
    Array.from({ length: input.jobs }, async () => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
      try {
        await answerOf(worker);
        while (!isEnough) {
          worker.postMessage(next++, []);
          const report = (await answerOf(worker)) as WorldReport;
          reports.set(report.index, report);
          input.onWorld?.(report);
          isEnough ||= isComplete();
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  const some = counted();
  const hash = createHash('sha256');
  for (const report of some) hash.update(report.hash);
  const last = some.at(-1);
  return {
    hash: hash.digest('hex'),
    steps: some.reduce((sum, each) => sum + each.steps, 0),
    worlds: some.length,
    payments: some.reduce((sum, each) => sum + each.payments, 0),
    ...(last?.failure === undefined ? {} : { failure: last }),
  };
}

/** The next message of a thread. Rejects where the thread ends or breaks instead. */
const answerOf = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      worker.off('message', answered).off('error', broken).off('exit', ended);
      end();
    };
    const answered = (message: unknown) => settle(() => resolve(message));
    const broken = (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error))));
    const ended = (code: number) =>
      settle(() => reject(new Error(`Expected an answer of a thread, it ended with ${code}.`)));
    worker.on('message', answered).on('error', broken).on('exit', ended);
  });

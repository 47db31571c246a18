/** A thread that runs the worlds it is told to. Its answers are plain: errors as text. */
import { parentPort, workerData } from 'node:worker_threads';
import { plant } from './mutate.ts';
import type { Image } from './platform.ts';
import type { WorldResult } from './world.ts';

export interface WorldTask {
  seed: string;
  mutant: string | undefined;
  image: Image;
}

/** A `WorldResult` that can travel between threads. */
export type WorldReport = Omit<WorldResult, 'failure'> & { failure?: { rule: string; text: string; lines: string[] } };

const task = workerData as WorldTask;
const mutant = task.mutant === undefined ? undefined : plant(task.mutant);
// After the mutant is planted.
const { openWorlds, runWorld } = await import('./run.ts');
const platform = await openWorlds(task.image, mutant?.sql);

parentPort!.on('message', (index: number) => {
  void runWorld(platform, { seed: task.seed, index }).then((result) => parentPort!.postMessage(reportOf(result), []));
});
parentPort!.postMessage('ready', []);

function reportOf({ failure, ...result }: WorldResult): WorldReport {
  if (failure === undefined) return result;
  const { error, lines } = failure;
  const rule = (error as { rule?: unknown }).rule;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...result, failure: { rule: typeof rule === 'string' ? rule : 'error', text, lines } };
}

/** Runs one storm on its own thread, so that the one who waits can tell a hang from work. */
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { FuzzFailure, runFuzz, type FuzzResult } from './run.ts';
import { createTargets } from './targets.ts';

/** What the thread is given. `at` has one place: the index under way. */
export interface FuzzTask {
  readonly name: string;
  readonly seed: string;
  readonly from: number;
  readonly count: number;
  readonly at: Float64Array;
}

/** What comes back: the figures, or the sentence that says what broke. */
export type FuzzOutcome =
  { readonly kind: 'done'; readonly result: FuzzResult } | { readonly kind: 'failed'; readonly text: string };

const { name, at, ...run } = workerData as FuzzTask;
const target = (await createTargets()).find((each) => each.name === name)!;
parentPort!.postMessage(await outcome(), []);

async function outcome(): Promise<FuzzOutcome> {
  try {
    const onInput = (index: number): void => void (at[0] = index);
    return { kind: 'done', result: await runFuzz({ target, ...run, onInput }) };
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    const { cause } = error;
    return { kind: 'failed', text: cause === undefined ? error.message : `${error.message}\n${inspect(cause)}` };
  }
}

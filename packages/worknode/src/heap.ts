/** How much memory the process of a node takes beyond what it needs. */
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps old space near what is alive in it, and the young space of other threads as small as they ask for. For a program that runs a
 * node, before it starts one; the effect is on the whole process.
 *
 * Old space may grow by half between two collections. V8 lets the heap of a machine with much memory grow to several times that
 * before it looks: transactions that have waited for their block count as old, and a chain of 100,000 people reached 1.6 GiB
 * with 0.2 GiB alive.
 *
 * The size of young space with which a program was started is its main thread's, which has read it by now. A thread that is started
 * later would read it too, and take 64 MB for what never outlives a question, whatever it was told itself.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString('--heap-growing-percent=50');
  // 0: not set.
  setFlagsFromString('--min-semi-space-size=0');
  setFlagsFromString('--max-semi-space-size=0');
}

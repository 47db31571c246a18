/** How much memory the process of a node takes beyond what it needs. */
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps old space near what is alive in it: it may grow by half between two collections. For a program that runs a node, before
 * it starts one; the effect is on the whole process. V8 lets the heap of a machine with much memory grow to several times that
 * before it looks: transactions that have waited for their block count as old, and a chain of 100,000 people reached 1.6 GiB
 * with 0.2 GiB alive. How large young space gets is decided before a program runs, by whoever starts it.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString('--heap-growing-percent=50');
}

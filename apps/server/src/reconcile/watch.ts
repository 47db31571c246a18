/** What an operator hears of without asking: a chain that is away or stands still, and payments that wait too long. */
import { OtherChain } from '@jigeum/chain';
import { raiseAlarm } from '#platform';
import type { FindingDeps } from './findings.ts';
import * as watchRows from './store/watch.ts';

/** A node that is started anew is back sooner. */
const AWAY_MS = 15_000;
/** A chain that makes a block a second stands still when its newest is older. */
const STILL_MS = 60_000;
/** A payment that has not ended by then waits for something. */
const STUCK_MS = 60_000;

/** Looks once; keep the result, because it remembers how long the node has been away. */
export function watcher(deps: FindingDeps): () => Promise<void> {
  let answeredAtMs = deps.clock.monotonicMs();
  return async () => {
    const problem = await problemOfChain(deps);
    const nowMs = deps.clock.monotonicMs();
    if (problem === null) answeredAtMs = nowMs;
    else if (nowMs - answeredAtMs >= AWAY_MS)
      await raiseAlarm(deps, deps.db, {
        kind: 'node-lost',
        subject: 'chain',
        detail: `${problem} Payments are accepted and wait; nobody loses money by it. Read docs/operating/node-lost.md.`,
      });
    const stuck = await watchRows.stuckPayments(deps.db, new Date(deps.clock.nowMs() - STUCK_MS));
    if (stuck !== undefined)
      await raiseAlarm(deps, deps.db, {
        kind: 'payment-stuck',
        subject: 'payments',
        detail: `Expected every payment to end within ${STUCK_MS / 1000} s, got ${stuck.count} that have not, the oldest of them ${stuck.oldest}. Look with "jigeum transfer waiting" and "jigeum transfer show".`,
      });
  };
}

async function problemOfChain(deps: FindingDeps): Promise<string | null> {
  try {
    const { number, atMs } = await deps.chain.head();
    const ageMs = deps.clock.nowMs() - atMs;
    return ageMs > STILL_MS ? `The newest block, ${number}, is ${Math.round(ageMs / 1000)} s old.` : null;
  } catch (error) {
    if ((error as Error).name !== 'ChainUnreachable') throw error;
    return error instanceof OtherChain ? error.message : 'The node does not answer.';
  }
}

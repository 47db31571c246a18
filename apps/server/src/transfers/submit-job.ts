/** Sends signed bytes, again and again, until the chain has them. The only caller of `driver.broadcast`. */
import type { BroadcastOutcome } from '@jigeum/chain';
import type { Deps } from '#deps';
import type { Job } from '#platform';
import { bytesToHex } from '@jigeum/std';
import { retryAfterMs, transition } from './transfer.ts';
import * as outboxRows from './store/outbox.ts';
import * as walletRows from './store/wallets.ts';

/** Rows of one run. At 5 s of the driver's patience and 16 wallets at once, a run of lost answers ends within two leases. */
const BATCH = 256;
/** A row whose sender died is sent again after this. Longer than the driver's patience, so that no one sends twice at once. */
const LEASE_MS = 8_000;
/** A row that the chain has but has not made final is sent again: the node may have lost its pool. */
const REBROADCAST_MS = 10_000;
/** Wallets that are sent for at the same time; the rows of one wallet go one after the other, in the order of their nonces. */
const WALLETS_AT_ONCE = 16;
/** After so long without answers the rest of a wallet's rows rest with the one that got none. Shorter than the lease. */
const SILENCE_MS = 2_000;
/** A full pool or a missing earlier nonce is over with the next block. */
const NEXT_BLOCK_MS = 500;

type SubmitDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'log' | 'metrics' | 'wake'>;

/** Claims due rows by a lease, so that any number of processes may run it and a kill at any point only costs time. */
export function submitJob(deps: SubmitDeps): Job {
  return {
    name: 'submit',
    intervalMs: 250,
    async run(signal) {
      const nowMs = deps.clock.nowMs();
      const rows = await outboxRows.claimDue(deps.db, {
        chainId: deps.chain.chainId,
        now: new Date(nowMs),
        leaseUntil: new Date(nowMs + LEASE_MS),
        limit: BATCH,
      });
      if (rows.length === 0) return 'idle';
      const byWallet = Map.groupBy(rows, (row) => row.wallet_id);
      const queues = [...byWallet.values()];
      await Promise.all(
        Array.from({ length: Math.min(WALLETS_AT_ONCE, queues.length) }, async () => {
          for (let queue = queues.pop(); queue !== undefined && !signal.aborted; queue = queues.pop()) {
            await sendQueue(deps, queue);
          }
        }),
      );
      deps.wake('confirm');
      return rows.length === BATCH ? 'more' : 'idle';
    },
  };
}

async function sendQueue(deps: SubmitDeps, rows: readonly outboxRows.DueRow[]): Promise<void> {
  const attempts = deps.metrics.counter('broadcasts_total', 'Attempts to send a signed transaction.', ['outcome']);
  const startedAtMs = deps.clock.monotonicMs();
  const inOrder = [...rows].sort((left, right) => (left.nonce < right.nonce ? -1 : 1));
  for (const [index, row] of inOrder.entries()) {
    const outcome = await deps.chain.broadcast(row.raw);
    attempts.inc({ outcome: outcome.kind === 'refused' ? outcome.reason : outcome.kind });
    await recordAttempt(deps, row, outcome);
    if (outcome.kind === 'unknown' && deps.clock.monotonicMs() - startedAtMs > SILENCE_MS) {
      // A node that hangs would be waited for once more for each later nonce: those are given back unsent.
      const later = inOrder.slice(index + 1).map((each) => each.id);
      await outboxRows.giveBack(deps.db, { ids: later, at: new Date(deps.clock.nowMs() + retryAfterMs(row.attempts)) });
      return;
    }
  }
}

async function recordAttempt(deps: SubmitDeps, row: outboxRows.DueRow, outcome: BroadcastOutcome): Promise<void> {
  let next = transition({ state: row.state, isUnknown: row.is_unknown }, { kind: 'broadcast', outcome });
  let problem: string | null = null;
  let restMs = REBROADCAST_MS;
  if (outcome.kind === 'unknown') {
    problem = outcome.cause;
    restMs = retryAfterMs(row.attempts);
  } else if (outcome.kind === 'refused') {
    problem = `${outcome.reason}: ${outcome.text}`;
    restMs =
      outcome.reason === 'nonce-too-high' || outcome.reason === 'pool-full'
        ? NEXT_BLOCK_MS
        : retryAfterMs(row.attempts);
    if (outcome.reason === 'nonce-too-low' || outcome.reason === 'invalid') {
      const found = await lookUp(deps, row);
      if (found !== undefined) {
        next = transition(next, { kind: 'looked-up', outcome: found });
        // Only `confirm` posts: a final outcome stays on its way here.
        if (next.state === 'final' || next.state === 'reverted') next = { state: 'broadcast', isUnknown: false };
      }
      if (next.isUnknown) {
        deps.log.error('The node refuses a signed transaction whose outcome is not known.', {
          outboxId: row.id,
          walletId: row.wallet_id,
          transactionHash: bytesToHex(row.hash),
          reason: problem,
        });
      }
    }
    if (outcome.reason === 'funds-too-low') {
      deps.log.warn('A wallet has less gas on the chain than the ledger says.', { walletId: row.wallet_id });
      await walletRows.askForGas(deps.db, row.wallet_id);
      deps.wake('refill-gas');
    }
  }
  await outboxRows.recordAttempt(deps.db, {
    id: row.id,
    state: next.state,
    isUnknown: next.isUnknown,
    problem: problem?.slice(0, 300) ?? null,
    nextAttemptAt: new Date(deps.clock.nowMs() + restMs),
  });
}

/** Undefined where the node cannot be asked either. */
async function lookUp(deps: SubmitDeps, row: outboxRows.DueRow) {
  try {
    const [outcome] = await deps.chain.outcomes([row.hash]);
    return outcome;
  } catch (error) {
    deps.log.warn('The node could not be asked for a hash.', { outboxId: row.id, error });
    return undefined;
  }
}

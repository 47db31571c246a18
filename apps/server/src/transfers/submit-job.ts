/** Sends signed bytes, again and again, until the chain has them. The only caller of `driver.broadcast`. */
import type { BroadcastOutcome, TransactionOutcome } from '@jigeum/chain';
import { isQuarantined } from '#protection';
import type { Deps } from '#deps';
import { failpoint, inTrx, type Job } from '#platform';
import { assert, bytesToHex } from '@jigeum/std';
import { cancelBlockedRows } from './cancel.ts';
import { retryAfterMs, transition } from './transfer.ts';
import * as outboxRows from './store/outbox.ts';
import * as walletRows from './store/wallets.ts';

/** Rows of one run; with those that come along with a grant, as many again: together they fit into one request to a node. */
const BATCH = 100;
/** Payments of so much time are sent together. A block comes once a second. */
const REST_MS = 30;
/** A row whose sender died is sent again after this. Longer than the driver's patience, so that no one sends twice at once. */
const LEASE_MS = 8_000;
/** A row that the chain has but has not made final is sent again: the node may have lost its pool. */
const REBROADCAST_MS = 10_000;
/** A full pool or a missing earlier nonce is over with the next block. */
const NEXT_BLOCK_MS = 500;
/** A node that wants coin to be final before it takes what spends it is not tried with less for so long. */
const STRICT_MS = 60_000;

type SubmitDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'log' | 'metrics' | 'wake' | 'secrets'>;
type DueRow = outboxRows.DueRow;

/** Claims due rows by a lease, so that any number of processes may run it and a kill at any point only costs time. */
export function submitJob(deps: SubmitDeps): Job {
  let strictUntilMs = -STRICT_MS;
  return {
    name: 'submit',
    intervalMs: 250,
    restMs: REST_MS,
    async run() {
      if (await isQuarantined(deps.db)) return 'idle';
      const nowMs = deps.clock.nowMs();
      const rows = await outboxRows.claimDue(deps.db, {
        chainId: deps.chain.chainId,
        now: new Date(nowMs),
        leaseUntil: new Date(nowMs + LEASE_MS),
        limit: BATCH,
        withWaiting: deps.clock.monotonicMs() >= strictUntilMs,
      });
      if (rows.length === 0) return 'idle';
      const isStrict = await send(deps, rows);
      if (isStrict) strictUntilMs = deps.clock.monotonicMs() + STRICT_MS;
      return rows.length >= BATCH ? 'more' : 'idle';
    },
  };
}

/** Sends and records. True where the node wants a grant to be final before it takes what the grant pays for. */
async function send(deps: SubmitDeps, rows: readonly DueRow[]): Promise<boolean> {
  const counter = deps.metrics.counter('broadcasts_total', 'Attempts to send a signed transaction.', ['outcome']);
  const hasGrant = rows.some((row) => row.purpose === 'gas_grant');
  if (hasGrant) await failpoint('F06-before-grant-send');
  await failpoint('F09-before-send');
  const outcomes = await deps.chain.broadcast(rows.map((row) => row.raw));
  if (hasGrant) await failpoint('F06-after-grant-send');
  await failpoint('F10-sent-before-record');
  assert(outcomes.length === rows.length, 'one outcome for each transaction');
  const sent = rows.map((row, index) => ({ row, outcome: outcomes[index]! }));
  for (const { outcome } of sent) counter.inc({ outcome: outcome.kind === 'refused' ? outcome.reason : outcome.kind });

  const now = new Date(deps.clock.nowMs());
  const found = await lookUp(
    deps,
    sent.filter(({ outcome }) => mayBeMined(outcome)).map(({ row }) => row),
  );
  const attempts = sent.map((each) => attemptOf(each, now, found.get(each.row.id)));
  await inTrx(deps, (trx) => outboxRows.recordAttempts(trx, attempts, now));
  await askForMissingGas(deps, sent);
  await cancelBlockedRows(
    deps,
    sent
      .filter(({ row, outcome }) => isRefused(outcome, 'invalid') && found.get(row.id)?.kind === 'absent')
      .map(({ row }) => row),
  );
  if (sent.some(({ outcome }) => outcome.kind !== 'refused')) deps.wake('confirm');
  return sent.some(({ row, outcome }) => row.is_gas_coming && isRefused(outcome, 'funds-too-low'));
}

/** What is recorded of one attempt. Pure. `found`: what the chain said of the hash afterwards, where it was asked. */
export function attemptOf(
  { row, outcome }: { row: DueRow; outcome: BroadcastOutcome },
  now: Date,
  found?: TransactionOutcome,
): outboxRows.Attempt {
  let next = transition({ state: row.state, isUnknown: row.is_unknown }, { kind: 'broadcast', outcome });
  // Only `confirm` posts: what is final or pending is on its way here.
  if (found !== undefined && found.kind !== 'absent')
    next = transition(next, { kind: 'looked-up', outcome: { kind: 'pending' } });
  return {
    id: row.id,
    state: next.state,
    isUnknown: next.isUnknown,
    problem: problemOf(outcome)?.slice(0, 300) ?? null,
    nextAttemptAt: new Date(now.getTime() + restMs(row, outcome)),
    verdict:
      next.isUnknown && isRefused(outcome, 'invalid') ? 'invalid' : next.state === 'broadcast' ? 'taken' : 'neither',
  };
}

function restMs(row: DueRow, outcome: BroadcastOutcome): number {
  if (outcome.kind === 'unknown') return retryAfterMs(row.attempts);
  if (outcome.kind !== 'refused') return REBROADCAST_MS;
  if (outcome.reason === 'nonce-too-high' || outcome.reason === 'pool-full') return NEXT_BLOCK_MS;
  // Its grant makes it due when it is final.
  if (outcome.reason === 'funds-too-low' && row.is_gas_coming) return REBROADCAST_MS;
  return retryAfterMs(row.attempts);
}

function problemOf(outcome: BroadcastOutcome): string | null {
  if (outcome.kind === 'unknown') return outcome.cause;
  return outcome.kind === 'refused' ? `${outcome.reason}: ${outcome.text}` : null;
}

const isRefused = (outcome: BroadcastOutcome, reason: string): boolean =>
  outcome.kind === 'refused' && outcome.reason === reason;

/** An earlier copy may be on the chain already: only the hash can tell. */
const mayBeMined = (outcome: BroadcastOutcome): boolean =>
  isRefused(outcome, 'nonce-too-low') || isRefused(outcome, 'invalid');

/** By the row's id; empty where the node cannot be asked. */
async function lookUp(deps: SubmitDeps, rows: readonly DueRow[]): Promise<Map<string, TransactionOutcome>> {
  if (rows.length === 0) return new Map();
  try {
    const outcomes = await deps.chain.outcomes(rows.map((row) => row.hash));
    for (const [index, row] of rows.entries()) {
      if (outcomes[index]?.kind !== 'absent') continue;
      deps.log.error('The node refuses a signed transaction whose outcome is not known.', {
        outboxId: row.id,
        walletId: row.wallet_id,
        transactionHash: bytesToHex(row.hash),
      });
    }
    return new Map(rows.map((row, index) => [row.id, outcomes[index]!]));
  } catch (error) {
    deps.log.warn('The node could not be asked for a hash.', { outboxId: rows[0]!.id, error });
    return new Map();
  }
}

/** The ledger says more coin than the chain has, and none is coming. */
async function askForMissingGas(
  deps: SubmitDeps,
  sent: readonly { row: DueRow; outcome: BroadcastOutcome }[],
): Promise<void> {
  const short = sent.filter(({ row, outcome }) => isRefused(outcome, 'funds-too-low') && !row.is_gas_coming);
  if (short.length === 0) return;
  const walletIds = [...new Set(short.map(({ row }) => row.wallet_id))];
  deps.log.warn('Wallets have less gas on the chain than the ledger says.', { walletId: walletIds.join(' ') });
  await walletRows.askForGas(deps.db, walletIds);
  deps.wake('refill-gas');
}

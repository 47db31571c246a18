/**
 * Follows the chain: asks what became of everything under way and posts what is final. Each outcome is posted in one
 * transaction: the row's end, the ledger, the gas account, whatever waited for it, and the events (INV-02, INV-06, INV-25).
 */
import type { TransactionOutcome } from '@jigeum/chain';
import { assert, assertNever } from '@jigeum/std';
import type { Deps } from '#deps';
import { emit, inTrx, type Job, type Trx } from '#platform';
import { transition } from './transfer.ts';
import * as grantRows from './store/grants.ts';
import * as ledger from './store/ledger.ts';
import * as outboxRows from './store/outbox.ts';
import * as payeeRows from './store/payees.ts';
import * as operationRows from './store/token-operations.ts';
import * as transferRows from './store/transfers.ts';
import * as walletRows from './store/wallets.ts';

type FinalOutcome = Extract<TransactionOutcome, { kind: 'final' }>;

/** What other modules do in the transaction that posts the end of a transfer of theirs. */
export interface ConfirmHooks {
  /** The charge's transfer is final: its tokens have arrived. */
  chargeIsDone(trx: Trx, chargeId: string, at: Date): Promise<void>;
}

/** Hashes of one question to the node. */
const BATCH = 500;
/** Questions of one run: what is beyond waits for the next block. */
const BATCHES_MAX = 40;
/** Posts that run side by side: each waits for the database several times. A part of the pool, so that requests find connections. */
const POSTS_AT_ONCE = 6;
const INTERVAL_MS = 200;
/** A process that died while it posted gives its row back; a chain that makes no empty blocks brings no new head for it. */
const RECHECK_MS = 2_000;
/** While nothing is under way the head is only asked for to tell how fresh the ledger is. */
const IDLE_HEAD_MS = 2_000;

type ConfirmDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'log' | 'metrics' | 'wake'>;

/** Any number of processes may run it: the row's lock and its state decide who posts. */
export function confirmJob(deps: ConfirmDeps, hooks: ConfirmHooks): Job {
  let headDone = -1;
  let doneAtMs = 0;
  let headAskedAtMs = -IDLE_HEAD_MS;
  return {
    name: 'confirm',
    intervalMs: INTERVAL_MS,
    async run(signal) {
      const isBusy = await outboxRows.hasInFlight(deps.db, deps.chain.chainId);
      const nowMs = deps.clock.monotonicMs();
      if (!isBusy && nowMs - headAskedAtMs < IDLE_HEAD_MS) return 'idle';
      headAskedAtMs = nowMs;
      const head = await deps.chain.head();
      // Outcomes only change with a block.
      if (head.number === headDone && nowMs - doneAtMs < RECHECK_MS) return 'idle';
      const isComplete = await confirmAll(deps, hooks, signal);
      if (!isComplete) return 'idle';
      headDone = head.number;
      doneAtMs = nowMs;
      await outboxRows.saveProgress(deps.db, {
        chainId: deps.chain.chainId,
        block: head.number,
        at: new Date(deps.clock.nowMs()),
      });
      return 'idle';
    },
  };
}

/**
 * True where every row that is under way was asked for and what is final was posted. A row that cannot be posted keeps no
 * other waiting; then it throws at the end.
 */
async function confirmAll(deps: ConfirmDeps, hooks: ConfirmHooks, signal: AbortSignal): Promise<boolean> {
  const broken: { outboxId: string; error: unknown }[] = [];
  const isComplete = await confirmBatches(deps, hooks, { signal, broken });
  const [first] = broken;
  if (first !== undefined) {
    throw new Error(
      `Expected to post what the chain says, got an error for ${broken.length} outbox rows, the first of them ${first.outboxId}.`,
      { cause: first.error },
    );
  }
  return isComplete;
}

async function confirmBatches(
  deps: ConfirmDeps,
  hooks: ConfirmHooks,
  { signal, broken }: { signal: AbortSignal; broken: { outboxId: string; error: unknown }[] },
): Promise<boolean> {
  let after: { walletId: string; nonce: bigint } | null = null;
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const rows = await outboxRows.inFlight(deps.db, { chainId: deps.chain.chainId, after, limit: BATCH });
    if (rows.length === 0) return true;
    const outcomes = await deps.chain.outcomes(rows.map((row) => row.hash));
    assert(outcomes.length === rows.length, 'one outcome for each hash');
    const looked = rows.map((row, index) => ({ row, outcome: outcomes[index]! }));
    for (let start = 0; start < looked.length; start += POSTS_AT_ONCE) {
      if (signal.aborted) return false;
      const some = looked.slice(start, start + POSTS_AT_ONCE);
      const ends = await Promise.allSettled(some.map((each) => follow(deps, hooks, each)));
      for (const [index, end] of ends.entries())
        if (end.status === 'rejected') broken.push({ outboxId: some[index]!.row.id, error: end.reason });
    }
    if (rows.length < BATCH) return true;
    const last = rows.at(-1)!;
    after = { walletId: last.wallet_id, nonce: last.nonce };
  }
  return false;
}

/** Posts what is final, and tells `submit` of what the node has lost. */
async function follow(
  deps: ConfirmDeps,
  hooks: ConfirmHooks,
  { row, outcome }: { row: outboxRows.InFlightRow; outcome: TransactionOutcome },
): Promise<void> {
  if (outcome.kind === 'final') {
    await postOutcome(deps, hooks, { outboxId: row.id, outcome });
  } else if (outcome.kind === 'pending' && (row.is_unknown || row.state === 'signed')) {
    const next = transition({ state: row.state, isUnknown: row.is_unknown }, { kind: 'looked-up', outcome });
    await outboxRows.markKnown(deps.db, { id: row.id, state: next.state });
  } else if (outcome.kind === 'absent' && row.state === 'broadcast') {
    // The node has lost it (its pool, or a restart): the same bytes are due at once.
    await outboxRows.makeDue(deps.db, { id: row.id, at: new Date(deps.clock.nowMs()) });
    deps.wake('submit');
  }
}

/** Posts the end of one signed transaction. Does nothing where another process has posted it or is about to. */
export async function postOutcome(
  deps: ConfirmDeps,
  hooks: ConfirmHooks,
  input: { outboxId: string; outcome: FinalOutcome },
): Promise<void> {
  const { outboxId, outcome } = input;
  const posted = await inTrx(deps, async (trx) => {
    const row = await outboxRows.lockOutbox(trx, outboxId);
    if (row === undefined) return null;
    const next = transition({ state: row.state, isUnknown: row.is_unknown }, { kind: 'looked-up', outcome });
    assert(next.state === 'final' || next.state === 'reverted', 'a final outcome ends a row');
    const at = new Date(deps.clock.nowMs());
    await outboxRows.endOutbox(trx, { id: outboxId, state: next.state, outcome, at });
    const end: End = { trx, row, outcome, at };
    switch (row.purpose) {
      case 'transfer':
        await postTransfer(deps, hooks, end);
        return row.purpose;
      case 'gas_grant':
        await postGrant(deps, end);
        return row.purpose;
      case 'token_operation':
        await postTokenOperation(deps, end);
        return row.purpose;
      default:
        return assertNever(row.purpose);
    }
  });
  if (posted === null) return;
  deps.metrics
    .counter('outcomes_total', 'Final outcomes that were posted.', ['purpose', 'result'])
    .inc({ purpose: posted, result: outcome.isSuccess ? 'final' : 'reverted' });
  if (posted === 'gas_grant') deps.wake('submit');
  else deps.wake('refill-gas');
}

interface End {
  trx: Trx;
  row: outboxRows.OutboxRow;
  outcome: FinalOutcome;
  at: Date;
}

async function postTransfer(deps: ConfirmDeps, hooks: ConfirmHooks, end: End): Promise<void> {
  const { trx, row, outcome, at } = end;
  await returnUnusedGas(end, 0n);
  const transfer = await transferRows.endTransfer(trx, {
    id: row.source_id,
    state: outcome.isSuccess ? 'final' : 'reverted',
    at,
  });
  await ledger.settleTransfer(trx, { ...transfer, isSuccess: outcome.isSuccess });
  if (outcome.isSuccess) {
    await ledger.insertJournal(trx, {
      entryId: deps.ids.uuid(at.getTime()),
      sourceKind: 'transfer',
      sourceId: transfer.id,
      block: outcome.blockNumber,
      at,
      tokenId: transfer.token_id,
      fromWalletId: transfer.payer_wallet_id,
      toWalletId: transfer.payee_wallet_id,
      amount: transfer.amount,
    });
    if (transfer.kind === 'payment') await payeeRows.markPaid(trx, transfer, at);
    if (transfer.charge_id !== null) await hooks.chargeIsDone(trx, transfer.charge_id, at);
  } else {
    deps.log.warn('A transfer was refused by the chain; its amount is available again.', {
      transferId: transfer.id,
      transactionHash: row.hash.toString('hex'),
      code: String(outcome.errorCode ?? ''),
    });
  }
  for (const memberId of [transfer.payer_member_id, transfer.payee_member_id]) {
    if (memberId === null) continue;
    await emit(deps, trx, { memberId, kind: 'transfer', subjectId: transfer.id });
    await emit(deps, trx, { memberId, kind: 'balances', subjectId: memberId });
  }
}

async function postGrant(deps: ConfirmDeps, end: End): Promise<void> {
  const { trx, row, outcome, at } = end;
  const grant = await grantRows.endGrant(trx, {
    id: row.source_id,
    state: outcome.isSuccess ? 'final' : 'reverted',
    at,
  });
  // A shortfall is promised to the row that waits for it. The receiver's row is always locked before the treasury's.
  if (outcome.isSuccess && grant.reason !== 'shortfall') {
    await walletRows.addGas(trx, { walletId: grant.wallet_id, amount: grant.amount });
  }
  await returnUnusedGas(end, outcome.isSuccess ? 0n : grant.amount);
  // After a grant that failed the row goes too: its node says "funds too low", which asks for a refill.
  await outboxRows.release(trx, { waitsFor: row.id, at });
  if (!outcome.isSuccess) deps.log.error('A gas grant was refused by the chain.', { walletId: grant.wallet_id });
}

async function postTokenOperation(deps: ConfirmDeps, end: End): Promise<void> {
  const { trx, row, outcome, at } = end;
  await returnUnusedGas(end, 0n);
  const operation = await operationRows.endTokenOperation(trx, {
    id: row.source_id,
    state: outcome.isSuccess ? 'final' : 'reverted',
    at,
  });
  const { kind, amount, token_id: tokenId } = operation;
  const balance = { walletId: row.wallet_id, tokenId };
  if (!outcome.isSuccess) {
    deps.log.error('A token operation was refused by the chain.', { kind, code: String(outcome.errorCode ?? '') });
    if (kind === 'create') await operationRows.setTokenState(trx, { tokenId, state: 'failed' });
    if (kind === 'burn') await ledger.moveBalance(trx, { ...balance, available: amount, held: -amount });
    return;
  }
  if (kind === 'create') {
    assert(outcome.contract !== null, 'a creation that succeeded made a contract');
    await operationRows.activateToken(trx, { tokenId, contract: outcome.contract });
  }
  if (kind === 'pause') await operationRows.setTokenState(trx, { tokenId, state: 'paused' });
  if (kind === 'unpause') await operationRows.setTokenState(trx, { tokenId, state: 'active' });
  if (kind === 'create' || kind === 'mint') await ledger.moveBalance(trx, { ...balance, available: amount, held: 0n });
  if (kind === 'burn') await ledger.moveBalance(trx, { ...balance, available: 0n, held: -amount });
  if (kind !== 'pause' && kind !== 'unpause' && amount > 0n) {
    await ledger.insertJournal(trx, {
      entryId: deps.ids.uuid(at.getTime()),
      sourceKind: 'token_operation',
      sourceId: operation.id,
      block: outcome.blockNumber,
      at,
      tokenId,
      fromWalletId: kind === 'burn' ? row.wallet_id : null,
      toWalletId: kind === 'burn' ? null : row.wallet_id,
      amount,
    });
  }
  if (kind === 'create') deps.wake('pay-charges');
}

/** The sender's gas account gets back what was promised and not taken, and `extra`. */
async function returnUnusedGas({ trx, row, outcome }: End, extra: bigint): Promise<void> {
  const unused = row.fee_max - outcome.fee + extra;
  assert(unused >= 0n, 'the chain takes at most the fee that was promised');
  if (unused > 0n) await walletRows.addGas(trx, { walletId: row.wallet_id, amount: unused });
}

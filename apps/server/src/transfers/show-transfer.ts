/** Where a payment stands and why, for an operator: what the database says, and what the chain says of its hash now. */
import type { OperatorTransferView } from '@jigeum/api';
import type { TransactionOutcome } from '@jigeum/chain';
import { toHex0x } from '@jigeum/std';
import type { Deps } from '#deps';
import { AppError, safeNumber } from '#platform';
import * as operatorRows from './store/operator.ts';

/** Throws 'not-found'. Where the node does not answer, that is what is told of the chain. */
export async function showTransfer(
  deps: Pick<Deps, 'db' | 'chain' | 'clock'>,
  transferId: string,
): Promise<OperatorTransferView> {
  const row = await operatorRows.transferForOperator(deps.db, transferId);
  if (row === undefined) throw new AppError('not-found', { detail: 'Expected the UUID of a transfer.' });
  const chain = row.hash === null ? 'nothing was signed' : await chainWord(deps, row.hash);
  return {
    transferId: row.id,
    kind: row.kind,
    state: row.state,
    amount: row.amount,
    token: { symbol: row.symbol, decimals: row.decimals },
    payerWalletId: row.payer_wallet_id,
    payerMemberId: row.payer_member_id,
    payeeWalletId: row.payee_wallet_id,
    payeeMemberId: row.payee_member_id,
    requestedAt: row.requested_at.toISOString(),
    finalAt: row.final_at?.toISOString() ?? null,
    isRecovered: row.is_recovered,
    transaction:
      row.hash === null || row.nonce === null || row.outbox_state === null
        ? null
        : {
            hash: toHex0x(row.hash),
            nonce: safeNumber(row.nonce),
            state: row.outbox_state,
            attempts: row.attempts ?? 0,
            lastProblem: row.last_problem,
            nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
            block: row.block_number === null ? null : safeNumber(row.block_number),
          },
    chain,
    why: whyOf(row),
  };
}

async function chainWord(deps: Pick<Deps, 'chain'>, hash: Uint8Array): Promise<string> {
  try {
    const [outcome] = await deps.chain.outcomes([hash]);
    return wordOf(outcome!);
  } catch (error) {
    if ((error as Error).name !== 'ChainUnreachable') throw error;
    return 'the node does not answer';
  }
}

function wordOf(outcome: TransactionOutcome): string {
  if (outcome.kind === 'final')
    return outcome.isSuccess
      ? `final in block ${outcome.blockNumber}`
      : `refused in block ${outcome.blockNumber}, code ${outcome.errorCode ?? 'none'}`;
  return outcome.kind === 'pending' ? 'waiting for a block' : 'not known to the node';
}

/** One sentence: what it waits for, the most telling reason first. Pure. */
export function whyOf(
  row: Pick<
    operatorRows.OperatorTransferRow,
    | 'state'
    | 'outbox_state'
    | 'is_quarantined'
    | 'earlier_nonce'
    | 'gas_state'
    | 'attempts'
    | 'is_unknown'
    | 'last_problem'
  >,
): string {
  if (row.state === 'final') return 'It has arrived. Nothing is left to do.';
  if (row.state === 'reverted') return 'The chain refused it. The amount is available to the payer again.';
  if (row.state === 'superseded')
    return 'Another transaction has used its nonce, so it can never be executed. The amount is available to the payer again.';
  if (row.is_quarantined) return 'The platform is in quarantine and sends nothing: see database-restored.md.';
  if (row.earlier_nonce !== null)
    return `An earlier transaction of the payer (nonce ${row.earlier_nonce}) has not ended; the chain takes them in order.`;
  if (row.outbox_state === 'gas_wait') return `It waits for its gas; the grant is ${row.gas_state ?? 'not there'}.`;
  if ((row.attempts ?? 0) === 0) return 'It is signed and was not sent yet: a worker sends it within a second.';
  if (row.is_unknown === true)
    return `It was sent and no usable answer came (${row.last_problem ?? 'no reason'}); the same bytes are sent again until the chain has spoken.`;
  if (row.last_problem !== null) return `The node does not take it yet: ${row.last_problem}. It is sent again.`;
  return 'It was sent and waits for its block.';
}

/** Payments that have waited longest, the oldest first. */
export async function listWaiting(
  deps: Pick<Deps, 'db' | 'clock'>,
  input: { olderThanSeconds: number },
): Promise<{ items: { transferId: string; requestedAt: string; state: string }[]; count: number }> {
  const before = new Date(deps.clock.nowMs() - input.olderThanSeconds * 1000);
  const rows = await operatorRows.waitingTransfers(deps.db, { before, limit: 50 });
  return {
    items: rows.map((row) => ({
      transferId: row.id,
      requestedAt: row.requested_at.toISOString(),
      state: row.outbox_state ?? 'not signed',
    })),
    count: safeNumber(rows[0]?.count ?? 0n),
  };
}

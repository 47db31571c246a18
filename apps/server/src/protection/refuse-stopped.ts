/** Asked before anything is signed, in the transaction that signs. */
import { AppError, type Trx } from '#platform';
import * as store from './store.ts';

/**
 * Throws 'wallet-frozen' or 'outflow-stopped' where one of these may not be signed, for its wallet, for what is moved, or at
 * all; then the transaction must roll back. The caller holds the wallets' rows, as a freeze does, so a signature that passes
 * here is older than any freeze that has returned (INV-11). Where the database cannot be asked it throws too: nobody signs
 * unasked. The database asks once more when the bytes are stored.
 */
export async function refuseStoppedOutflow(
  trx: Trx,
  signatures: readonly {
    purpose: 'transfer' | 'gas_grant' | 'token_operation' | 'anchor';
    sourceId: string;
    walletId: string;
  }[],
): Promise<void> {
  const stop = await store.firstStopOf(trx, signatures);
  if (stop !== null) throw refusalOf(stop);
}

/**
 * The refusal for an error of the statement that stores signed bytes: a stop may be committed between the question and the
 * storing, and then the database refuses. Any other error is given back as it is.
 */
export function stoppedRefusal(error: unknown): unknown {
  const { constraint, detail } = error as { constraint?: unknown; detail?: unknown };
  return constraint === 'outflow_stopped' ? refusalOf(String(detail), error) : error;
}

const refusalOf = (stop: string, cause: unknown = new Error(`Outflow is stopped: ${stop}.`)): AppError =>
  stop === 'wallet'
    ? new AppError('wallet-frozen', { cause })
    : new AppError('outflow-stopped', { retryAfterSeconds: 60, cause });

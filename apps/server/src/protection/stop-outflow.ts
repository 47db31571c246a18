/** Stopping and resuming outflow: by an operator with a reason, or by the platform itself. */
import type { CallOutput, OutflowStopView } from '@jigeum/api';
import { toHex0x } from '@jigeum/std';
import type { Deps } from '#deps';
import {
  AppError,
  audit,
  idempotently,
  inTrx,
  safeNumber,
  type AuditActor,
  type IdempotentCall,
  type StoredAnswer,
  type Trx,
} from '#platform';
import { findToken } from '#tokens';
import { waitForSigners } from './stops.ts';
import * as store from './store.ts';

/** In flight and shown at most. */
const IN_FLIGHT_MAX = 200;

type StopDeps = Pick<Deps, 'clock' | 'ids' | 'secrets'>;

export type StopScope =
  { scope: 'platform' } | { scope: 'token'; tokenId: string } | { scope: 'wallet'; walletId: string };

/**
 * Records a stop in the caller's transaction, or finds the open one of the same cause. A wallet's row is locked first, so
 * its stop holds from the commit on; for the other scopes call `waitForSigners` after the commit.
 */
export async function recordStop(
  deps: StopDeps,
  trx: Trx,
  input: { on: StopScope; cause: store.StopCause; reason: string; by: AuditActor },
): Promise<{ stopId: string; isNew: boolean }> {
  const { on, cause, reason, by } = input;
  const at = new Date(deps.clock.nowMs());
  const subject = {
    scope: on.scope,
    tokenId: on.scope === 'token' ? on.tokenId : null,
    walletId: on.scope === 'wallet' ? on.walletId : null,
    cause,
  };
  if (subject.walletId !== null) await store.lockWalletRow(trx, subject.walletId);
  const id = deps.ids.uuid(at.getTime());
  const inserted = await store.insertStop(trx, { id, ...subject, reason: reason.slice(0, 2000), by, at });
  const stopId = inserted ?? (await store.openStopId(trx, subject));
  if (stopId === undefined) throw new Error('Expected the open stop that kept another from being written, got none.');
  if (inserted === undefined) return { stopId, isNew: false };
  const facts = { reason: reason.slice(0, 2000) };
  await (on.scope === 'wallet'
    ? audit(deps, trx, {
        actor: by,
        act: 'wallet.frozen',
        subject: on.walletId,
        facts: { ...facts, before: 'open', after: `frozen: ${cause}` },
      })
    : audit(deps, trx, {
        actor: by,
        act: 'outflow.stopped',
        subject: stopId,
        facts: { ...facts, scope: on.scope, token: subject.tokenId, cause },
      }));
  return { stopId, isNew: true };
}

type StopOrder =
  | { scope: 'platform'; reason: string }
  | { scope: 'token'; symbol: string; reason: string }
  | { scope: 'wallet'; wallet: string; reason: string };

/** An operator stops outflow. When it has answered, no later signature exists (INV-11); what was signed before is listed. */
export async function stopOutflow(
  deps: StopDeps & Pick<Deps, 'db' | 'log'>,
  input: { idempotency: IdempotentCall<'operatorStopOutflow'>; order: StopOrder },
): Promise<StoredAnswer> {
  const { idempotency, order } = input;
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      const on = await scopeOf(trx, order);
      const { stopId } = await recordStop(deps, trx, {
        on,
        cause: 'operator',
        reason: order.reason,
        by: 'operator',
      });
      return await stoppedView(trx, stopId, on);
    }),
  );
  await waitForSigners(deps);
  if (!answer.isReplay)
    deps.log.warn('Outflow was stopped by an operator.', { kind: order.scope, reason: order.reason });
  return answer;
}

async function scopeOf(trx: Trx, order: StopOrder): Promise<StopScope> {
  switch (order.scope) {
    case 'platform':
      return { scope: 'platform' };
    case 'token': {
      const token = await findToken(trx, order.symbol);
      if (token === undefined)
        throw new AppError('not-found', { detail: `Expected the symbol of a token, got ${order.symbol}.` });
      return { scope: 'token', tokenId: token.id };
    }
    case 'wallet': {
      const wallet = await store.findWallet(trx, order.wallet);
      if (wallet === undefined)
        throw new AppError('not-found', { detail: 'Expected the UUID or the address of a wallet, or a member’s ID.' });
      return { scope: 'wallet', walletId: wallet.id };
    }
  }
}

async function stoppedView(trx: Trx, stopId: string, on: StopScope): Promise<CallOutput<'operatorStopOutflow'>> {
  const rows = await store.inFlight(trx, {
    walletId: on.scope === 'wallet' ? on.walletId : null,
    tokenId: on.scope === 'token' ? on.tokenId : null,
    limit: IN_FLIGHT_MAX,
  });
  return {
    ...(await viewOf(trx, stopId)),
    inFlight: rows.map((row) => ({
      purpose: row.purpose,
      sourceId: row.source_id,
      walletId: row.wallet_id,
      nonce: safeNumber(row.nonce),
      state: row.state,
      transactionHash: toHex0x(row.hash),
    })),
    inFlightCount: safeNumber(rows[0]?.count ?? 0n),
  };
}

/** Lifts a stop of an operator or of the reconciler. Refuses a quarantine: only recovery can tell that it may end. */
export async function liftStop(
  deps: StopDeps & Pick<Deps, 'db' | 'log'>,
  input: { idempotency: IdempotentCall<'operatorLiftStop'>; stopId: string; reason: string },
): Promise<StoredAnswer> {
  const { idempotency, stopId, reason } = input;
  const answer = await inTrx(deps, (trx) =>
    idempotently(deps, trx, idempotency, async () => {
      const stop = await store.stopById(trx, stopId);
      if (stop === undefined) throw new AppError('not-found');
      if (stop.cause === 'quarantine')
        throw new AppError('request-invalid', {
          detail: 'Expected a stop of an operator or of the reconciler, got a quarantine. Run "jigeum recover".',
        });
      await lift(deps, trx, { stopId, reason });
      return await viewOf(trx, stopId);
    }),
  );
  if (!answer.isReplay) deps.log.warn('A stop of outflow was lifted.', { reason });
  return answer;
}

/**
 * Lifts the stops of a cause that are over: the platform's, where nothing is left, and a wallet's own. For the module that set
 * them; the caller has decided and says why.
 */
export async function liftStopsOf(
  deps: StopDeps,
  trx: Trx,
  input: { cause: 'mismatch'; walletId: string | null; isPlatformToo: boolean; reason: string },
): Promise<void> {
  const { cause, walletId, reason } = input;
  const open = [
    input.isPlatformToo
      ? await store.openStopId(trx, { scope: 'platform', tokenId: null, walletId: null, cause })
      : null,
    walletId === null ? null : await store.openStopId(trx, { scope: 'wallet', tokenId: null, walletId, cause }),
  ];
  for (const stopId of open) if (stopId !== null && stopId !== undefined) await lift(deps, trx, { stopId, reason });
}

/** Ends a quarantine. The caller has made sure that the database knows all that the chain knows. */
export async function liftQuarantine(
  deps: StopDeps,
  trx: Trx,
  input: { stopId: string; reason: string },
): Promise<void> {
  await lift(deps, trx, input);
}

async function lift(deps: StopDeps, trx: Trx, input: { stopId: string; reason: string }): Promise<void> {
  const { stopId, reason } = input;
  const stop = await store.stopById(trx, stopId);
  const at = new Date(deps.clock.nowMs());
  if (stop === undefined || !(await store.liftStop(trx, { id: stopId, by: 'operator', reason, at })))
    throw new AppError('request-invalid', { detail: 'Expected a stop that is open, got one that was lifted.' });
  await (stop.wallet_id !== null
    ? audit(deps, trx, {
        actor: 'operator',
        act: 'wallet.unfrozen',
        subject: stop.wallet_id,
        facts: { before: `frozen: ${stop.cause}`, after: 'open', reason },
      })
    : audit(deps, trx, {
        actor: 'operator',
        act: 'outflow.resumed',
        subject: stopId,
        facts: { scope: stop.scope, token: stop.token_id, cause: stop.cause, reason },
      }));
}

async function viewOf(trx: Trx, stopId: string): Promise<OutflowStopView> {
  const row = await store.stopById(trx, stopId);
  if (row === undefined) throw new Error(`Expected the stop ${stopId} that was just written, got none.`);
  return stopView(row);
}

/** A stop as operators see it. */
export const stopView = (row: store.StopRow): OutflowStopView => ({
  stopId: row.id,
  scope: row.scope,
  tokenSymbol: row.symbol,
  walletId: row.wallet_id,
  address: row.address,
  cause: row.cause,
  reason: row.reason,
  stoppedBy: row.stopped_by,
  stoppedAt: row.stopped_at.toISOString(),
  liftedBy: row.lifted_by,
  liftedAt: row.lifted_at?.toISOString() ?? null,
  liftReason: row.lift_reason,
});

/** Reading what stops outflow, and waiting until a stop holds everywhere. */
import type { Deps } from '#deps';
import { inTrx, type Db } from '#platform';
import * as store from './store.ts';

/** Is the whole platform stopped by this cause? `db` may be a transaction. */
export const isStoppedBy = (db: Db, cause: store.StopCause): Promise<boolean> => store.isPlatformStopped(db, cause);

/**
 * Waits until every transaction that was asked before the stop was committed has ended. Call it after the commit of a stop
 * that concerns more than one wallet; a frozen wallet needs it not, because its row was locked.
 */
export async function waitForSigners(deps: Pick<Deps, 'db' | 'clock'>): Promise<void> {
  await inTrx(deps, (trx) => store.waitForSigners(trx));
}

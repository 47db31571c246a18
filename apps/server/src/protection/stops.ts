/** Reading what stops outflow, and waiting until a stop holds everywhere. */
import type { Deps } from '#deps';
import { inTrx, type Db } from '#platform';
import * as store from './store.ts';

/** Nothing is signed for anybody. For jobs that would only be refused. */
export const isPlatformStopped = async (db: Db): Promise<boolean> => (await store.platformStops(db)).length > 0;

/** Nothing is signed, and nothing is sent either: nobody knows which nonces are used. */
export const isQuarantined = async (db: Db): Promise<boolean> => (await store.platformStops(db)).includes('quarantine');

/**
 * Waits until every transaction that was asked before the stop was committed has ended. Call it after the commit of a stop
 * that concerns more than one wallet; a frozen wallet needs it not, because its row was locked.
 */
export async function waitForSigners(deps: Pick<Deps, 'db' | 'clock'>): Promise<void> {
  await inTrx(deps, (trx) => store.waitForSigners(trx));
}

/** What joining needs of a check. */
import type { PlatformDeps, Trx } from '#platform';
import { JOIN_WITHIN_MINUTES } from './check.ts';
import * as store from './store.ts';

export type { VerifiedPerson } from './store.ts';

interface CheckKey {
  checkId: string;
  browserHash: Uint8Array;
}

const since = (deps: Pick<PlatformDeps, 'clock'>) => new Date(deps.clock.nowMs() - JOIN_WITHIN_MINUTES * 60_000);

/** The person of a verified check that is not used yet, or null. Reads only. */
export const verifiedPerson = (
  deps: Pick<PlatformDeps, 'db' | 'clock'>,
  key: CheckKey,
): Promise<store.VerifiedPerson | null> =>
  store.findVerified(deps.db, { id: key.checkId, browserHash: key.browserHash, since: since(deps) });

/** Uses a verified check up in the transaction that makes the member. Null where it is not verified, old or used. */
export const consumeCheck = (
  deps: Pick<PlatformDeps, 'clock'>,
  trx: Trx,
  key: CheckKey,
): Promise<store.VerifiedPerson | null> =>
  store.consumeCheck(trx, { id: key.checkId, browserHash: key.browserHash, since: since(deps) });

/** Has this browser verified somebody who has not joined yet? */
export const hasVerifiedCheck = (deps: Pick<PlatformDeps, 'db' | 'clock'>, browserHash: Uint8Array): Promise<boolean> =>
  store.hasVerified(deps.db, browserHash, since(deps));

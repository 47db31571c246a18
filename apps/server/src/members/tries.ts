/**
 * Five tries, counted durably before a try is evaluated: fifty guesses at once get five evaluations, and a crash between
 * count and evaluation costs the guesser a try, never gives one.
 */
import { timingSafeEqual } from 'node:crypto';
import { AppError, type PlatformDeps } from '#platform';
import * as store from './store.ts';

/** Five, as the paper has it. */
export const TRIES_MAX = 5;

/** A try that has been counted. */
export interface CountedTry {
  triesLeft: number;
  /** The secret was right: all tries are given back. */
  succeeded(): Promise<void>;
}

/** Counts one try. Null where all are used up: then nothing may be evaluated. Never call it inside a transaction. */
export async function countTry(
  deps: Pick<PlatformDeps, 'db'>,
  kind: store.CountedKind,
  memberId: string,
): Promise<CountedTry | null> {
  const count = await store.takeTry(deps.db, kind, memberId, TRIES_MAX);
  if (count === null) return null;
  return { triesLeft: TRIES_MAX - count, succeeded: () => store.resetTries(deps.db, kind, memberId) };
}

/** What is stored of a PIN: useless without the server key. `pin`: six ASCII digits; the caller clears it. */
export const pinHmac = (deps: Pick<PlatformDeps, 'secrets'>, memberId: string, pin: Uint8Array): Uint8Array =>
  deps.secrets.hmac('pin', Buffer.from(memberId, 'utf8'), pin);

/**
 * Throws 'pin-wrong' (with the tries that are left) or 'pin-stopped' unless `pin` is the member's. Never call it inside
 * a transaction: the count must stay when the payment rolls back. The caller clears `pin`.
 */
export async function checkPin(
  deps: Pick<PlatformDeps, 'db' | 'secrets'>,
  memberId: string,
  pin: Uint8Array,
): Promise<void> {
  const counted = await countTry(deps, 'pin', memberId);
  if (counted === null) throw new AppError('pin-stopped', { triesLeft: 0 });
  const expected = await store.findPinHmac(deps.db, memberId);
  const given = pinHmac(deps, memberId, pin);
  if (expected === null || !timingSafeEqual(expected, given)) {
    if (counted.triesLeft === 0) throw new AppError('pin-stopped', { triesLeft: 0 });
    throw new AppError('pin-wrong', { triesLeft: counted.triesLeft });
  }
  await counted.succeeded();
}

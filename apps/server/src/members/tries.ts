/**
 * Five tries, counted durably before a try is evaluated: fifty guesses at once get five evaluations, and a crash between
 * count and evaluation costs the guesser a try, never gives one.
 */
import {
  allFulfilled,
  AppError,
  audit,
  failpoint,
  inTrx,
  oncePer,
  together,
  withRetries,
  type PlatformDeps,
} from '#platform';
import * as store from './store.ts';

/** Five, as the paper has it. */
const TRIES_MAX = 5;

/** A try that has been counted. */
export interface CountedTry {
  triesLeft: number;
  /** The secret was right: all tries are given back. */
  succeeded(): Promise<void>;
  /** The secret was not looked at (too busy): this try is given back. */
  notEvaluated(): Promise<void>;
}

/**
 * Counts one try at the passphrase. Null where all are used up: then nothing may be evaluated. Never call it inside a
 * transaction.
 */
async function count(deps: Pick<PlatformDeps, 'db'>, memberId: string): Promise<CountedTry | null> {
  const count = await store.takeLoginTry(deps.db, memberId, TRIES_MAX);
  await failpoint('F05-counted-before-verdict');
  if (count === null) return null;
  return {
    triesLeft: TRIES_MAX - count,
    succeeded: () => store.resetLoginTries(deps.db, memberId),
    notEvaluated: () => store.giveBackLoginTry(deps.db, memberId),
  };
}

/** Gives all tries back to the person who has proved again who they are. Nothing happens where nobody is. */
const resetOfPerson = (deps: Pick<PlatformDeps, 'db'>, ciHmac: Uint8Array): Promise<boolean> =>
  store.resetTriesOfPerson(deps.db, ciHmac);

/** Tries at the passphrase. `max`: how many in a row. */
export const loginTries = { max: TRIES_MAX, count, resetOfPerson };

/** What is stored of a PIN: useless without the server key. `pin`: six ASCII digits; the caller clears it. */
export const pinHmac = (deps: Pick<PlatformDeps, 'secrets'>, memberId: string, pin: Uint8Array): Uint8Array =>
  deps.secrets.hmac('pin', Buffer.from(memberId, 'utf8'), pin);

/** Tries of one statement. */
const PIN_TRIES_TOGETHER = 100;

const tryPin = oncePer((deps: Pick<PlatformDeps, 'db' | 'clock'>) =>
  together(deps, {
    // A deadlock counts nothing. Tries of several members at several servers may still meet in one.
    run: async (tries: readonly store.PinTry[]) =>
      allFulfilled(await withRetries(deps, () => store.tryPins(deps.db, tries, TRIES_MAX))),
    keyOf: ({ memberId }) => memberId,
    ...{ itemsMax: PIN_TRIES_TOGETHER, roundsMax: 2 },
  }),
);

/**
 * Throws 'pin-wrong' (with the tries that are left) or 'pin-stopped' unless `pin` is the member's. Count and comparison
 * are one statement under the row's lock, so parallel tries queue up and right ones never use each other's tries; the
 * result leaves the database after the commit. Tries of many members share the statement and its commit. What is compared
 * is keyed, so its timing tells nothing of the PIN. Never call it inside a transaction: the count must stay when the
 * payment rolls back. The caller clears `pin`.
 */
export async function checkPin(
  deps: Pick<PlatformDeps, 'db' | 'clock' | 'ids' | 'secrets'>,
  memberId: string,
  pin: Uint8Array,
): Promise<void> {
  const failures = await tryPin(deps)({ memberId, pinHmac: pinHmac(deps, memberId, pin) });
  await failpoint('F05-counted-before-verdict');
  if (failures === 0) return;
  // Nothing was compared: whatever is typed at a PIN that has stopped fills no log.
  if (failures === null) throw new AppError('pin-stopped', { triesLeft: 0 });
  const triesLeft = TRIES_MAX - failures;
  await inTrx(deps, (trx) =>
    audit(deps, trx, {
      actor: `member:${memberId}`,
      subject: memberId,
      ...(triesLeft === 0 ? { act: 'pin.stopped', facts: {} } : { act: 'pin.refused', facts: { triesLeft } }),
    }),
  );
  throw new AppError(triesLeft === 0 ? 'pin-stopped' : 'pin-wrong', { triesLeft });
}

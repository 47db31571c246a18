/** What time does to charges: tokens that could not be sent at once, and deposits that never came. */
import type { RecoverHooks } from '#transfers';
import { auditAll, emit, inTrx, type AuditEntry, type Job } from '#platform';
import type { Deps } from '#deps';
import { sendTokens, type ChargeDeps } from './receive-notice.ts';
import * as store from './store.ts';

const BATCH = 100;
/** The chain has refused a charge's transfer so often: an operator must look why before more fees are spent. */
const TRIES_MAX = 5n;

/** Sends the tokens of paid charges that have no live transfer. One that cannot be sent keeps no other waiting. */
export function payChargesJob(deps: ChargeDeps): Job {
  return {
    name: 'pay-charges',
    intervalMs: 2_000,
    async run(signal) {
      const broken: { chargeId: string; error: unknown }[] = [];
      let after: store.UnpaidOut | null = null;
      for (;;) {
        const charges = await store.chargesToPay(deps.db, { after, limit: BATCH });
        for (const charge of charges) {
          if (signal.aborted) return 'idle';
          try {
            if (await payCharge(deps, charge)) deps.wake('submit');
          } catch (error) {
            broken.push({ chargeId: charge.id, error });
          }
        }
        if (charges.length < BATCH) break;
        after = charges.at(-1)!;
      }
      const [first] = broken;
      if (first !== undefined) {
        throw new Error(
          `Expected to send the tokens of each paid charge, got an error for ${broken.length}, the first of them ${first.chargeId}.`,
          { cause: first.error },
        );
      }
      return 'idle';
    },
  };
}

/** True where its tokens were signed now. */
async function payCharge(deps: ChargeDeps, charge: store.UnpaidOut): Promise<boolean> {
  if (charge.tries >= TRIES_MAX) {
    deps.log.error('A paid charge was refused by the chain too often; it waits for an operator.', {
      chargeId: charge.id,
    });
    return false;
  }
  return await inTrx(deps, async (trx) => {
    if (!(await store.lockChargeToPay(trx, charge.id))) return false;
    return await sendTokens(deps, trx, charge);
  });
}

/** Ends charges whose time is over. A deposit that comes later is kept unmatched. */
export function expireChargesJob(deps: Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets'>): Job {
  return {
    name: 'expire-charges',
    intervalMs: 5_000,
    async run() {
      const count = await inTrx(deps, async (trx) => {
        const expired = await store.expire(trx, { now: new Date(deps.clock.nowMs()), limit: BATCH });
        for (const charge of expired) {
          await emit(deps, trx, { memberId: charge.member_id, kind: 'charge', subjectId: charge.id });
        }
        await auditAll(deps, trx, expired.map(expiredEntry));
        return expired.length;
      });
      return count === BATCH ? 'more' : 'idle';
    },
  };
}

const expiredEntry = (charge: { id: string }): AuditEntry => ({
  actor: 'job:expire-charges',
  act: 'charge.expired',
  subject: charge.id,
  facts: { before: 'waiting', after: 'expired' },
});

/** What happens here when the tokens of a charge have arrived, in the transaction that posts them; and which charge recovered tokens were for. */
export function chargeHooks(deps: Pick<Deps, 'clock' | 'ids' | 'secrets'>): RecoverHooks {
  return {
    claimCharge: async (trx, sent) => (await store.claimSentCharge(trx, sent)) ?? null,
    async chargesAreDone(trx, chargeIds, at) {
      const done = await store.markDone(trx, { chargeIds, at });
      await auditAll(
        deps,
        trx,
        done.map(({ id }) => ({
          actor: 'job:confirm',
          act: 'charge.done',
          subject: id,
          facts: { before: 'paid', after: 'done' },
        })),
      );
      return done.map(({ id, member_id: memberId }) => ({ memberId, kind: 'charge', subjectId: id }));
    },
  };
}

/** The jobs of this module. */
export const chargeJobs = (deps: ChargeDeps): Job[] => [payChargesJob(deps), expireChargesJob(deps)];

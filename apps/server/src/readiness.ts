/** What "ready" means: the database answers, keys can sign, and a final block can be reached that is recent. */
import { sql } from 'kysely';
import type { Deps } from '#deps';
import { quarantineReason } from '#reconcile';
import { platformSigner } from '#wallets';
import type { ReadinessCheck } from './platform/health.ts';

/** A chain that makes a block a second is away when its newest is older. */
const HEAD_AGE_MS_MAX = 60_000;
/** A load balancer that asks often asks the node no more than this often. */
const HEAD_KEPT_MS = 1_000;

/** The checks behind /readyz. */
export function readinessChecks(deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'secrets'>): ReadinessCheck[] {
  let head: { problem: string | null; atMs: number } | undefined;
  return [
    {
      name: 'database',
      async check() {
        await sql`select 1`.execute(deps.db);
        return null;
      },
    },
    {
      name: 'signing',
      async check() {
        const signature = platformSigner(deps, 'treasury').signer.sign(new Uint8Array(32).fill(1));
        return signature.r.length === 32 ? null : 'The treasury key does not sign.';
      },
    },
    { name: 'quarantine', check: () => quarantineReason(deps) },
    {
      name: 'chain',
      async check() {
        const nowMs = deps.clock.monotonicMs();
        if (head === undefined || nowMs - head.atMs > HEAD_KEPT_MS) {
          const { atMs } = await deps.chain.head();
          const ageMs = deps.clock.nowMs() - atMs;
          head = {
            problem:
              ageMs > HEAD_AGE_MS_MAX
                ? `Expected a final block of the last ${HEAD_AGE_MS_MAX / 1000} seconds, the newest is ${Math.round(ageMs / 1000)} seconds old.`
                : null,
            atMs: nowMs,
          };
        }
        return head.problem;
      },
    },
  ];
}

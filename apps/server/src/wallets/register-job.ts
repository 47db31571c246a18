/** Gives new wallets their place on the chain: asks the certificate authority with the key's hash until it answers. */
import type { Deps } from '#deps';
import { audit, emit, inTrx, type Job } from '#platform';
import * as store from './store.ts';

/** How many wallets one run takes: at the authority's five seconds of patience a run ends within the lease. */
const BATCH = 16;
/** After this a wallet whose asker died is asked for again. */
const LEASE_MS = 20_000;

/** Asking twice is harmless: the authority answers the same key hash with the same address. */
export function registerWalletsJob(
  deps: Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'chain' | 'keyRegistry' | 'log' | 'wake'>,
): Job {
  return {
    name: 'register-wallets',
    intervalMs: 2_000,
    async run() {
      const nowMs = deps.clock.nowMs();
      const wallets = await store.claimPreparing(deps.db, {
        chainId: deps.chain.chainId,
        now: new Date(nowMs),
        leaseUntil: new Date(nowMs + LEASE_MS),
        limit: BATCH,
      });
      await Promise.all(
        wallets.map((wallet) =>
          registerWallet(deps, { walletId: wallet.id, keyHash: wallet.key_hash, memberId: wallet.member_id }),
        ),
      );
      return wallets.length === BATCH ? 'more' : 'idle';
    },
  };
}

async function registerWallet(
  deps: Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'keyRegistry' | 'log' | 'wake'>,
  input: { walletId: string; keyHash: Uint8Array; memberId: string },
): Promise<void> {
  const { walletId, memberId } = input;
  const outcome = await deps.keyRegistry.register(input.keyHash);
  if (outcome.kind !== 'registered') {
    deps.log.warn('The certificate authority gave no address; it will be asked again.', {
      walletId,
      state: outcome.kind,
      reason: outcome.kind === 'refused' ? outcome.text : outcome.cause,
    });
    return;
  }
  await inTrx(deps, async (trx) => {
    const isOurs = await store.markReady(trx, {
      walletId,
      address: outcome.address,
      readyAt: new Date(deps.clock.nowMs()),
    });
    if (!isOurs) return;
    await emit(deps, trx, { memberId, kind: 'me', subjectId: memberId });
    await audit(deps, trx, {
      actor: 'job:register-wallets',
      act: 'wallet.ready',
      subject: walletId,
      facts: { address: outcome.address },
    });
  });
  deps.wake('refill-gas');
}

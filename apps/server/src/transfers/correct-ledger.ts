/** A correction: the ledger takes over what the chain says of a wallet, by a new entry that names why. Nothing is changed or removed. */
import type { Deps } from '#deps';
import type { Trx } from '#platform';
import * as ledger from './store/ledger.ts';

/**
 * Writes the entry and moves the balance by `difference` (chain less ledger, not zero). Its other side is outside of the
 * platform. Throws where less than that is available: then something is under way that has to end first.
 */
export async function recordCorrection(
  deps: Pick<Deps, 'clock' | 'ids'>,
  trx: Trx,
  input: { findingId: string; walletId: string; tokenId: string; difference: bigint; block: number },
): Promise<{ entryId: string }> {
  const { walletId, tokenId, difference } = input;
  const at = new Date(deps.clock.nowMs());
  const entryId = deps.ids.uuid(at.getTime());
  const isMore = difference > 0n;
  await ledger.insertJournal(trx, [
    {
      entryId,
      sourceKind: 'correction',
      sourceId: input.findingId,
      block: input.block,
      at,
      tokenId,
      fromWalletId: isMore ? null : walletId,
      toWalletId: isMore ? walletId : null,
      amount: isMore ? difference : -difference,
    },
  ]);
  await ledger.changeBalances(trx, [{ walletId, tokenId, available: difference, held: 0n }]);
  return { entryId };
}

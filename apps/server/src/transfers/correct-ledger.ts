/** A correction: the ledger takes over what the chain says of a wallet. No entry is changed or removed. */
import type { Deps } from '#deps';
import type { Trx } from '#platform';
import * as ledger from './store/ledger.ts';

/**
 * Adds `journal` (chain less postings) to the journal by a new entry that names the finding, its other side outside of the
 * platform; and `balance` (chain less balance) to what is available. They differ where a balance was changed without an entry: then
 * there is nothing to enter, and the balance follows its postings again. Throws where less than that is available: then something
 * is under way that has to end first.
 */
export async function recordCorrection(
  deps: Pick<Deps, 'clock' | 'ids'>,
  trx: Trx,
  input: { findingId: string; walletId: string; tokenId: string; journal: bigint; balance: bigint; block: number },
): Promise<void> {
  const { walletId, tokenId, journal } = input;
  if (journal !== 0n) {
    const at = new Date(deps.clock.nowMs());
    await ledger.insertJournal(trx, [
      {
        entryId: deps.ids.uuid(at.getTime()),
        sourceKind: 'correction',
        sourceId: input.findingId,
        block: input.block,
        at,
        tokenId,
        fromWalletId: journal > 0n ? null : walletId,
        toWalletId: journal > 0n ? walletId : null,
        amount: journal > 0n ? journal : -journal,
      },
    ]);
  }
  await ledger.changeBalances(trx, [{ walletId, tokenId, available: input.balance, held: 0n }]);
}

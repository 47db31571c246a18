/** Taking over the chain's fact of one wallet and token by a correction, under the rows that it concerns. */
import { audit, inTrx, type AuditActor, type Trx } from '#platform';
import { recovery } from '#transfers';
import { compareWallets, surely, type Difference } from './compare.ts';
import { describeDifference, type FindingDeps } from './findings.ts';
import * as figureRows from './store/figures.ts';
import * as findingRows from './store/findings.ts';

/** The difference of a wallet and a token at a block now; undefined where there is none (any more). */
export async function differenceNow(
  deps: FindingDeps,
  input: { walletId: string; tokenId: string; block: number },
): Promise<Difference | undefined> {
  const { differences } = await compareWallets(deps, { walletIds: [input.walletId], block: input.block });
  return (await surely(deps, differences)).find((each) => each.tokenId === input.tokenId);
}

/** The ledger's figure at the difference's block, as this transaction sees it. */
export async function ledgerNow(
  deps: Pick<FindingDeps, 'chain'>,
  trx: Trx,
  { walletId, tokenId, block }: Pick<Difference, 'walletId' | 'tokenId' | 'block'>,
): Promise<bigint | undefined> {
  const rows = await figureRows.ledgerAt(trx, { walletIds: [walletId], block, chainId: deps.chain.chainId });
  return rows.find((row) => row.token_id === tokenId)?.ledger;
}

/** Journal and balance take over the chain's figure of the difference's block. */
export async function correct(
  deps: FindingDeps,
  trx: Trx,
  { findingId, difference }: { findingId: string; difference: Difference },
): Promise<void> {
  const { chain, ledger } = difference;
  const journal = chain - (await figureRows.postingsAt(trx, difference));
  await recovery.correct(deps, trx, { ...difference, findingId, journal, balance: chain - ledger });
}

/**
 * Records a finding that is decided as it is written, with its correction: for recovery, where an operator has decided on the
 * whole. The journal names the finding, the finding the transactions. Does nothing where somebody else has just corrected it.
 */
export async function correctAtOnce(
  deps: FindingDeps,
  input: { difference: Difference; by: AuditActor; reason: string },
): Promise<void> {
  const { difference, by, reason } = input;
  const lastEntryId = await figureRows.lastEntry(deps.db, difference);
  const unknownHashes = await figureRows.unknownTransactions(deps.db, difference.address);
  await inTrx(deps, async (trx) => {
    await findingRows.lockCorrections(trx);
    if ((await ledgerNow(deps, trx, difference)) !== difference.ledger) return;
    const at = new Date(deps.clock.nowMs());
    const { walletId, tokenId, ledger, chain, block } = difference;
    const open = await findingRows.openFindingId(trx, difference);
    const findingId = open ?? deps.ids.uuid(at.getTime());
    const finding = { id: findingId, walletId, tokenId, ledger, chain, block, lastEntryId, unknownHashes, at };
    if (open === undefined) await findingRows.insertFinding(trx, finding);
    await findingRows.decideFinding(trx, { id: findingId, decision: 'adopt', by, reason, at });
    await correct(deps, trx, { findingId, difference });
    await audit(deps, trx, {
      actor: by,
      act: 'ledger.decided',
      subject: findingId,
      facts: {
        ...{ wallet: walletId, token: tokenId, before: ledger, after: chain, block, decision: 'adopt' },
        reason: `${reason} ${describeDifference({ ...difference, lastEntryId, unknownHashes })}`.slice(0, 2000),
      },
    });
  });
}

/** An operator decides on a finding: go on with the difference, or take over the chain's fact by a correction. */
import type { CallOutput, FindingView } from '@jigeum/api';
import type { Deps } from '#deps';
import {
  AppError,
  audit,
  idempotently,
  inTrx,
  pageOf,
  placeOf,
  type IdempotentCall,
  type StoredAnswer,
  type Trx,
} from '#platform';
import { liftStopsOf } from '#protection';
import { correct, differenceNow, ledgerNow } from './correct.ts';
import { subjectOf, type FindingDeps } from './findings.ts';
import * as figureRows from './store/figures.ts';
import * as findingRows from './store/findings.ts';

type Decision = 'resume' | 'adopt';

/**
 * Records the decision, writes the correction where it is `adopt`, closes the alarm, and lifts the reconciler's stop when
 * nothing else is undecided. Throws 'request-invalid' where it was decided before, or where there is nothing to take over any more.
 */
export async function decideFinding(
  deps: FindingDeps,
  input: {
    idempotency: IdempotentCall<'operatorDecideFinding'>;
    findingId: string;
    decision: Decision;
    reason: string;
  },
): Promise<StoredAnswer> {
  const { findingId, decision } = input;
  const finding = await findingRows.findingById(deps.db, findingId);
  if (finding === undefined) throw new AppError('not-found');
  const comparable = await figureRows.comparableBlock(deps.db, deps.chain.chainId);
  const block = Math.max(comparable?.block ?? 0, Number(finding.block_number));
  // What there is to take over may have changed since it was found: asked before the transaction, at one block.
  const now = await differenceNow(deps, { walletId: finding.wallet_id, tokenId: finding.token_id, block });
  return await inTrx(deps, (trx) =>
    idempotently(deps, trx, input.idempotency, async () => {
      const at = new Date(deps.clock.nowMs());
      if (!(await findingRows.decideFinding(trx, { ...input, id: findingId, by: 'operator', at })))
        throw new AppError('request-invalid', {
          detail: 'Expected a finding that nobody has decided on, got a decided one.',
        });
      if (decision === 'adopt') await adopt(deps, trx, { finding, now });
      await audit(deps, trx, {
        actor: 'operator',
        act: 'ledger.decided',
        subject: findingId,
        facts: {
          ...{ wallet: finding.wallet_id, token: finding.token_id, before: now?.ledger ?? null },
          ...{ after: now?.chain ?? null, block, decision, reason: input.reason },
        },
      });
      await closeAfter(deps, trx, { finding, reason: input.reason });
      return viewOf((await findingRows.findingById(trx, findingId))!);
    }),
  );
}

async function adopt(
  deps: FindingDeps,
  trx: Trx,
  { finding, now }: { finding: findingRows.FindingRow; now: Awaited<ReturnType<typeof differenceNow>> },
): Promise<void> {
  if (now === undefined)
    throw new AppError('request-invalid', {
      detail: 'Expected a difference to take over, but ledger and chain agree now. Decide to resume.',
    });
  await findingRows.lockCorrections(trx);
  if ((await ledgerNow(deps, trx, now)) !== now.ledger)
    throw new AppError('request-invalid', { detail: 'The ledger has moved in this moment. Decide once more.' });
  try {
    await correct(deps, trx, { findingId: finding.id, difference: now });
  } catch (error) {
    if ((error as { constraint?: unknown }).constraint !== 'balances_available_check') throw error;
    throw new AppError('request-invalid', {
      detail:
        'Expected as much to be available as is taken back, but it is held by payments under way. Wait until they have ended.',
      cause: error,
    });
  }
}

/** With the decision on a finding its alarm is closed, and the reconciler's stop when nothing else is undecided. */
export async function closeAfter(
  deps: FindingDeps,
  trx: Trx,
  { finding, reason }: { finding: Pick<findingRows.FindingRow, 'wallet_id' | 'symbol'>; reason: string },
): Promise<void> {
  const at = new Date(deps.clock.nowMs());
  await findingRows.resolveAlarmOf(trx, {
    subject: subjectOf({ walletId: finding.wallet_id, symbol: finding.symbol }),
    reason,
    at,
  });
  const open = await findingRows.openFindings(trx, finding.wallet_id);
  await liftStopsOf(deps, trx, {
    cause: 'mismatch',
    walletId: open.ofWallet === 0n ? finding.wallet_id : null,
    isPlatformToo: open.all === 0n,
    reason,
  });
}

/** Findings, newest first. */
export async function listFindings(
  deps: Pick<Deps, 'db'>,
  input: { state: 'open' | 'all'; cursor: string | undefined; limit: number },
): Promise<CallOutput<'operatorListFindings'>> {
  const rows = await findingRows.findings(deps.db, {
    isOpenOnly: input.state === 'open',
    after: placeOf(input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(rows, input.limit, viewOf, (row) => [row.found_at.toISOString(), row.id]);
}

const viewOf = (row: findingRows.FindingRow): FindingView => ({
  findingId: row.id,
  walletId: row.wallet_id,
  address: row.address,
  memberId: row.member_id,
  tokenSymbol: row.symbol,
  decimals: row.decimals,
  ledger: row.ledger,
  chain: row.chain,
  block: Number(row.block_number),
  lastEntryId: row.last_entry_id,
  unknownTransactions: row.unknown_hashes,
  foundAt: row.found_at.toISOString(),
  decision: row.decision,
  decidedAt: row.decided_at?.toISOString() ?? null,
  reason: row.reason,
});

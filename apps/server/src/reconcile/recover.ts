/**
 * Recovery from a quarantine, step by step: each call reads some blocks, from the block up to which this database was posted,
 * and takes over what they hold of ours. It may be repeated at any point; what is known is left alone.
 */
import type { CallOutput, RecoveredItemView } from '@jigeum/api';
import type { ChainTransaction } from '@jigeum/chain';
import type { Deps } from '#deps';
import { AppError, audit, idempotently, inTrx, type IdempotentCall, type StoredAnswer } from '#platform';
import { liftQuarantine } from '#protection';
import {
  reconcilePlatformGas,
  recovery,
  type MinedTransaction,
  type RecoveredAct,
  type RecoverHooks,
} from '#transfers';
import { compareWallets, surely } from './compare.ts';
import { correctAtOnce, differenceNow } from './correct.ts';
import { closeAfter } from './decide.ts';
import type { FindingDeps } from './findings.ts';
import * as figureRows from './store/figures.ts';
import * as findingRows from './store/findings.ts';
import * as quarantineRows from './store/quarantine.ts';

export type RecoverDeps = FindingDeps & Pick<Deps, 'wake' | 'hint'>;

/** Blocks of one call: a second or two of reading. */
const BLOCKS_AT_ONCE = 250;
/** Transactions of ours that one call takes over at most; then it stops behind the block. */
const TAKEN_AT_ONCE = 500;
/** Findings that are closed together with a recovery; an operator decides on more. */
const FINDINGS_MAX = 1_000;
/** Wallets of one comparison. */
const COMPARE_AT_ONCE = 5_000;

/** What a call of the plan, or of the taking over, has found in its blocks. */
export type RecoveryStep = CallOutput<'operatorPlanRecovery'>;

/** What recovery would take over of the blocks after `after` (the first call: 0). Changes nothing. Throws 'not-found' outside of a quarantine. */
export async function planRecovery(deps: RecoverDeps, input: { after: number }): Promise<RecoveryStep> {
  const quarantine = await openQuarantine(deps);
  const after = Math.max(input.after, Number(quarantine.recovered_block));
  const head = await deps.chain.head();
  const items: RecoveredItemView[] = [];
  let block = after;
  while (block < head.number && block - after < BLOCKS_AT_ONCE && items.length < TAKEN_AT_ONCE) {
    block++;
    for (const { transaction } of await oursOf(deps, block)) {
      const plan = await recovery.plan(deps.db, transaction);
      if (plan.kind === 'known') continue;
      items.push(itemOf(block, transaction, plan.kind === 'open' ? null : plan.act));
    }
  }
  return stepOf(quarantine, { block, head: head.number, items, corrected: 0 });
}

/**
 * Takes over the next blocks. Two at once do no harm: a hash is recorded once, a correction made from what is there. When it has reached the head, what is left of differences is corrected
 * by entries that name why; then an operator may lift the quarantine.
 */
export async function applyRecovery(deps: RecoverDeps, hooks: RecoverHooks): Promise<RecoveryStep> {
  const quarantine = await openQuarantine(deps);
  const head = await deps.chain.head();
  const after = Number(quarantine.recovered_block);
  const items: RecoveredItemView[] = [];
  let corrected = 0;
  let block = after;
  while (block < head.number && block - after < BLOCKS_AT_ONCE && items.length < TAKEN_AT_ONCE) {
    const step = await takeBlock(deps, hooks, block + 1);
    items.push(...step.items);
    corrected += step.corrected;
    block++;
    await quarantineRows.saveRecovered(deps.db, { stopId: quarantine.stop_id, block });
  }
  if (block === head.number) {
    corrected += await correctTheRest(deps, block);
    await closeSolved(deps);
    await reconcilePlatformGas(deps);
  }
  if (items.length > 0 || corrected > 0)
    await inTrx(deps, (trx) =>
      audit(deps, trx, {
        actor: 'operator',
        act: 'recovery.applied',
        subject: quarantine.stop_id,
        facts: { fromBlock: after, toBlock: block, transactions: items.length, corrections: corrected },
      }),
    );
  return stepOf(quarantine, { block, head: head.number, items, corrected });
}

async function takeBlock(
  deps: RecoverDeps,
  hooks: RecoverHooks,
  block: number,
): Promise<{ items: RecoveredItemView[]; corrected: number }> {
  const items: RecoveredItemView[] = [];
  let corrected = 0;
  for (const mined of await oursOf(deps, block)) {
    let result = await recovery.apply(deps, hooks, mined);
    if (result.kind === 'short') {
      // It spent what came from somebody who has no wallet here: the chain had it before this block.
      const { walletId, tokenId } = result;
      const difference = await differenceNow(deps, { walletId, tokenId, block: block - 1 });
      if (difference !== undefined) {
        await correctAtOnce(deps, { difference, by: 'job:recovery', reason: 'Recovery: received from outside.' });
        corrected++;
        result = await recovery.apply(deps, hooks, mined);
      }
    }
    if (result.kind === 'short')
      throw new Error(
        `Expected wallet ${result.walletId} to have what transaction ${mined.transaction.hash} of block ${block} sends, got less in ledger and chain before it. Two transactions of this block depend on one that is not known: report it.`,
      );
    if (result.kind === 'settled') items.push(itemOf(block, mined.transaction, null));
    if (result.kind === 'recorded') items.push(itemOf(block, mined.transaction, result.act));
  }
  return { items, corrected };
}

/** Final transactions of a block that one of our keys has signed, in their order. */
async function oursOf(deps: RecoverDeps, number: number): Promise<MinedTransaction[]> {
  const block = await deps.chain.block(number);
  if (block === null || block.transactions.length === 0) return [];
  const ours = await quarantineRows.ownAddresses(
    deps.db,
    block.transactions.map((transaction) => transaction.from),
  );
  return block.transactions.flatMap((transaction) =>
    ours.has(transaction.from) && transaction.outcome.kind === 'final'
      ? [{ transaction, outcome: transaction.outcome, at: new Date(block.atMs) }]
      : [],
  );
}

/** Findings from before the recovery: what differed is taken over, or corrected by now. */
async function closeSolved(deps: RecoverDeps): Promise<void> {
  const reason = 'Recovery: ledger and chain agree.';
  const open = await findingRows.findings(deps.db, { isOpenOnly: true, after: undefined, limit: FINDINGS_MAX });
  for (const finding of open)
    await inTrx(deps, async (trx) => {
      const at = new Date(deps.clock.nowMs());
      const decision = { decision: 'resume', by: 'job:recovery', reason, at } as const;
      if (await findingRows.decideFinding(trx, { id: finding.id, ...decision }))
        await closeAfter(deps, trx, { finding, reason });
    });
}

/** Differences that no transaction of ours explains: what came from, or went to, wallets that are not here. */
async function correctTheRest(deps: RecoverDeps, block: number): Promise<number> {
  let corrected = 0;
  for await (const walletIds of allWallets(deps)) {
    const { differences } = await compareWallets(deps, { walletIds, block });
    for (const difference of await surely(deps, differences)) {
      await correctAtOnce(deps, {
        difference,
        by: 'job:recovery',
        reason: 'Recovery: the other side is not known here.',
      });
      corrected++;
    }
  }
  return corrected;
}

async function* allWallets(deps: RecoverDeps): AsyncGenerator<string[]> {
  let afterId: string | null = null;
  for (;;) {
    const page: { id: string }[] = await figureRows.walletPage(deps.db, {
      chainId: deps.chain.chainId,
      afterId,
      limit: COMPARE_AT_ONCE,
    });
    if (page.length > 0) yield page.map((wallet) => wallet.id);
    if (page.length < COMPARE_AT_ONCE) return;
    afterId = page.at(-1)!.id;
  }
}

/**
 * An operator ends the quarantine. Refused while a block is missing, the chain counts more transactions of a wallet than
 * this database, or ledger and chain differ.
 */
export async function endQuarantine(
  deps: RecoverDeps,
  input: { idempotency: IdempotentCall<'operatorEndQuarantine'>; reason: string },
): Promise<StoredAnswer> {
  const quarantine = await openQuarantine(deps);
  const head = await deps.chain.head();
  if (Number(quarantine.recovered_block) < head.number && (await hasOurs(deps, quarantine, head.number)))
    throw refused(`transactions after block ${quarantine.recovered_block} are not taken over yet`);
  const block = Number(quarantine.recovered_block);
  const ahead = await walletAhead(deps, block);
  if (ahead !== null) throw refused(`the chain counts more transactions of ${ahead} than this database`);
  for await (const walletIds of allWallets(deps)) {
    const { differences } = await compareWallets(deps, { walletIds, block });
    const [first] = await surely(deps, differences);
    if (first !== undefined)
      throw refused(`wallet ${first.walletId} has ${first.chain} on the chain and ${first.ledger} in the ledger`);
  }
  return await inTrx(deps, (trx) =>
    idempotently(deps, trx, input.idempotency, async () => {
      const at = new Date(deps.clock.nowMs());
      await liftQuarantine(deps, trx, { stopId: quarantine.stop_id, reason: input.reason });
      await findingRows.resolveAlarmsOfQuarantine(trx, { reason: input.reason, at });
      return { state: 'lifted' as const, block };
    }),
  );
}

async function hasOurs(deps: RecoverDeps, quarantine: quarantineRows.QuarantineRow, head: number): Promise<boolean> {
  if (head - Number(quarantine.recovered_block) > BLOCKS_AT_ONCE) return true;
  for (let number = Number(quarantine.recovered_block) + 1; number <= head; number++)
    if ((await oursOf(deps, number)).length > 0) return true;
  return false;
}

async function walletAhead(deps: RecoverDeps, block: number): Promise<string | null> {
  let afterId: string | null = null;
  for (;;) {
    const page: { id: string; address: string; next_nonce: bigint }[] = await figureRows.walletPage(deps.db, {
      chainId: deps.chain.chainId,
      afterId,
      limit: COMPARE_AT_ONCE,
    });
    if (page.length === 0) return null;
    const nonces = await deps.chain.stateAt(block).nonces(page.map((wallet) => wallet.address));
    const index = page.findIndex((wallet, at) => BigInt(nonces[at]!) > wallet.next_nonce);
    if (index >= 0) return page[index]!.address;
    if (page.length < COMPARE_AT_ONCE) return null;
    afterId = page.at(-1)!.id;
  }
}

async function openQuarantine(deps: Pick<Deps, 'db'>): Promise<quarantineRows.QuarantineRow> {
  const quarantine = await quarantineRows.openQuarantine(deps.db);
  if (quarantine === undefined)
    throw new AppError('not-found', { detail: 'Expected a quarantine, but the platform is in none.' });
  return quarantine;
}

const refused = (why: string): AppError =>
  new AppError('request-invalid', {
    detail: `The quarantine cannot end: ${why}. Run "jigeum recover --apply" and try again.`,
  });

const stepOf = (
  quarantine: quarantineRows.QuarantineRow,
  step: { block: number; head: number; items: RecoveredItemView[]; corrected: number },
): RecoveryStep => ({
  found: quarantine.found,
  since: quarantine.stopped_at.toISOString(),
  fromBlock: Number(quarantine.from_block),
  block: step.block,
  head: step.head,
  isAtHead: step.block >= step.head,
  items: step.items,
  corrections: step.corrected,
});

function itemOf(block: number, transaction: ChainTransaction, act: RecoveredAct | null): RecoveredItemView {
  return {
    block,
    transactionHash: transaction.hash,
    from: transaction.from,
    to: transaction.call?.to ?? transaction.to,
    amount: act !== null && 'amount' in act ? act.amount : (transaction.call?.amount ?? null),
    what: act === null ? 'signed here, its end was not posted' : act.kind === 'other' ? `other: ${act.why}` : act.kind,
    isSuccess: transaction.outcome.kind === 'final' && transaction.outcome.isSuccess,
  };
}

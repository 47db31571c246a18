/**
 * Restore quarantine (INV-27): where one of our keys has signed what this database does not know, the database is older than
 * the chain (a restored backup, a stale standby) or the key is used elsewhere. Then nothing is signed and nothing is sent until
 * recovery has taken over what the chain tells.
 */
import { inTrx, raiseAlarm } from '#platform';
import { recordStop, waitForSigners } from '#protection';
import type { FindingDeps } from './findings.ts';
import * as figureRows from './store/figures.ts';
import * as quarantineRows from './store/quarantine.ts';

/** Blocks that a start reads one by one; where more are missing, asking for each wallet's nonce is cheaper. */
const BLOCKS_READ_MAX = 120;
/** Wallets of one question. */
const ASK_AT_ONCE = 5_000;

/**
 * Begins a quarantine, or does nothing in one that lasts. `fromBlock`: up to here everything is posted; null where only the
 * comparison knows. When it has returned, no later signature exists.
 */
export async function enterQuarantine(
  deps: FindingDeps,
  input: { fromBlock: number | null; found: string },
): Promise<void> {
  const isNew = await inTrx(deps, async (trx) => {
    const stop = await recordStop(deps, trx, {
      on: { scope: 'platform' },
      cause: 'quarantine',
      reason: input.found,
      by: 'job:reconcile',
    });
    if (!stop.isNew) return false;
    const fromBlock = input.fromBlock ?? (await quarantineRows.checkedBlock(trx, deps.chain.chainId));
    await quarantineRows.insertQuarantine(trx, {
      stopId: stop.stopId,
      chainId: deps.chain.chainId,
      fromBlock,
      found: input.found.slice(0, 2000),
    });
    return true;
  });
  await raiseAlarm(deps, deps.db, {
    kind: 'quarantine',
    subject: 'platform',
    detail: `${input.found} Nothing is signed or sent. Run "jigeum recover" and read docs/operating/database-restored.md.`,
  });
  if (isNew) await waitForSigners(deps);
}

/**
 * At start, before anything is signed: has the chain seen transactions of ours that this database has not signed? Asks each
 * wallet's nonce where the database is far behind, and reads the blocks since where it is not. Throws `ChainUnreachable`.
 */
export async function checkAtStart(deps: FindingDeps): Promise<void> {
  const chainId = deps.chain.chainId;
  const posted = await quarantineRows.postedBlock(deps.db, chainId);
  const head = await deps.chain.head();
  const found =
    posted !== null && head.number - posted <= BLOCKS_READ_MAX
      ? await foreignInBlocks(deps, { after: posted, upTo: head.number })
      : await aheadByNonce(deps, head.number);
  if (found !== null) await enterQuarantine(deps, { fromBlock: posted ?? 0, found });
}

async function foreignInBlocks(deps: FindingDeps, blocks: { after: number; upTo: number }): Promise<string | null> {
  for (let number = blocks.after + 1; number <= blocks.upTo; number++) {
    const block = await deps.chain.block(number);
    if (block === null || block.transactions.length === 0) continue;
    const ours = await quarantineRows.ownAddresses(
      deps.db,
      block.transactions.map((transaction) => transaction.from),
    );
    const signed = block.transactions.filter((transaction) => ours.has(transaction.from));
    const known = await figureRows.knownHashes(
      deps.db,
      signed.map((transaction) => Buffer.from(transaction.hash.slice(2), 'hex')),
    );
    const unknown = signed.find((transaction) => !known.has(transaction.hash));
    if (unknown !== undefined)
      return `Block ${number} has a transaction ${unknown.hash} of ${unknown.from} that this database has not signed.`;
  }
  return null;
}

async function aheadByNonce(deps: FindingDeps, block: number): Promise<string | null> {
  let afterId: string | null = null;
  for (;;) {
    const wallets: { id: string; address: string; next_nonce: bigint }[] = await figureRows.walletPage(deps.db, {
      chainId: deps.chain.chainId,
      afterId,
      limit: ASK_AT_ONCE,
    });
    if (wallets.length === 0) return null;
    const nonces = await deps.chain.stateAt(block).nonces(wallets.map((wallet) => wallet.address));
    const index = wallets.findIndex((wallet, at) => BigInt(nonces[at]!) > wallet.next_nonce);
    if (index >= 0)
      return `The chain counts ${nonces[index]} transactions of ${wallets[index]!.address}; this database has signed ${wallets[index]!.next_nonce}.`;
    if (wallets.length < ASK_AT_ONCE) return null;
    afterId = wallets.at(-1)!.id;
  }
}

/** Why nothing is signed, as a sentence; null outside of a quarantine. */
export async function quarantineReason(deps: Pick<FindingDeps, 'db'>): Promise<string | null> {
  const row = await quarantineRows.openQuarantine(deps.db);
  return row === undefined ? null : `In quarantine, nothing is signed: ${row.found}`;
}

/** What the first page shows. */
import type { CallOutput } from '@jigeum/api';
import { safeNumber } from '#platform';
import { blocksBelow, newestTransactions, pace, totals } from './public-store.ts';
import { decimalsByContract } from './public-token-store.ts';
import type { ReadDeps } from './reads.ts';
import { blockView, rowView } from './views.ts';

const ROWS = 10;
/** A minute of blocks. */
const PACE_BLOCKS = 60;

export async function scanOverview(deps: ReadDeps): Promise<CallOutput<'scanOverview'>> {
  const { scanDb } = deps;
  const [blocks, rows, decimals, counted, recent] = await Promise.all([
    blocksBelow(scanDb, { below: undefined, limit: ROWS }),
    newestTransactions(scanDb, { after: undefined, limit: ROWS }),
    decimalsByContract(scanDb),
    totals(scanDb),
    pace(scanDb, PACE_BLOCKS),
  ]);
  return {
    chainId: deps.chain.chainId,
    head: blocks[0] === undefined ? await headOfNode(deps) : blockView(blocks[0]),
    blocks: blocks.map(blockView),
    transactions: rows.map((row) => rowView(row, decimals)),
    totals: { transactions: safeNumber(counted.transactions), tokens: safeNumber(counted.tokens) },
    pace: paceOf(recent),
  };
}

/** One decimal for transactions, two for seconds: more would only flicker. */
function paceOf(recent: Awaited<ReturnType<typeof pace>>): CallOutput<'scanOverview'>['pace'] {
  const { first, last } = recent;
  const seconds = first === null || last === null ? 0 : (last.getTime() - first.getTime()) / 1000;
  if (seconds <= 0) return { transactionsPerSecond: 0, blockSeconds: null };
  return {
    transactionsPerSecond: Math.round((Number(recent.transactions) / seconds) * 10) / 10,
    blockSeconds: Math.round((seconds / Number(recent.blocks - 1n)) * 100) / 100,
  };
}

/** Before the index has its first block. */
async function headOfNode(deps: ReadDeps) {
  const head = await deps.chain.head();
  return { number: head.number, hash: head.hash, at: new Date(head.atMs).toISOString(), transactionCount: 0 };
}

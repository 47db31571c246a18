/** Copies blocks from the chain into the scan tables, in order, each once. Resumes where the tables end. */
import type { ChainBlock, ChainTransaction } from '@jigeum/chain';
import { inTrx, type Job } from '#platform';
import type { Deps } from '#deps';
import { holdersTouched, partiesOf, storedOf } from './stored-transaction.ts';
import * as store from './store.ts';

/** Blocks of one run and one transaction. */
const BATCH = 20;
/** Balances of one question: so many are read well within a block's time. Each is right by itself, also at another head. */
const ASK_AT_ONCE = 500;

/** Any number of processes may run it: a lock and the newest number decide who writes a block. */
export function scanJob(deps: Pick<Deps, 'db' | 'chain' | 'log'>): Job {
  return {
    name: 'scan',
    intervalMs: 400,
    async run(signal) {
      const newest = await store.newestBlock(deps.db);
      const head = await deps.chain.head();
      const first = newest === undefined ? 0 : Number(newest.number) + 1;
      if (head.number < first) return 'idle';
      const blocks: ChainBlock[] = [];
      for (let number = first; number <= head.number && blocks.length < BATCH; number++) {
        if (signal.aborted) return 'idle';
        const block = await deps.chain.block(number);
        if (block === null) break;
        blocks.push(block);
      }
      requireChain(newest?.hash ?? null, blocks);
      // Absolute figures of the head: what a later block changes is read again with that block.
      const holders = await readHolders(
        deps,
        blocks.flatMap((block) => block.transactions),
      );
      await inTrx(deps, async (trx) => {
        await store.lockIndex(trx);
        const current = await store.newestBlock(trx);
        if (current?.number !== newest?.number) return;
        for (const block of blocks) {
          await store.insertBlock(
            trx,
            block,
            block.transactions.map((transaction) => ({
              stored: storedOf(transaction),
              parties: partiesOf(transaction),
            })),
          );
        }
        for (const each of holders) await store.saveHolders(trx, each);
      });
      return first + blocks.length <= head.number && blocks.length > 0 ? 'more' : 'idle';
    },
  };
}

/** Blocks follow one another by hash. If not, the node is another or has begun anew: the index stops and says so. */
function requireChain(newestHash: string | null, blocks: readonly ChainBlock[]): void {
  let parent = newestHash;
  for (const block of blocks) {
    if (parent !== null && block.parentHash !== parent) {
      throw new Error(
        `Expected block ${block.number} to follow ${parent}, got one that follows ${block.parentHash}. The node has another history than the index.`,
      );
    }
    parent = block.hash;
  }
}

async function readHolders(
  deps: Pick<Deps, 'chain'>,
  transactions: readonly ChainTransaction[],
): Promise<{ contract: string; holders: { address: string; balance: bigint }[] }[]> {
  const touched = new Map<string, Set<string>>();
  for (const transaction of transactions) {
    const change = holdersTouched(transaction);
    if (change === null) continue;
    const addresses = touched.get(change.contract) ?? new Set();
    for (const address of change.addresses) addresses.add(address);
    touched.set(change.contract, addresses);
  }
  return await Promise.all(
    [...touched].map(async ([contract, set]) => {
      const addresses = [...set];
      const holders: { address: string; balance: bigint }[] = [];
      for (let start = 0; start < addresses.length; start += ASK_AT_ONCE) {
        const some = addresses.slice(start, start + ASK_AT_ONCE);
        const balances = await deps.chain.tokenBalances(contract, some);
        holders.push(...some.map((address, index) => ({ address, balance: balances[index]! })));
      }
      return { contract, holders };
    }),
  );
}

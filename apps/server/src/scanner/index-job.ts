/** Copies blocks from the chain into the scan tables, in order, each once. Resumes where the tables end. */
import type { ChainBlock } from '@jigeum/chain';
import { inTrx, tellScan, type Job } from '#platform';
import type { Deps } from '#deps';
import * as store from './store.ts';
import { touchedBy, type Touched } from './touched.ts';

/** Blocks of one run and one transaction of the database at most. */
const BLOCKS_MAX = 20;
/** With so many transactions a run is full: about three full blocks, a few megabytes. */
const TRANSACTIONS_MAX = 8_000;
/** Balances of one question: so many are read well within a block's time. Each is right by itself, also at another head. */
const ASK_AT_ONCE = 500;
/** Contracts that are asked for at once. */
const CONTRACTS_AT_ONCE = 20;

/** Any number of processes may run it: a lock and the newest number decide who writes a block. */
export function scanJob(deps: Pick<Deps, 'db' | 'clock' | 'chain' | 'log'>): Job {
  /** Blocks that were asked for while the ones before them were written. */
  let ahead: { first: number; blocks: Promise<ChainBlock[]> } | undefined;
  return {
    name: 'scan',
    intervalMs: 400,
    async run(signal) {
      const newest = await store.newestIndexed(deps.db);
      const head = await deps.chain.head();
      const first = newest === undefined ? 0 : newest.number + 1;
      const blocks = await (ahead?.first === first
        ? ahead.blocks
        : readBlocks(deps, { first, last: head.number, signal }));
      ahead = undefined;
      if (blocks.length === 0 || signal.aborted) return 'idle';
      requireChain(newest?.hash ?? null, blocks);
      // Absolute figures of the head: what a later block changes is read again with that block.
      const touched = touchedBy(blocks.flatMap((block) => block.transactions));
      const [tokens, holders] = await Promise.all([readTokens(deps, touched, blocks), readHolders(deps, touched)]);
      const items = await readItems(deps, touched, tokens);
      const calls = callsOf(blocks);
      const next = blocks.at(-1)!.number + 1;
      if (next <= head.number) {
        ahead = { first: next, blocks: readBlocks(deps, { first: next, last: head.number, signal }) };
        // The next run meets the error; until then nobody waits for it.
        ahead.blocks.catch(() => undefined);
      }
      await inTrx(deps, async (trx) => {
        await store.lockIndex(trx);
        if ((await store.newestIndexed(trx))?.number !== newest?.number) return;
        await store.insertBlocks(trx, blocks);
        await store.saveTokens(trx, tokens);
        await store.countCalls(trx, calls);
        await store.saveHolders(trx, holders);
        await store.saveItems(trx, items);
        await tellScan(trx, blocks.at(-1)!.number);
      });
      return next <= head.number ? 'more' : 'idle';
    },
  };
}

async function readBlocks(
  deps: Pick<Deps, 'chain'>,
  input: { first: number; last: number; signal: AbortSignal },
): Promise<ChainBlock[]> {
  const blocks: ChainBlock[] = [];
  let transactions = 0;
  for (let number = input.first; number <= input.last; number++) {
    if (blocks.length === BLOCKS_MAX || transactions >= TRANSACTIONS_MAX || input.signal.aborted) break;
    const block = await deps.chain.block(number);
    if (block === null) break;
    blocks.push(block);
    transactions += block.transactions.length;
  }
  return blocks;
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

async function readTokens(
  deps: Pick<Deps, 'db' | 'chain'>,
  touched: Touched,
  blocks: readonly ChainBlock[],
): Promise<store.TokenRow[]> {
  const places = new Map<string, { block: number; position: number }>();
  for (const block of blocks)
    for (const [position, { call }] of block.transactions.entries())
      if (call !== null && call.contract !== null && !places.has(call.contract))
        places.set(call.contract, { block: block.number, position });
  // A token of the genesis block was never created by a call: it is met when it is first used.
  const known = await store.knownContracts(deps.db, [...touched.called]);
  const wanted = [...touched.called].filter((contract) => touched.changed.has(contract) || !known.has(contract));
  const tokens: store.TokenRow[] = [];
  for (const contracts of portions(wanted, CONTRACTS_AT_ONCE)) {
    const facts = await Promise.all(contracts.map((contract) => deps.chain.contractFacts(contract)));
    tokens.push(...facts.flatMap((each) => (each === null ? [] : [{ facts: each, ...places.get(each.contract)! }])));
  }
  return tokens;
}

async function readHolders(deps: Pick<Deps, 'chain'>, touched: Touched): Promise<store.HolderRow[]> {
  const holders: store.HolderRow[] = [];
  for (const [contract, set] of touched.holders) {
    for (const addresses of portions([...set], ASK_AT_ONCE)) {
      const balances = await deps.chain.tokenBalances(contract, addresses);
      holders.push(...addresses.map((address, index) => ({ contract, address, balance: balances[index]! })));
    }
  }
  return holders;
}

/** New items are those from the newest known one to the contract's total; of old ones, those that a call has named. */
async function readItems(
  deps: Pick<Deps, 'db' | 'chain'>,
  touched: Touched,
  tokens: readonly store.TokenRow[],
): Promise<store.ItemRow[]> {
  const rows: store.ItemRow[] = [];
  for (const contract of new Set([...touched.items.keys(), ...touched.itemMakers])) {
    const wanted = new Set(touched.items.get(contract));
    const total = tokens.find(({ facts }) => facts.contract === contract)?.facts.supply;
    if (total !== undefined && touched.itemMakers.has(contract))
      for (let index = await store.itemCount(deps.db, contract); BigInt(index) < total; index++) wanted.add(index);
    for (const indexes of portions([...wanted], ASK_AT_ONCE)) {
      const items = await deps.chain.contractItems(contract, indexes);
      rows.push(...items.flatMap((item) => (item === null ? [] : [{ contract, ...item }])));
    }
  }
  return rows;
}

function callsOf(blocks: readonly ChainBlock[]): Map<string, number> {
  const calls = new Map<string, number>();
  for (const { transactions } of blocks)
    for (const { call } of transactions)
      if (call !== null && call.contract !== null) calls.set(call.contract, (calls.get(call.contract) ?? 0) + 1);
  return calls;
}

function* portions<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}

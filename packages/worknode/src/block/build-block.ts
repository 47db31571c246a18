/** Builds blocks: executes what waits, computes the roots, asks the sealer. Pure but for reading the state below. */
import {
  EMPTY_TRIE_ROOT,
  encodeBlockExtra,
  encodeHeader,
  encodeReceipt,
  headerHash,
  indexTrieRoot,
  type BlockHeader,
  type Sha3,
  type SymId,
} from '@jigeum/symverse';
import type { Sealer } from '../consensus/sealer.ts';
import { execute, isExecutable, type ExecutionEnv } from '../execute/execute.ts';
import { accountOf } from '../state/accounts.ts';
import type { PoolTransaction } from '../mempool/mempool.ts';
import type { Roots, State, StateRow } from '../state/state.ts';
import type { StoredBlock, StoredCitizenBlock, StoredTransaction } from '../storage/storage.ts';

/** What a block is built on and limited by. */
export interface BlockSite {
  readonly parent: { readonly hash: Uint8Array; readonly header: BlockHeader };
  readonly citizenHead: Pick<StoredCitizenBlock, 'number' | 'hash'>;
  /** Unix seconds; the block is never older than its parent. */
  readonly time: number;
  readonly gasLimit: bigint;
}

export interface BuiltBlock {
  readonly block: StoredBlock;
  readonly header: BlockHeader;
  readonly state: readonly StateRow[];
  readonly included: readonly PoolTransaction[];
  /**
   * Transactions that no block could take any more; they leave the pool without one. Empty unless the pool's rules are broken: what
   * is short of coin that comes behind it waits for the next block.
   */
  readonly dropped: readonly PoolTransaction[];
}

/** Jigeum's work node as it writes itself into `extraData`. No versions of the machine: two nodes must make equal blocks. */
export const BLOCK_EXTRA = encodeBlockExtra({ version: [0, 1, 0], program: 'jigeum', runtime: 'worknode', os: 'any' });

/** gsym's limit, as a live block shows it: 0xb3c36a0. About 2,800 token transfers. */
export const BLOCK_GAS_LIMIT = 188_495_520n;

const NOTHING = new Uint8Array(0);
const ZERO_HASH = new Uint8Array(32);
const NO_LOGS = new Uint8Array(256);

/** The next block with as many waiting transactions as fit. Changes nothing: the caller commits the result. */
export function buildBlock(
  state: State,
  env: ExecutionEnv,
  sealer: Sealer,
  site: BlockSite,
  waiting: Iterable<PoolTransaction>,
): BuiltBlock {
  const overlay = state.overlay();
  const included: PoolTransaction[] = [];
  const dropped: PoolTransaction[] = [];
  const transactions: StoredTransaction[] = [];
  /** The first that is short of coin of each sender: what follows it waits with it. */
  const short = new Map<SymId, PoolTransaction>();
  let gasUsed = 0n;
  let isFull = false;
  for (const tx of waiting) {
    if (gasUsed + tx.transaction.gas > site.gasLimit) {
      isFull = true;
      break;
    }
    if (!isExecutable(overlay, tx.transaction)) {
      const { from, nonce } = tx.transaction;
      if (short.has(from)) continue;
      if (nonce === accountOf(overlay, from).nonce) short.set(from, tx);
      else dropped.push(tx);
      continue;
    }
    const receipt = execute(overlay, env, { transaction: tx.transaction, gasBefore: gasUsed });
    gasUsed = receipt.cumulativeGasUsed;
    included.push(tx);
    transactions.push({ hash: tx.hash, raw: tx.raw, receipt: encodeReceipt(receipt) });
  }
  // Whatever could have paid them has been executed by now.
  if (!isFull) dropped.push(...short.values().filter((tx) => !isExecutable(overlay, tx.transaction)));
  const changes = overlay.changes();
  const roots = state.rootsAfter(changes);
  const { header: parent } = site.parent;
  const header: BlockHeader = {
    ...listRoots(transactions, env.sha3),
    ...stateRoots(roots),
    parentHash: site.parent.hash,
    primary: sealer.symId,
    rewardRoot: EMPTY_TRIE_ROOT,
    cbHash: site.citizenHead.hash,
    wbHash: ZERO_HASH,
    obHash: ZERO_HASH,
    number: parent.number + 1n,
    cbNum: BigInt(site.citizenHead.number),
    wbNum: 0n,
    obNum: 0n,
    activeCbNum: BigInt(site.citizenHead.number),
    activeWbNum: 0n,
    activeObNum: 0n,
    logsBloom: NO_LOGS,
    tickStamp: parent.tickStamp + 1n,
    time: BigInt(site.time) > parent.time ? BigInt(site.time) : parent.time,
    gasLimit: site.gasLimit,
    gasUsed,
    extra: BLOCK_EXTRA,
  };
  const hash = headerHash(header, env.sha3);
  const number = Number.parseInt(header.number.toString(), 10);
  const block = { number, hash, header: encodeHeader(header), sign: sealer.seal(hash), transactions };
  return { block, header, state: changes, included, dropped };
}

/** Block 0 of a chain whose state and citizen block 0 exist already. Nobody signs it: its hash is the chain's identity. */
export function genesisBlock(
  roots: Roots,
  input: {
    readonly sealer: Sealer['symId'];
    readonly citizenHash: Uint8Array;
    readonly time: number;
    readonly gasLimit: bigint;
    readonly sha3: Sha3;
  },
): { block: StoredBlock; header: BlockHeader } {
  const header: BlockHeader = {
    ...listRoots([], input.sha3),
    ...stateRoots(roots),
    parentHash: ZERO_HASH,
    primary: input.sealer,
    rewardRoot: EMPTY_TRIE_ROOT,
    cbHash: input.citizenHash,
    wbHash: ZERO_HASH,
    obHash: ZERO_HASH,
    number: 0n,
    cbNum: 0n,
    wbNum: 0n,
    obNum: 0n,
    activeCbNum: 0n,
    activeWbNum: 0n,
    activeObNum: 0n,
    logsBloom: NO_LOGS,
    tickStamp: 0n,
    time: BigInt(input.time),
    gasLimit: input.gasLimit,
    gasUsed: 0n,
    extra: BLOCK_EXTRA,
  };
  const hash = headerHash(header, input.sha3);
  return { block: { number: 0, hash, header: encodeHeader(header), sign: NOTHING, transactions: [] }, header };
}

const listRoots = (transactions: readonly StoredTransaction[], sha3: Sha3) => ({
  transactionsRoot: indexTrieRoot(
    transactions.map(({ raw }) => raw),
    sha3,
  ),
  receiptsRoot: indexTrieRoot(
    transactions.map(({ receipt }) => receipt),
    sha3,
  ),
});

const stateRoots = (roots: Roots) => ({ stateRoot: roots.coin, sctRoot: roots.sct });

/** What several namespaces read: blocks by tag or hash, transactions in their place, the state at a block. */
import { fromHex0x } from '@jigeum/std';
import { decodeTransaction } from '@jigeum/symverse';
import {
  RPC_CODE,
  type BlockTag,
  type RpcHandlers,
  type RpcKeyMethod,
  type RpcMethod,
  type RpcSubscriptionMethod,
  type RpcTransaction,
} from '@jigeum/symverse/rpc';
import type { Chain } from '../chain.ts';
import type { WorkNode } from '../node.ts';
import { counter } from '../numbers.ts';
import type { StateReader } from '../state/state.ts';
import { PrunedHistoryError, type StatePoint, type StoredBlock, type StoredTransaction } from '../storage/storage.ts';
import { RpcFault } from './fault.ts';
import { transactionView, type BlockPlace } from './views.ts';

/** The methods that a node answers whoever asks: not those that need a connection of their own, or keys. */
export type NodeMethod = Exclude<RpcMethod, RpcSubscriptionMethod | RpcKeyMethod>;

/** The handlers whose names begin with one of these words. */
export type HandlersOf<Namespace extends string> = Pick<RpcHandlers, Extract<NodeMethod, `${Namespace}_${string}`>>;

export interface Reads {
  readonly node: WorkNode;
  /** The main block that a tag stands for; −1 for one that is not there yet. */
  numberOf(tag: BlockTag): number;
  /** The main block with this hash; −1 for none. */
  numberOfHash(hash: string): number;
  /** The state after a block. Throws an `RpcFault` where it is not kept. */
  stateAt(tag: BlockTag): StateReader;
  blockAt(tag: BlockTag): StoredBlock | undefined;
  blockOfHash(hash: string): StoredBlock | undefined;
  /** The transaction at a place of the block of this number, read without the others; null where there is none. */
  transactionAt(number: number, index: bigint): RpcTransaction | null;
  /** A transaction that is in a block, and where. */
  placed(hash: string): { readonly row: StoredTransaction; readonly place: BlockPlace } | undefined;
}

/** No block has a place with this number, which callers may choose as large as they like. */
const PLACES_MAX = 2n ** 32n;

/** Reads over a node. */
export function createReads(node: WorkNode): Reads {
  const { chain } = node;
  const { storage } = chain;
  const numberOf = (tag: BlockTag): number => {
    if (tag === 'earliest') return 0;
    if (tag === 'latest' || tag === 'pending') return chain.head().number;
    return tag > BigInt(chain.head().number) ? -1 : counter(tag);
  };
  const numberOfHash = (hash: string): number => storage.blockNumber(fromHex0x(hash)) ?? -1;
  return {
    node,
    numberOf,
    numberOfHash,
    stateAt(tag) {
      const number = numberOf(tag);
      if (number === chain.head().number) return chain.state;
      if (number < 0) throw notThere(tag, `block ${chain.head().number}`);
      return olderState(chain, { chain: 'main', block: number });
    },
    blockAt: (tag) => storage.block(numberOf(tag)),
    blockOfHash: (hash) => storage.block(numberOfHash(hash)),
    transactionAt(number, index) {
      if (index >= PLACES_MAX) return null;
      const at = counter(index);
      const row = storage.transactionAt(number, at);
      const head = row && storage.blockHead(number);
      if (row === undefined || head === undefined) return null;
      return transactionView(decodeTransaction(row.raw), row.hash, {
        blockHash: head.hash,
        blockNumber: number,
        index: at,
      });
    },
    placed(hash) {
      const found = storage.transaction(fromHex0x(hash));
      const head = found && storage.blockHead(found.block);
      if (found === undefined || head === undefined) return undefined;
      return { row: found.row, place: { blockHash: head.hash, blockNumber: found.block, index: found.index } };
    },
  };
}

/**
 * Rows of an older block in one answer. Each is searched for in every part of the history since then, which takes milliseconds
 * on a long chain: ten thousand items of one owner would hold the node for minutes.
 */
export const OLDER_ROWS_MAX = 256;

/** The state at an older block, for one answer: its rows are read one by one, and not too many of them. */
export function olderState(chain: Pick<Chain, 'stateAt'>, point: StatePoint): StateReader {
  const state = chain.stateAt(point);
  let count = 0;
  return {
    get(table, key) {
      if (count++ >= OLDER_ROWS_MAX) throw tooManyRows();
      try {
        return state.get(table, key);
      } catch (cause) {
        if (cause instanceof PrunedHistoryError)
          throw new RpcFault({ code: RPC_CODE.serverError, message: cause.message });
        throw cause;
      }
    },
  };
}

const tooManyRows = (): RpcFault =>
  new RpcFault({
    code: RPC_CODE.serverError,
    message: `query returned too many results: expected at most ${OLDER_ROWS_MAX} rows at an older block, got more; ask for single items by index, or for "latest"`,
  });

/** The answer for the state at a block that nobody has sealed yet. */
export const notThere = (tag: BlockTag, newest: string): RpcFault =>
  new RpcFault({
    code: RPC_CODE.serverError,
    message: `state is not available: expected "latest" or at most ${newest}, got block ${tag}`,
  });

/** `sym_*`: coins, blocks, transactions and receipts. */
import { decodeHeader, decodeTransaction, estimateGas, GAS_PRICE_HUG } from '@jigeum/symverse';
import { refusal, RPC_CODE } from '@jigeum/symverse/rpc';
import { accountOf } from '../../state/accounts.ts';
import type { StoredBlock } from '../../storage/storage.ts';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';
import { transactionTypeOf } from './transaction-type.ts';
import { blockView, receiptView, transactionView } from '../views.ts';

/** The protocol version that a public node shows. */
const PROTOCOL_VERSION = '0x40';

/** Handlers over a node. */
export function symHandlers(reads: Reads): HandlersOf<'sym'> {
  const { node, numberOf, numberOfHash, stateAt, blockAt, blockOfHash, transactionAt, placed } = reads;
  const { chain, pool } = node;
  const transactionCount = (number: number): bigint | null => {
    const count = chain.storage.transactionCount(number);
    return count === undefined ? null : BigInt(count);
  };
  return {
    sym_protocolVersion: () => PROTOCOL_VERSION,
    sym_syncing: () => false,
    sym_symbase: () => chain.genesis.sealer.symId,
    sym_gasPrice: () => GAS_PRICE_HUG,
    sym_accounts: () => [],
    sym_blockNumber: () => BigInt(chain.head().number),
    sym_getBalance: (symId, tag) => accountOf(stateAt(tag), symId).balance,
    sym_getTransactionCount(symId, tag) {
      const { nonce } = accountOf(stateAt(tag), symId);
      return tag === 'pending' ? pool.nextNonce(symId) : nonce;
    },
    sym_getBlockByHash: (hash, isFull) => fullBlock(blockOfHash(hash), isFull),
    sym_getBlockByNumber: (tag, isFull) => fullBlock(blockAt(tag), isFull),
    sym_getBlockTransactionCountByHash: (hash) => transactionCount(numberOfHash(hash)),
    sym_getBlockTransactionCountByNumber: (tag) => transactionCount(numberOf(tag)),
    sym_getTransactionByHash(hash) {
      const waiting = pool.get(hash);
      if (waiting !== undefined) return transactionView(waiting.transaction, waiting.hash, null);
      const found = placed(hash);
      return found === undefined
        ? null
        : transactionView(decodeTransaction(found.row.raw), found.row.hash, found.place);
    },
    sym_getTransactionByBlockHashAndIndex: (hash, index) => transactionAt(numberOfHash(hash), index),
    sym_getTransactionByBlockNumberAndIndex: (tag, index) => transactionAt(numberOf(tag), index),
    sym_getTransactionReceipt(hash) {
      const found = placed(hash);
      return found === undefined ? null : receiptView(found.row, found.place);
    },
    sym_getDeposit(symId, tag) {
      const { balance, deposit } = accountOf(stateAt(tag), symId);
      return { account: symId, balance, deposit };
    },
    // No block of this chain holds rewards: fees go to the sealer with each transaction.
    sym_getReward: () => null,
    sym_getCode(_symId, tag) {
      stateAt(tag);
      return NO_CODE;
    },
    sym_call(call) {
      throw new RpcFault({
        code: RPC_CODE.serverError,
        message: `execution is not available: expected a contract of the built-in templates, which sct_* reads, got a call of ${call.to ?? 'new code'}; this node runs no EVM code`,
      });
    },
    sym_estimateGas(call) {
      const type = transactionTypeOf('sym_estimateGas', call.type ?? 0n);
      return estimateGas({ to: call.to ?? null, input: call.input ?? call.data ?? new Uint8Array(0), type });
    },
    async sym_sendRawTransaction(raw) {
      const outcome = await node.submit(raw);
      if (outcome.kind === 'refused') throw new RpcFault(refusal(outcome.reason, outcome.detail));
      if (outcome.kind === 'already-known') throw new RpcFault(refusal('already-known', outcome.hash));
      return outcome.hash;
    },
  };
}

/** No address has code: contracts are of the built-in templates. */
const NO_CODE = new Uint8Array(0);

const fullBlock = (block: StoredBlock | undefined, isFull: boolean) =>
  block === undefined ? null : blockView(block, decodeHeader(block.header), isFull);

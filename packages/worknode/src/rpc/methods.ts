/** The methods of a work node, checked against the schema of `@jigeum/symverse/rpc`. All but sending answer without waiting. */
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  decodeHeader,
  decodeTransaction,
  encodeCitizenState,
  estimateGas,
  GAS_PRICE_HUG,
  sha3_256,
  TRANSACTION_TYPE,
  type SymId,
  type TransactionType,
} from '@jigeum/symverse';
import {
  refusal,
  RPC_CODE,
  type BlockTag,
  type RpcErrorObject,
  type RpcHandlers,
  type RpcTransaction,
} from '@jigeum/symverse/rpc';
import { counter } from '../numbers.ts';
import type { WorkNode } from '../node.ts';
import { accountOf } from '../state/accounts.ts';
import { allowanceOf, holdingOf } from '../sct/sct20.ts';
import type { StoredBlock } from '../storage/storage.ts';
import { blockView, citizenStateView, citizenView, contractView, receiptView, transactionView } from './views.ts';

/** An answer that is an error. */
export class RpcFault extends Error {
  override readonly name = 'RpcFault';
  readonly error: RpcErrorObject;
  constructor(error: RpcErrorObject) {
    super(error.message);
    this.error = error;
  }
}

/** What `web3_clientVersion` says. */
export const CLIENT_VERSION = 'Jigeum/worknode/v0.1.0';
/** The protocol version that a public node shows. */
const PROTOCOL_VERSION = '0x40';

/** Handlers over a node. */
export function rpcHandlers(node: WorkNode): RpcHandlers {
  const { chain, pool } = node;
  const { storage, state, genesis } = chain;

  const numberOf = (tag: BlockTag): number => {
    if (tag === 'earliest') return 0;
    if (tag === 'latest' || tag === 'pending') return chain.head().number;
    return tag > BigInt(chain.head().number) ? -1 : counter(tag);
  };
  /** Stops unless the block is the newest: older states are not kept. */
  const requireHead = (tag: BlockTag): void => {
    const { number } = chain.head();
    if (numberOf(tag) === number) return;
    const asked = typeof tag === 'bigint' ? `block ${tag}` : `block "${tag}"`;
    throw new RpcFault({
      code: RPC_CODE.serverError,
      message: `state is not available: expected "latest" or the newest block ${number}, got ${asked}; this node keeps the newest state only`,
    });
  };
  const fullBlock = (block: StoredBlock | undefined, isFull: boolean) =>
    block === undefined ? null : blockView(block, decodeHeader(block.header), isFull);
  const blockOfHash = (hash: string): StoredBlock | undefined => {
    const number = storage.blockNumber(fromHex0x(hash));
    return number === undefined ? undefined : storage.block(number);
  };
  const transactionAt = (block: StoredBlock | undefined, index: bigint): RpcTransaction | null => {
    const row =
      block !== undefined && index < BigInt(block.transactions.length) ? block.transactions[counter(index)] : undefined;
    if (block === undefined || row === undefined) return null;
    const place = { blockHash: block.hash, blockNumber: block.number, index: counter(index) };
    return transactionView(decodeTransaction(row.raw), row.hash, place);
  };
  const placed = (hash: string) => {
    const found = storage.transaction(fromHex0x(hash));
    const head = found && storage.blockHead(found.block);
    return (
      found && head && { row: found.row, place: { blockHash: head.hash, blockNumber: found.block, index: found.index } }
    );
  };
  const citizen = (symId: SymId) => state.get('citizen', symId);

  return {
    web3_clientVersion: () => CLIENT_VERSION,
    web3_sha3: (bytes) => toHex0x(sha3_256(bytes)),
    net_version: () => genesis.chainId.toString(),
    net_listening: () => true,
    net_peerCount: () => 0n,
    rpc_modules: () => ({ citizen: '1.0', net: '1.0', rpc: '1.0', sct: '1.0', sym: '1.0', txpool: '1.0', web3: '1.0' }),
    sym_protocolVersion: () => PROTOCOL_VERSION,
    sym_syncing: () => false,
    sym_symbase: () => genesis.sealer.symId,
    sym_gasPrice: () => GAS_PRICE_HUG,
    sym_accounts: () => [],
    sym_blockNumber: () => BigInt(chain.head().number),
    sym_getBalance(symId, tag) {
      requireHead(tag);
      return accountOf(state, symId).balance;
    },
    sym_getTransactionCount(symId, tag) {
      requireHead(tag);
      return tag === 'pending' ? pool.nextNonce(symId) : accountOf(state, symId).nonce;
    },
    sym_getBlockByHash: (hash, isFull) => fullBlock(blockOfHash(hash), isFull),
    sym_getBlockByNumber: (tag, isFull) => fullBlock(storage.block(numberOf(tag)), isFull),
    sym_getBlockTransactionCountByHash(hash) {
      const block = blockOfHash(hash);
      return block === undefined ? null : BigInt(block.transactions.length);
    },
    sym_getBlockTransactionCountByNumber(tag) {
      const block = storage.block(numberOf(tag));
      return block === undefined ? null : BigInt(block.transactions.length);
    },
    sym_getTransactionByHash(hash) {
      const waiting = pool.get(hash);
      if (waiting !== undefined) return transactionView(waiting.transaction, waiting.hash, null);
      const found = placed(hash);
      return found === undefined
        ? null
        : transactionView(decodeTransaction(found.row.raw), found.row.hash, found.place);
    },
    sym_getTransactionByBlockHashAndIndex: (hash, index) => transactionAt(blockOfHash(hash), index),
    sym_getTransactionByBlockNumberAndIndex: (tag, index) => transactionAt(storage.block(numberOf(tag)), index),
    sym_getTransactionReceipt(hash) {
      const found = placed(hash);
      return found === undefined ? null : receiptView(found.row, found.place);
    },
    sym_getDeposit(symId, tag) {
      requireHead(tag);
      const { balance, deposit } = accountOf(state, symId);
      return { account: symId, balance, deposit };
    },
    sym_estimateGas(call) {
      const type = transactionType(call.type ?? 0n);
      return estimateGas({ to: call.to ?? null, input: call.input ?? call.data ?? new Uint8Array(0), type });
    },
    async sym_sendRawTransaction(raw) {
      const outcome = await node.submit(raw);
      if (outcome.kind === 'refused') throw new RpcFault(refusal(outcome.reason, outcome.detail));
      if (outcome.kind === 'already-known') throw new RpcFault(refusal('already-known', outcome.hash));
      return outcome.hash;
    },
    sct_getContract(contract, tag) {
      requireHead(tag);
      const found = state.get('contract', contract);
      return found === undefined ? null : contractView(found);
    },
    sct_getContractAccount(contract, symId, tag) {
      requireHead(tag);
      return state.get('contract', contract) === undefined ? null : { balance: holdingOf(state, contract, symId) };
    },
    sct_getAllowance(contract, owner, spender, tag) {
      requireHead(tag);
      return state.get('contract', contract) === undefined
        ? null
        : { balance: allowanceOf(state, contract, owner, spender) };
    },
    citizen_blockNumber: () => BigInt(chain.citizenHead().number),
    // The newest record is in effect whatever main block is asked for: the tag counts blocks of the citizen chain, of which the newest is kept.
    citizen_getCitizenBySymID(symId) {
      const entry = citizen(symId);
      return entry === undefined ? null : citizenStateView(entry);
    },
    citizen_getRawCitizenBySymID(symId) {
      const entry = citizen(symId);
      return entry === undefined ? null : encodeCitizenState({ ...entry, aKeyPubH: entry.keyHash });
    },
    citizen_getCitizenByHash(hash) {
      const found = storage.citizen(fromHex0x(hash));
      const block = found && storage.citizenBlock(found.block);
      return found === undefined || block === undefined ? null : citizenView(found, block.hash);
    },
    citizen_getCitizenCount: () => BigInt(chain.citizenCount()),
    citizen_sendRawCitizen(raw) {
      const outcome = node.submitCitizen(raw);
      if (outcome.kind === 'recorded') return outcome.hash;
      throw new RpcFault({ code: RPC_CODE.serverError, message: outcome.text });
    },
    txpool_status() {
      const { executable, queued } = pool.counts();
      return { pending: BigInt(executable), queued: BigInt(queued) };
    },
  };
}

function transactionType(value: bigint): TransactionType {
  const type = Object.values(TRANSACTION_TYPE).find((known) => BigInt(known) === value);
  if (type !== undefined) return type;
  throw new RpcFault({
    code: RPC_CODE.invalidParams,
    message: `sym_estimateGas parameter 1 (transaction).type: Expected 0, 1 or 2, got ${value}.`,
  });
}

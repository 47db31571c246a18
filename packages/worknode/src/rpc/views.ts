/** Blocks, transactions, receipts, contracts and citizens as the RPC schema shows them. */
import { toHex0x } from '@jigeum/std';
import {
  decodeCitizen,
  decodeCitizenHeader,
  decodeReceipt,
  decodeTransaction,
  encodeRlp,
  integerToBytes,
  symIdToBytes,
  type BlockHeader,
  type SymId,
  type Transaction,
} from '@jigeum/symverse';
import type {
  RpcBlock,
  RpcCitizen,
  RpcCitizenBlock,
  RpcCitizenState,
  RpcHead,
  RpcReceipt,
  RpcTransaction,
} from '@jigeum/symverse/rpc';
import type { CitizenEntry } from '../state/tables.ts';
import type { Place, StoredBlock, StoredCitizen, StoredCitizenBlock, StoredTransaction } from '../storage/storage.ts';

/** Where a transaction stands in a block. */
export interface BlockPlace {
  readonly blockHash: Uint8Array;
  readonly blockNumber: number;
  readonly index: number;
}

const NO_LOGS = new Uint8Array(256);
const NOTHING = new Uint8Array(0);

/** The header of a block with its hash. */
export function headView(hash: Uint8Array, header: BlockHeader): RpcHead {
  const {
    time,
    extra,
    parentHash,
    stateRoot,
    sctRoot,
    transactionsRoot,
    rewardRoot,
    receiptsRoot,
    cbHash,
    wbHash,
    obHash,
    ...rest
  } = header;
  return {
    ...rest,
    hash: toHex0x(hash),
    parentHash: toHex0x(parentHash),
    stateRoot: toHex0x(stateRoot),
    sctRoot: toHex0x(sctRoot),
    transactionsRoot: toHex0x(transactionsRoot),
    rewardRoot: toHex0x(rewardRoot),
    receiptsRoot: toHex0x(receiptsRoot),
    cbHash: toHex0x(cbHash),
    wbHash: toHex0x(wbHash),
    obHash: toHex0x(obHash),
    timeStamp: time,
    extraData: extra,
  };
}

/** A block, its transactions as hashes or whole. */
export function blockView(block: StoredBlock, header: BlockHeader, isFull: boolean): RpcBlock {
  const place = (index: number): BlockPlace => ({ blockHash: block.hash, blockNumber: block.number, index });
  return {
    ...headView(block.hash, header),
    size: BigInt(blockSize(block, header)),
    transactions: block.transactions.map((row, index) =>
      isFull ? transactionView(decodeTransaction(row.raw), row.hash, place(index)) : toHex0x(row.hash),
    ),
    rewards: [],
    validatorInfos: validators(block, header),
    signInfo: { mbNum: header.number, sign: block.sign, extraData: NOTHING },
  };
}

/** A transaction in a block, or one that waits (no place). */
export function transactionView(transaction: Transaction, hash: Uint8Array, place: BlockPlace | null): RpcTransaction {
  const { type, v, ...fields } = transaction;
  return {
    ...fields,
    blockHash: place && toHex0x(place.blockHash),
    blockNumber: place && BigInt(place.blockNumber),
    transactionIndex: place && BigInt(place.index),
    hash: toHex0x(hash),
    type: BigInt(type),
    v: BigInt(v),
  };
}

/** What became of a transaction. */
export function receiptView(row: StoredTransaction, place: BlockPlace): RpcReceipt {
  const { from, to } = decodeTransaction(row.raw);
  const { status, errCode, gasUsed, cumulativeGasUsed, contractAddress, logs } = decodeReceipt(row.receipt);
  return {
    blockHash: toHex0x(place.blockHash),
    blockNumber: BigInt(place.blockNumber),
    transactionHash: toHex0x(row.hash),
    transactionIndex: BigInt(place.index),
    from,
    to,
    contractAddress,
    gasUsed,
    cumulativeGasUsed,
    status: BigInt(status),
    logs: logs.map(({ address, topics, data }) => ({ address, topics: topics.map(toHex0x), data })),
    logsBloom: NO_LOGS,
    ...(errCode !== 0n && { errCode }),
  };
}

/** What the chain keeps of a SymID. */
export function citizenStateView({ keyHash, recordHash: _, ...entry }: CitizenEntry): RpcCitizenState {
  return { ...entry, aKeyPubH: keyHash };
}

/** A citizen record and where it stands. */
export function citizenView({ block, index, row }: Place<StoredCitizen>, blockHash: Uint8Array): RpcCitizen {
  const { v, ...citizen } = decodeCitizen(row.raw);
  return {
    ...citizen,
    v: BigInt(v),
    blockHash: toHex0x(blockHash),
    blockNumber: BigInt(block),
    citizenIndex: BigInt(index),
    hash: toHex0x(row.hash),
  };
}

/** The records of a citizen block. */
export const citizensOf = (block: StoredCitizenBlock): RpcCitizen[] =>
  block.citizens.map((row, index) => citizenView({ block: block.number, index, row }, block.hash));

/** A citizen block, its records as hashes or whole; null where there is none. */
export function citizenBlockView(block: StoredCitizenBlock | undefined, isFull: boolean): RpcCitizenBlock | null {
  if (block === undefined) return null;
  const { parentHash, stateRoot, relatedMbNum, citizensRoot, number, extra } = decodeCitizenHeader(block.header);
  const records = block.citizens.reduce((sum, { raw }) => sum + raw.length, 0);
  return {
    number,
    hash: toHex0x(block.hash),
    parentHash: toHex0x(parentHash),
    stateRoot: toHex0x(stateRoot),
    relatedMbNum,
    citizensRoot: toHex0x(citizensRoot),
    size: BigInt(listSize(block.header.length + listSize(records))),
    citizens: isFull ? citizensOf(block) : block.citizens.map(({ hash }) => toHex0x(hash)),
    extraData: extra,
  };
}

/** The length of the block's RLP, counted without decoding its transactions. */
export function blockSize(block: StoredBlock, header: BlockHeader): number {
  const sealers = encodeRlp(validators(block, header).map((symId) => [symIdToBytes(symId), NOTHING])).length;
  const signInfo = encodeRlp([integerToBytes(header.number), block.sign, NOTHING]).length;
  const transactions = listSize(block.transactions.reduce((sum, { raw }) => sum + raw.length, 0));
  const noRewards = 1;
  return listSize(block.header.length + transactions + noRewards + sealers + signInfo);
}

/** Nobody validated the genesis block. */
const validators = (block: StoredBlock, header: BlockHeader): readonly SymId[] =>
  block.sign.length === 0 ? [] : [header.primary];

const listSize = (payload: number): number =>
  payload + (payload <= 55 ? 1 : 1 + Math.ceil(payload.toString(16).length / 2));

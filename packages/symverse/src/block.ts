/**
 * Main blocks: header of 23 fields, transactions, rewards, validators, the sealer's signature. Fields, their order and the
 * composition of the block are the chain's (both published block sizes fit it).
 *
 * The preimage of gsym's block hash is not published and was not found. `headerHash` is Jigeum's own: SHA3-256 of the RLP of
 * the 23 header fields. Do not compare it with the hash of a block of a public network.
 */
import { decodeRlp, encodeRlp, RlpError, viewRlp } from './rlp.ts';
import {
  bytes,
  decodeRecord,
  encodeRecord,
  fixedBytes,
  listOf,
  RecordError,
  recordField,
  symId,
  text,
  uint,
  type Field,
  type RecordOf,
} from './record.ts';
import { transactionFromItem, transactionItem, type Transaction } from './transaction/transaction.ts';
import { sha3_256, type Sha3 } from './hash.ts';

const hash = fixedBytes(32);
const number = uint(8);

/** The header's fields, in wire order. `time` is unix seconds; `tickStamp` counts ticks of the consensus; `cb`, `wb` and `ob` are the citizen, warrant and oracle chains. */
export const HEADER_FIELDS = [
  ['parentHash', hash],
  ['primary', symId],
  ['stateRoot', hash],
  ['sctRoot', hash],
  ['transactionsRoot', hash],
  ['rewardRoot', hash],
  ['receiptsRoot', hash],
  ['cbHash', hash],
  ['wbHash', hash],
  ['obHash', hash],
  ['number', number],
  ['cbNum', number],
  ['wbNum', number],
  ['obNum', number],
  ['activeCbNum', number],
  ['activeWbNum', number],
  ['activeObNum', number],
  ['logsBloom', fixedBytes(256)],
  ['tickStamp', number],
  ['time', number],
  ['gasLimit', number],
  ['gasUsed', number],
  ['extra', bytes(1024)],
] as const;

/** A reward, in wire order. */
export const REWARD_FIELDS = [
  ['symId', symId],
  ['value', uint(32)],
  ['type', uint(1)],
  ['extra', bytes(1024)],
] as const;

const VALIDATOR_FIELDS = [
  ['symId', symId],
  ['extra', bytes(1024)],
] as const;
const SIGN_INFO_FIELDS = [
  ['mbNum', number],
  ['sign', bytes(64)],
  ['extra', bytes(1024)],
] as const;

const transaction: Field<Transaction> = { encode: transactionItem, decode: transactionFromItem };

/** Bounds of what a stored block may hold: one of 188,495,520 gas has at most 3,846 transfers. */
export const BLOCK_TRANSACTIONS_MAX = 65_536;
export const BLOCK_BYTES_MAX = 64 * 1024 * 1024;
/** A transaction is at most 17 items: thirteen fields, three work nodes, the list itself. 16,384 is ample for the rest. */
const BLOCK_ITEMS_MAX = BLOCK_TRANSACTIONS_MAX * 17 + 16_384;

/** The block's parts, in wire order. `sign` is 64 bytes, or empty in a block that nobody sealed (genesis). */
export const BLOCK_FIELDS = [
  ['header', recordField('block header', HEADER_FIELDS)],
  ['transactions', listOf(transaction, BLOCK_TRANSACTIONS_MAX)],
  ['rewards', listOf(recordField('reward', REWARD_FIELDS), 1024)],
  ['validatorInfos', listOf(recordField('validator', VALIDATOR_FIELDS), 256)],
  ['signInfo', recordField('block signature', SIGN_INFO_FIELDS)],
] as const;

export type BlockHeader = RecordOf<typeof HEADER_FIELDS>;
/**
 * A payment of new coins. `type` is the kind of node: 0 wallet, 1 work node, 2 warrant, 3 CA, 4 oracle; `value` is in hug; `extra` is
 * the account to which the node passes its rewards (10 bytes) or empty.
 */
export type Reward = RecordOf<typeof REWARD_FIELDS>;
export type ValidatorInfo = RecordOf<typeof VALIDATOR_FIELDS>;
export type SignInfo = RecordOf<typeof SIGN_INFO_FIELDS>;
export type Block = RecordOf<typeof BLOCK_FIELDS>;

/** RLP of a header. */
export const encodeHeader = (header: BlockHeader): Uint8Array =>
  encodeRlp(encodeRecord(HEADER_FIELDS, header, 'block header'));

/** The header of its bytes. */
export const decodeHeader = (raw: Uint8Array): BlockHeader =>
  decodeRecord('block header', HEADER_FIELDS, viewRlp(raw, { depthMax: 1 }));

/** Jigeum's block hash: SHA3-256 of the RLP of the 23 header fields. It covers everything but the sealer's signature. */
export const headerHash = (header: BlockHeader, sha3: Sha3 = sha3_256): Uint8Array => sha3(encodeHeader(header));

/** RLP of a block; its length is the block's `size`. */
export const encodeBlock = (block: Block): Uint8Array => encodeRlp(encodeRecord(BLOCK_FIELDS, block, 'block'));

/** The block of its bytes; every transaction in it is decoded as strictly as a single one. Roots and signature are not checked. */
export const decodeBlock = (raw: Uint8Array): Block =>
  decodeRecord(
    'block',
    BLOCK_FIELDS,
    decodeRlp(raw, { bytesMax: BLOCK_BYTES_MAX, depthMax: 4, itemsMax: BLOCK_ITEMS_MAX }),
  );

/** RLP of a reward. */
export const encodeReward = (reward: Reward): Uint8Array => encodeRlp(encodeRecord(REWARD_FIELDS, reward, 'reward'));

/** The reward of its bytes. Refuses, naming the field, what `encodeReward` would not have written. */
export const decodeReward = (raw: Uint8Array): Reward =>
  decodeRecord('reward', REWARD_FIELDS, viewRlp(raw, { bytesMax: 2048, depthMax: 1 }));

/** The hash of a reward: SHA3-256 of its RLP. */
export const rewardHash = (reward: Reward, sha3: Sha3 = sha3_256): Uint8Array => sha3(encodeReward(reward));

/** Who made a block. `version` 1.4.1 is [1, 4, 1]; each part is one byte. */
export interface BlockMaker {
  readonly version: readonly [major: number, minor: number, patch: number];
  readonly program: string;
  readonly runtime: string;
  readonly os: string;
}

/** The `extra` of a sealed block: RLP of version (an integer, 1.4.1 is 0x010401), program, runtime and operating system. */
export function encodeBlockExtra({ version, program, runtime, os }: BlockMaker): Uint8Array {
  const number = version.reduce((sum, part) => sum * 256 + requireByte(part), 0);
  return encodeRlp(encodeRecord(EXTRA_FIELDS, { version: BigInt(number), program, runtime, os }, 'block extra'));
}

/** Who made a block, by its `extra`; null when that holds something else, for nothing obliges a node to write this. */
export function decodeBlockExtra(extra: Uint8Array): BlockMaker | null {
  try {
    const { version, ...rest } = decodeRecord('block extra', EXTRA_FIELDS, viewRlp(extra, { depthMax: 1 }));
    const number = Number(version);
    return { version: [number >> 16, (number >> 8) & 0xff, number & 0xff], ...rest };
  } catch (error) {
    if (error instanceof RlpError || error instanceof RecordError) return null;
    throw error;
  }
}

const EXTRA_FIELDS = [
  ['version', uint(3)],
  ['program', text],
  ['runtime', text],
  ['os', text],
] as const;

function requireByte(part: number): number {
  if (!Number.isInteger(part) || part < 0 || part > 255)
    throw new RangeError(`Expected each part of a version between 0 and 255, got ${part}.`);
  return part;
}

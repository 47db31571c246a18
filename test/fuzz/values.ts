/** Values of the protocol's types by chance, edges more often than by chance. */
import {
  CURVE_ORDER,
  encodeBlockExtra,
  symIdFromBytes,
  type BlockHeader,
  type Citizen,
  type Oracle,
  type Receipt,
  type Reward,
  type SymId,
  type Transaction,
  type Warrant,
} from '@jigeum/symverse';
import { bytesToHex } from '@jigeum/std';
import type { Random } from './random.ts';

export const symId = (random: Random): SymId =>
  symIdFromBytes(random.oneIn(10) ? new Uint8Array(10) : random.bytes(10));

/** An unsigned integer of at most so many bytes. */
export function uint(random: Random, bytesMax: number): bigint {
  if (random.oneIn(8)) return 0n;
  if (random.oneIn(8)) return 2n ** BigInt(8 * bytesMax) - 1n;
  if (random.oneIn(4)) return BigInt(random.pick([1, 0x7f, 0x80, 0xff])) % 2n ** BigInt(8 * bytesMax);
  return integer(random.bytes(random.between(1, bytesMax)));
}

/** Bytes of at most so many; 0, 1, 55 and 56 are where RLP changes its form. */
export function someBytes(random: Random, max: number): Uint8Array {
  const length = random.oneIn(3) ? random.pick([0, 1, 55, 56]) : random.below(max + 1);
  return random.bytes(Math.min(length, max));
}

export const hash = (random: Random): Uint8Array => random.bytes(32);

const CHARACTERS = ['a', 'Z', '7', ' ', '-', '가', '힣', '한', 'é', '€', '😀', 'ß'];

/** Printable text of so many characters, of one to four bytes each. */
export const word = (random: Random, min: number, max: number): string =>
  Array.from({ length: random.between(min, max) }, () => random.pick(CHARACTERS)).join('');

/** A canonical signature. */
export const signature = (random: Random): { v: 0 | 1; r: bigint; s: bigint } => ({
  v: random.oneIn(2) ? 0 : 1,
  r: random.oneIn(20) ? random.pick([1n, CURVE_ORDER - 1n]) : (integer(random.bytes(32)) % (CURVE_ORDER - 1n)) + 1n,
  s: random.oneIn(20) ? random.pick([1n, CURVE_ORDER >> 1n]) : (integer(random.bytes(32)) % (CURVE_ORDER >> 1n)) + 1n,
});

/** A canonical signature, or none as in a genesis block. */
export const signatureOrNone = (random: Random): { v: 0 | 1; r: bigint; s: bigint } =>
  random.oneIn(5) ? { v: 0, r: 0n, s: 0n } : signature(random);

/** So many things of one kind. */
export const listOf = <T>(random: Random, max: number, one: (random: Random) => T): T[] =>
  Array.from({ length: random.below(max + 1) }, () => one(random));

export const transaction = (random: Random, input = someBytes(random, 200)): Transaction => ({
  from: symId(random),
  nonce: uint(random, 8),
  gasPrice: uint(random, 32),
  gas: uint(random, 8),
  to: random.oneIn(4) ? null : symId(random),
  value: uint(random, 32),
  input,
  type: random.pick([0, 1, 2]),
  workNodes: random.oneIn(5) ? null : listOf(random, 3, symId),
  extraData: random.oneIn(2) ? new Uint8Array(0) : someBytes(random, 60),
  ...signature(random),
});

export const citizen = (random: Random): Citizen => ({
  from: symId(random),
  to: symId(random),
  nonce: uint(random, 8),
  symId: symId(random),
  aKeyPubH: random.bytes(20),
  vFlag: uint(random, 2),
  country: uint(random, 2),
  status: uint(random, 1),
  credit: uint(random, 1),
  role: uint(random, 2),
  refCode: uint(random, 4),
  writeTime: uint(random, 32),
  extra: someBytes(random, 60),
  ...signatureOrNone(random),
});

export const warrant = (random: Random): Warrant => ({
  symId: symId(random),
  bKeyPub: random.bytes(128),
  bKeyPubSigned: random.bytes(65),
  group: random.oneIn(2) ? 0 : 1,
  elected: uint(random, 8),
  finished: uint(random, 8),
  extra: someBytes(random, 60),
});

export const reward = (random: Random): Reward => ({
  symId: symId(random),
  value: uint(random, 32),
  type: uint(random, 1),
  extra: someBytes(random, 20),
});

export const oracle = (random: Random): Oracle => ({
  from: symId(random),
  to: symId(random),
  nonce: uint(random, 8),
  data: someBytes(random, 300),
  extra: someBytes(random, 60),
  ...signatureOrNone(random),
});

export const receipt = (random: Random): Receipt => ({
  status: random.oneIn(2) ? 0 : 1,
  errCode: uint(random, 4),
  gasUsed: uint(random, 8),
  cumulativeGasUsed: uint(random, 8),
  contractAddress: random.oneIn(2) ? null : symId(random),
  logs: listOf(random, 2, () => ({
    address: symId(random),
    topics: listOf(random, 4, hash),
    data: someBytes(random, 80),
  })),
});

export const blockHeader = (random: Random): BlockHeader => ({
  parentHash: hash(random),
  primary: symId(random),
  stateRoot: hash(random),
  sctRoot: hash(random),
  transactionsRoot: hash(random),
  rewardRoot: hash(random),
  receiptsRoot: hash(random),
  cbHash: hash(random),
  wbHash: hash(random),
  obHash: hash(random),
  number: uint(random, 8),
  cbNum: uint(random, 8),
  wbNum: uint(random, 8),
  obNum: uint(random, 8),
  activeCbNum: uint(random, 8),
  activeWbNum: uint(random, 8),
  activeObNum: uint(random, 8),
  logsBloom: new Uint8Array(256),
  tickStamp: uint(random, 8),
  time: uint(random, 8),
  gasLimit: uint(random, 8),
  gasUsed: uint(random, 8),
  extra: random.oneIn(2)
    ? encodeBlockExtra({ version: [1, 4, 1], program: 'gsym', runtime: 'go1.20', os: 'linux' })
    : someBytes(random, 60),
});

const integer = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(bytes)}`);

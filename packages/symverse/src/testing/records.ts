/** Records from the JSON in which documents print them, and any record for properties. Only tests import it. */
import fc from 'fast-check';
import { fromHex0x } from '@jigeum/std';
import type { Block, BlockHeader, Reward } from '../block.ts';
import type { Citizen, UnsignedCitizen } from '../citizen.ts';
import type { Oracle } from '../oracle.ts';
import type { Warrant } from '../warrant.ts';
import { CURVE_ORDER } from '../signature.ts';
import { parseSymId } from '../symid.ts';
import type { Transaction } from '../transaction/transaction.ts';
import { anySymId } from './sct.ts';
import type { Hex } from './vectors.ts';

type Printed = Readonly<Record<string, Hex>>;

const zeroOrOne = (quantity: Hex): 0 | 1 => (BigInt(quantity) === 1n ? 1 : 0);

/** A citizen as the documents print it: quantities in hex, `extra` left out where it is empty. */
export const citizenOf = (json: Printed): Citizen => ({
  from: parseSymId(json['from']!),
  to: parseSymId(json['to']!),
  nonce: BigInt(json['nonce']!),
  symId: parseSymId(json['symId']!),
  aKeyPubH: fromHex0x(json['aKeyPubH']!),
  vFlag: BigInt(json['vFlag']!),
  country: BigInt(json['country']!),
  status: BigInt(json['status']!),
  credit: BigInt(json['credit']!),
  role: BigInt(json['role']!),
  refCode: BigInt(json['refCode']!),
  writeTime: BigInt(json['writeTime']!),
  extra: fromHex0x(json['extra'] ?? '0x'),
  v: zeroOrOne(json['v']!),
  r: BigInt(json['r']!),
  s: BigInt(json['s']!),
});

/** An oracle record as the documents print it. */
export const oracleOf = (json: Printed): Oracle => ({
  from: parseSymId(json['from']!),
  to: parseSymId(json['to']!),
  nonce: BigInt(json['nonce']!),
  data: fromHex0x(json['data']!),
  extra: fromHex0x(json['extra']!),
  v: zeroOrOne(json['v']!),
  r: BigInt(json['r']!),
  s: BigInt(json['s']!),
});

/** A warrant as the documents print it. */
export const warrantOf = (json: Printed): Warrant => ({
  symId: parseSymId(json['symId']!),
  bKeyPub: fromHex0x(json['bKeyPub']!),
  bKeyPubSigned: fromHex0x(json['bKeyPubSigned']!),
  group: zeroOrOne(json['group']!),
  elected: BigInt(json['elected']!),
  finished: BigInt(json['finished']!),
  extra: fromHex0x(json['extraData']!),
});

/** The header of a main block as the documents print it. */
export const blockHeaderOf = (json: Printed): BlockHeader => ({
  parentHash: fromHex0x(json['parentHash']!),
  primary: parseSymId(json['primary']!),
  stateRoot: fromHex0x(json['stateRoot']!),
  sctRoot: fromHex0x(json['sctRoot']!),
  transactionsRoot: fromHex0x(json['transactionsRoot']!),
  rewardRoot: fromHex0x(json['rewardRoot']!),
  receiptsRoot: fromHex0x(json['receiptsRoot']!),
  cbHash: fromHex0x(json['cbHash']!),
  wbHash: fromHex0x(json['wbHash']!),
  obHash: fromHex0x(json['obHash']!),
  number: BigInt(json['number']!),
  cbNum: BigInt(json['cbNum']!),
  wbNum: BigInt(json['wbNum']!),
  obNum: BigInt(json['obNum']!),
  activeCbNum: BigInt(json['activeCbNum']!),
  activeWbNum: BigInt(json['activeWbNum']!),
  activeObNum: BigInt(json['activeObNum']!),
  logsBloom: fromHex0x(json['logsBloom']!),
  tickStamp: BigInt(json['tickStamp']!),
  time: BigInt(json['timeStamp']!),
  gasLimit: BigInt(json['gasLimit']!),
  gasUsed: BigInt(json['gasUsed']!),
  extra: fromHex0x(json['extraData']!),
});

/** An unsigned integer of at most so many bytes, zero more often than by chance. */
export const anyUint = (bytes: number): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constant(0n), fc.bigInt(0n, 2n ** BigInt(8 * bytes) - 1n));
/** Bytes of exactly this length. */
export const anyBytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

/** A canonical signature, or none. */
export const anySignature = fc.oneof(
  fc.record({
    v: fc.constantFrom<0 | 1>(0, 1),
    r: fc.bigInt(1n, CURVE_ORDER - 1n),
    s: fc.bigInt(1n, CURVE_ORDER >> 1n),
  }),
  fc.constant({ v: 0 as const, r: 0n, s: 0n }),
);

/** Any oracle record. */
export const anyOracle: fc.Arbitrary<Oracle> = fc
  .tuple(
    fc.record({
      from: anySymId,
      to: anySymId,
      nonce: anyUint(8),
      data: fc.uint8Array({ maxLength: 300 }),
      extra: fc.uint8Array({ maxLength: 60 }),
    }),
    anySignature,
  )
  .map(([unsigned, signature]) => ({ ...unsigned, ...signature }));

/** The fields of any citizen record up to `extra`. */
export const anyUnsignedCitizen: fc.Arbitrary<UnsignedCitizen> = fc.record({
  from: anySymId,
  to: anySymId,
  nonce: anyUint(8),
  symId: anySymId,
  aKeyPubH: anyBytes(20),
  vFlag: anyUint(2),
  country: anyUint(2),
  status: anyUint(1),
  credit: anyUint(1),
  role: anyUint(2),
  refCode: anyUint(4),
  writeTime: anyUint(32),
  extra: fc.uint8Array({ maxLength: 60 }),
});

/** Any citizen record. */
export const anyCitizen: fc.Arbitrary<Citizen> = fc
  .tuple(anyUnsignedCitizen, anySignature)
  .map(([unsigned, signature]) => ({ ...unsigned, ...signature }));

/** Any warrant. */
export const anyWarrant: fc.Arbitrary<Warrant> = fc.record({
  symId: anySymId,
  bKeyPub: anyBytes(128),
  bKeyPubSigned: anyBytes(65),
  group: fc.constantFrom<0 | 1>(0, 1),
  elected: anyUint(8),
  finished: anyUint(8),
  extra: fc.uint8Array({ maxLength: 60 }),
});

const extra = fc.uint8Array({ maxLength: 60 });
const anyHash = anyBytes(32);

/** Any reward. */
export const anyReward: fc.Arbitrary<Reward> = fc.record({
  symId: anySymId,
  value: anyUint(32),
  type: anyUint(1),
  extra,
});

/** Any header of a main block. */
export const anyBlockHeader: fc.Arbitrary<BlockHeader> = fc.record({
  parentHash: anyHash,
  primary: anySymId,
  stateRoot: anyHash,
  sctRoot: anyHash,
  transactionsRoot: anyHash,
  rewardRoot: anyHash,
  receiptsRoot: anyHash,
  cbHash: anyHash,
  wbHash: anyHash,
  obHash: anyHash,
  number: anyUint(8),
  cbNum: anyUint(8),
  wbNum: anyUint(8),
  obNum: anyUint(8),
  activeCbNum: anyUint(8),
  activeWbNum: anyUint(8),
  activeObNum: anyUint(8),
  logsBloom: anyBytes(256),
  tickStamp: anyUint(8),
  time: anyUint(8),
  gasLimit: anyUint(8),
  gasUsed: anyUint(8),
  extra,
});

/** Any main block over the transactions that are given. */
export const anyBlock = (transaction: fc.Arbitrary<Transaction>): fc.Arbitrary<Block> =>
  fc.record({
    header: anyBlockHeader,
    transactions: fc.array(transaction, { maxLength: 3 }),
    rewards: fc.array(anyReward, { maxLength: 2 }),
    validatorInfos: fc.array(fc.record({ symId: anySymId, extra }), { maxLength: 3 }),
    signInfo: fc.record({ mbNum: anyUint(8), sign: fc.oneof(anyBytes(64), anyBytes(0)), extra }),
  });

/** What the headers of the three sub-chains share, and a root. */
export const anySubHeader = fc.record({
  parentHash: anyHash,
  stateRoot: anyHash,
  relatedMbNum: anyUint(8),
  root: anyHash,
  number: anyUint(8),
  extra,
});

/** Everything of the protocol that is one record: transactions, citizens, oracles, warrants, rewards, receipts. */
import {
  decodeAnyCitizen,
  decodeCitizenState,
  decodeOracle,
  decodeReceipt,
  decodeReward,
  decodeRlp,
  decodeTransaction,
  decodeWarrant,
  encodeCitizen,
  encodeCitizen2,
  encodeCitizenState,
  encodeOracle,
  encodeReceipt,
  encodeReward,
  encodeRlp,
  encodeTransaction,
  encodeWarrant,
  recoverCitizenSigner,
  recoverOracleSigner,
  recoverSigner,
  SignatureError,
  writeTimeSeconds,
  type RlpItem,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget } from '../target.ts';
import * as values from '../values.ts';
import { binaryTarget } from './binary.ts';

const item = (random: Random, depth: number): RlpItem =>
  depth === 0 || random.oneIn(2)
    ? values.someBytes(random, 80)
    : values.listOf(random, 6, (inner) => item(inner, depth - 1));

/** A signature of chance belongs to some key or to none; nothing else may come of asking. */
function recovers(recover: () => Uint8Array): void {
  try {
    if (recover().length !== 20) throw new FuzzFinding('Recovered something other than a key hash.');
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
  }
}

export const RECORD_TARGETS: readonly FuzzTarget[] = [
  binaryTarget({
    name: 'rlp',
    explains: 'any RLP item',
    value: (random) => item(random, 5),
    encode: (value: RlpItem) => encodeRlp(value),
    decode: (bytes) => decodeRlp(bytes),
  }),
  binaryTarget({
    name: 'transaction',
    explains: 'signed transactions, and whose they are',
    value: (random) => values.transaction(random),
    encode: encodeTransaction,
    decode: decodeTransaction,
    also: (decoded) => recovers(() => recoverSigner(decoded, 2n, nativeCrypto)),
  }),
  binaryTarget({
    name: 'citizen',
    explains: 'citizen records of sixteen and of eighteen fields, and whose they are',
    value: (random) =>
      random.oneIn(3)
        ? {
            ...values.citizen(random),
            userId: random.pick(['', 'abc', 'Z23456789', 'a1234567890123456789']),
            userGroup: random.pick(['', 'abc', '한글이름', 'x'.repeat(20)]),
          }
        : values.citizen(random),
    encode: (citizen) => ('userId' in citizen ? encodeCitizen2(citizen) : encodeCitizen(citizen)),
    decode: decodeAnyCitizen,
    also(decoded) {
      writeTimeSeconds(decoded.writeTime);
      if (!('userId' in decoded)) recovers(() => recoverCitizenSigner(decoded, 2n, nativeCrypto));
    },
  }),
  binaryTarget({
    name: 'citizen-state',
    explains: 'what the chain keeps of a citizen',
    value(random) {
      const { from, nonce, aKeyPubH, vFlag, country, status, credit, role, refCode } = values.citizen(random);
      return { ca: from, nonce, aKeyPubH, vFlag, country, status, credit, role, refCode };
    },
    encode: encodeCitizenState,
    decode: decodeCitizenState,
  }),
  binaryTarget({
    name: 'oracle',
    explains: 'oracle records, and whose they are',
    value: values.oracle,
    encode: encodeOracle,
    decode: decodeOracle,
    also: (decoded) => recovers(() => recoverOracleSigner(decoded, 2n, nativeCrypto)),
  }),
  binaryTarget({
    name: 'warrant',
    explains: 'warrants',
    value: values.warrant,
    encode: encodeWarrant,
    decode: decodeWarrant,
  }),
  binaryTarget({
    name: 'reward',
    explains: 'rewards',
    value: values.reward,
    encode: encodeReward,
    decode: decodeReward,
  }),
  binaryTarget({
    name: 'receipt',
    explains: 'receipts with logs',
    value: values.receipt,
    encode: encodeReceipt,
    decode: decodeReceipt,
  }),
];

/** Blocks of the four chains. */
import {
  decodeBlock,
  decodeBlockExtra,
  decodeCitizenBlock,
  decodeOracleBlock,
  decodeWarrantBlock,
  encodeBlock,
  encodeBlockExtra,
  encodeCitizenBlock,
  encodeOracleBlock,
  encodeWarrantBlock,
} from '@jigeum/symverse';
import { equalBytes } from '@jigeum/std';
import type { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget } from '../target.ts';
import * as values from '../values.ts';
import { binaryTarget } from './binary.ts';

const subHeader = (random: Random) => ({
  parentHash: values.hash(random),
  stateRoot: values.hash(random),
  relatedMbNum: values.uint(random, 8),
  number: values.uint(random, 8),
  extra: values.someBytes(random, 60),
});

export const BLOCK_TARGETS: readonly FuzzTarget[] = [
  binaryTarget({
    name: 'block',
    explains: 'main blocks with transactions and rewards',
    value: (random) => ({
      header: values.blockHeader(random),
      transactions: values.listOf(random, 3, (inner) => values.transaction(inner)),
      rewards: values.listOf(random, 2, values.reward),
      validatorInfos: values.listOf(random, 3, () => ({
        symId: values.symId(random),
        extra: values.someBytes(random, 10),
      })),
      signInfo: {
        mbNum: values.uint(random, 8),
        sign: random.oneIn(4) ? new Uint8Array(0) : random.bytes(64),
        extra: values.someBytes(random, 10),
      },
    }),
    encode: encodeBlock,
    decode: decodeBlock,
    also({ header: { extra } }) {
      const maker = decodeBlockExtra(extra);
      if (maker !== null && !equalBytes(encodeBlockExtra(maker), extra))
        throw new FuzzFinding('The extra data of the header decode, and encode to other bytes.');
    },
  }),
  binaryTarget({
    name: 'citizen-block',
    explains: 'blocks of the citizen chain',
    value: (random) => ({
      header: { ...subHeader(random), citizensRoot: values.hash(random) },
      citizens: values.listOf(random, 3, values.citizen),
    }),
    encode: encodeCitizenBlock,
    decode: decodeCitizenBlock,
  }),
  binaryTarget({
    name: 'oracle-block',
    explains: 'blocks of the oracle chain',
    value: (random) => ({
      header: { ...subHeader(random), oraclesRoot: values.hash(random) },
      oracles: values.listOf(random, 3, values.oracle),
    }),
    encode: encodeOracleBlock,
    decode: decodeOracleBlock,
  }),
  binaryTarget({
    name: 'warrant-block',
    explains: 'blocks of the warrant chain',
    value(random) {
      const { stateRoot: warrantsRoot, ...rest } = subHeader(random);
      const term = { beginMbNum: values.uint(random, 8), endMbNum: values.uint(random, 8) };
      return { header: { ...rest, warrantsRoot, ...term }, warrants: values.listOf(random, 3, values.warrant) };
    },
    encode: encodeWarrantBlock,
    decode: decodeWarrantBlock,
  }),
];

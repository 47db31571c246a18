import { equalBytes, fromHex0x, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBlock,
  decodeBlockExtra,
  decodeHeader,
  decodeReward,
  encodeBlock,
  encodeBlockExtra,
  encodeHeader,
  encodeReward,
  HEADER_FIELDS,
  headerHash,
  REWARD_FIELDS,
  rewardHash,
  type Block,
  type BlockHeader,
  type Reward,
} from './block.ts';
import { RecordError } from './record.ts';
import { decodeRlp, encodeRlp, RlpError, type RlpItem } from './rlp.ts';
import { parseSymId } from './symid.ts';
import { anyBlock, blockHeaderOf } from './testing/records.ts';
import { symverseSamples, symverseVectors } from './testing/vectors.ts';
import { decodeTransaction } from './transaction/transaction.ts';
import { EMPTY_TRIE_ROOT } from './trie.ts';

const vectors = symverseVectors();
const samples = symverseSamples();

const hashOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const header: BlockHeader = {
  parentHash: hashOf(1),
  primary: parseSymId('0x00020000000000010002'),
  stateRoot: hashOf(2),
  sctRoot: hashOf(3),
  transactionsRoot: hashOf(4),
  rewardRoot: hashOf(5),
  receiptsRoot: hashOf(6),
  cbHash: hashOf(7),
  wbHash: hashOf(8),
  obHash: hashOf(9),
  number: 12n,
  cbNum: 3n,
  wbNum: 0n,
  obNum: 0n,
  activeCbNum: 2n,
  activeWbNum: 0n,
  activeObNum: 0n,
  logsBloom: new Uint8Array(256),
  tickStamp: 1234n,
  time: 1_767_225_600n,
  gasLimit: 188_495_520n,
  gasUsed: 49_000n,
  extra: fromHex0x('0xd683010310846773796d86676f312e3230856c696e7578'),
};
const block: Block = {
  header,
  transactions: vectors.transactions.map(({ raw }) => decodeTransaction(fromHex0x(raw))),
  rewards: [{ symId: header.primary, value: 5n, type: 2n, extra: new Uint8Array(0) }],
  validatorInfos: [{ symId: header.primary, extra: new Uint8Array(0) }],
  signInfo: { mbNum: 12n, sign: new Uint8Array(64).fill(7), extra: new Uint8Array(0) },
};

describe('a block', () => {
  test('decodes to what was encoded, transactions of every kind included', () => {
    expect(decodeBlock(encodeBlock(block))).toEqual(block);
    expect(decodeHeader(encodeHeader(header))).toEqual(header);
  });

  test('of any content decodes to what was encoded', () => {
    const transactions = fc.constantFrom(...block.transactions);
    fc.assert(
      fc.property(anyBlock(transactions), (any) => {
        expect(decodeBlock(encodeBlock(any))).toEqual(any);
        expect(decodeHeader(encodeHeader(any.header))).toEqual(any.header);
        for (const reward of any.rewards) expect(decodeReward(encodeReward(reward))).toEqual(reward);
      }),
      { numRuns: 100 },
    );
  });

  test('has a header of 23 fields in the order of the chain, and five parts', () => {
    expect(HEADER_FIELDS.map(([name]) => name).join(' ')).toBe(
      'parentHash primary stateRoot sctRoot transactionsRoot rewardRoot receiptsRoot cbHash wbHash obHash number cbNum wbNum obNum ' +
        'activeCbNum activeWbNum activeObNum logsBloom tickStamp time gasLimit gasUsed extra',
    );
    expect((decodeRlp(encodeBlock(block)) as readonly RlpItem[]).length).toBe(5);
  });

  test('is refused with any one byte of it changed, or has another form and another hash', () => {
    const raw = encodeBlock(block);
    for (let at = 0; at < raw.length; at += 37) {
      const changed = raw.slice();
      changed[at]! ^= 0x55;
      try {
        expect(equalBytes(encodeBlock(decodeBlock(changed)), changed)).toBe(true);
      } catch (error) {
        if (!(error instanceof RecordError) && !(error instanceof RlpError)) throw error;
      }
    }
  });

  test('has our own hash: it changes with every field of the header, and with nothing else', () => {
    const hash = toHex0x(headerHash(header));
    expect(toHex0x(headerHash(decodeBlock(encodeBlock(block)).header))).toBe(hash);
    const hashes = HEADER_FIELDS.map(([name]) => {
      const value = header[name];
      const other =
        typeof value === 'bigint'
          ? value + 1n
          : typeof value === 'string'
            ? parseSymId('0x00020000000000090002')
            : value.map((byte) => byte ^ 1);
      return toHex0x(headerHash({ ...header, [name]: other }));
    });
    expect(new Set([...hashes, hash]).size).toBe(24);
  });

  test('refuses a hash of another length by the name of its field', () => {
    const items = [...(decodeRlp(encodeHeader(header)) as readonly RlpItem[])];
    items[4] = new Uint8Array(31);
    expect(() => decodeHeader(encodeRlp(items))).toThrow(
      'Field transactionsRoot of the block header: Expected 32 bytes, got 31.',
    );
  });

  test.each(vectors.block_structures.main_block.extraData)(
    'says who made it as the networks do: $means',
    ({ hex, means }) => {
      // Printed as [1.3.16, "gsym", "go1.20", "linux"].
      const [version, ...texts] = means.slice(1, -1).split(', ');
      const [program, runtime, os] = texts.map((quoted) => quoted.slice(1, -1)) as [string, string, string];
      const parts = { version: version!.split('.').map(Number) as [number, number, number], program, runtime, os };
      expect(decodeBlockExtra(fromHex0x(hex))).toEqual(parts);
      expect(toHex0x(encodeBlockExtra(parts))).toBe(hex);
    },
  );

  test('refuses a version whose parts do not fit a byte', () => {
    expect(() => encodeBlockExtra({ version: [1, 256, 0], program: 'p', runtime: 'r', os: 'o' })).toThrow('got 256');
  });

  test.each([
    ['nothing', '0x'],
    ['no RLP', '0xff'],
    ['three parts', '0xc3010203'],
    ['a version of four bytes', '0xc88401020304303132'],
  ])('says nothing of who made it when its extra data are %s', (_what, hex) => {
    expect(decodeBlockExtra(fromHex0x(hex))).toBeNull();
  });
});

describe('a published main block', () => {
  test.each(samples.main_blocks)('has the size of its composition: $hash', ({ size, header: printed, ...rest }) => {
    // The one that a Java client printed lacks rewardRoot; any 32 bytes have the same size.
    const published: Block = {
      header: blockHeaderOf({ rewardRoot: toHex0x(EMPTY_TRIE_ROOT), ...printed }),
      transactions: [],
      rewards: [],
      validatorInfos: rest.validatorInfos.map((validator) => ({
        symId: parseSymId(validator),
        extra: new Uint8Array(0),
      })),
      signInfo: {
        mbNum: BigInt(rest.signInfo.mbNum),
        sign: fromHex0x(rest.signInfo.sign),
        extra: fromHex0x(rest.signInfo.extraData),
      },
    };
    const raw = encodeBlock(published);
    expect(`0x${raw.length.toString(16)}`).toBe(size);
    expect(decodeBlock(raw)).toEqual(published);
  });

  test('is among the samples wherever a size is to be checked', () => {
    expect(samples.main_blocks.map(({ hash, size }) => ({ block: hash, size }))).toEqual(
      expect.arrayContaining([...vectors.block_structures.main_block.size_checks]),
    );
  });
});

describe('a reward', () => {
  const published = vectors.block_structures.reward_hash;
  const reward: Reward = {
    symId: parseSymId(published.symId),
    value: BigInt(published.value),
    type: BigInt(published.type),
    extra: fromHex0x(published.extra),
  };

  test('that was published has the printed hash, and decodes', () => {
    expect(toHex0x(rewardHash(reward))).toBe(published.hash);
    expect(decodeReward(encodeReward(reward))).toEqual(reward);
    expect(REWARD_FIELDS.map(([name]) => name)).toEqual(published.rlp);
  });

  test('is refused by the field’s name when it is not in its one form', () => {
    const items = [...(decodeRlp(encodeReward(reward)) as readonly RlpItem[])];
    items[1] = Uint8Array.of(0, 5);
    expect(() => decodeReward(encodeRlp(items))).toThrow(
      'Field value of the reward: Expected an integer without leading zero',
    );
    expect(() => decodeReward(encodeRlp(items.slice(1)))).toThrow('Expected a reward of 4 fields, got 3.');
  });
});

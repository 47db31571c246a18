import { equalBytes, fromHex0x, toHex0x } from '@jigeum/std';
import { describe, expect, test } from 'vitest';
import {
  citizenHeaderHash,
  decodeBlock,
  decodeHeader,
  encodeBlock,
  encodeBlockExtra,
  encodeHeader,
  HEADER_FIELDS,
  headerHash,
  rewardHash,
  type Block,
  type BlockHeader,
} from './block.ts';
import { encodeCitizen, type Citizen } from './citizen.ts';
import { RecordError } from './record.ts';
import { decodeRlp, encodeRlp, RlpError, type RlpItem } from './rlp.ts';
import { parseSymId } from './symid.ts';
import { symverseVectors } from './testing/vectors.ts';
import { decodeTransaction } from './transaction/transaction.ts';
import { indexTrieRoot } from './trie.ts';

const vectors = symverseVectors();

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

  test('writes who made it as the networks do', () => {
    const [newer, older] = vectors.block_structures.main_block.extraData as [{ hex: string }, { hex: string }];
    expect(toHex0x(encodeBlockExtra({ version: [1, 3, 16], program: 'gsym', runtime: 'go1.20', os: 'linux' }))).toBe(
      newer.hex,
    );
    expect(toHex0x(encodeBlockExtra({ version: [1, 0, 20], program: 'gsym', runtime: 'go1.10.7', os: 'linux' }))).toBe(
      older.hex,
    );
  });
});

test('the hash and root of a published citizen block are reproduced', () => {
  const published = vectors.block_structures.citizen_block;
  const { citizen } = vectors.citizens.doc_json_hashes[0]!;
  const record: Citizen = {
    ...decodeFirst(citizen),
    extra: new Uint8Array(0),
  };
  const citizensRoot = indexTrieRoot([encodeCitizen(record)]);
  expect(toHex0x(citizensRoot)).toBe(published.citizensRoot);
  const hash = citizenHeaderHash({
    parentHash: fromHex0x(published.parentHash),
    stateRoot: fromHex0x(published.stateRoot),
    relatedMbNum: BigInt(published.relatedMbNum),
    citizensRoot,
    number: BigInt(published.number),
    extra: new Uint8Array(0),
  });
  expect(toHex0x(hash)).toBe(published.hash);
});

test('the hash of a published reward is reproduced', () => {
  const published = vectors.block_structures.reward_hash;
  const hash = rewardHash({
    symId: parseSymId(published.symId),
    value: BigInt(published.value),
    type: BigInt(published.type),
    extra: fromHex0x(published.extra),
  });
  expect(toHex0x(hash)).toBe(published.hash);
});

function decodeFirst(json: Readonly<Record<string, string>>): Omit<Citizen, 'extra'> {
  const number = (name: string): bigint => BigInt(json[name]!);
  return {
    from: parseSymId(json['from']!),
    to: parseSymId(json['to']!),
    nonce: number('nonce'),
    symId: parseSymId(json['symId']!),
    aKeyPubH: fromHex0x(json['aKeyPubH']!),
    vFlag: number('vFlag'),
    country: number('country'),
    status: number('status'),
    credit: number('credit'),
    role: number('role'),
    refCode: number('refCode'),
    writeTime: number('writeTime'),
    v: number('v') === 1n ? 1 : 0,
    r: number('r'),
    s: number('s'),
  };
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeReceipt, encodeReceipt, type Receipt } from './receipt.ts';
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts';
import { SCT_ERR } from './sct/errors.ts';
import { parseSymId, symIdFromBytes } from './symid.ts';

const receipt: Receipt = {
  status: 0,
  errCode: BigInt(SCT_ERR['balance-too-low']),
  gasUsed: 67_240n,
  cumulativeGasUsed: 116_240n,
  contractAddress: null,
  logs: [],
};

test('a receipt decodes to what was encoded', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const receipts: fc.Arbitrary<Receipt> = fc.record({
    status: fc.constantFrom<0 | 1>(0, 1),
    errCode: fc.bigInt(0n, 9999n),
    gasUsed: fc.bigInt(0n, 2n ** 64n - 1n),
    cumulativeGasUsed: fc.bigInt(0n, 2n ** 64n - 1n),
    contractAddress: fc.option(bytes(10).map(symIdFromBytes), { nil: null }),
    logs: fc.array(
      fc.record({
        address: bytes(10).map(symIdFromBytes),
        topics: fc.array(bytes(32), { maxLength: 4 }),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(receipts, (value) => {
      expect(decodeReceipt(encodeReceipt(value))).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test('a receipt with another status or too many fields is refused', () => {
  const items = decodeRlp(encodeReceipt(receipt)) as readonly RlpItem[];
  expect(() => decodeReceipt(encodeRlp([Uint8Array.of(2), ...items.slice(1)]))).toThrow(
    'Field status of the receipt: Expected one of 0, 1, got 2.',
  );
  expect(() => decodeReceipt(encodeRlp([...items, new Uint8Array(0)]))).toThrow('of 6 fields, got 7');
});

test('a fault deep in a receipt is told by its path', () => {
  const log = { address: parseSymId('0xff89fc8f8050e05fff64'), topics: [new Uint8Array(31)], data: new Uint8Array(0) };
  expect(() => encodeReceipt({ ...receipt, logs: [log] })).toThrow('Expected 32 bytes, got 31');
});

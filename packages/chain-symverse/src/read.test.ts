import { parseSymId } from '@jigeum/symverse';
import type { RpcReceipt, RpcResult } from '@jigeum/symverse/rpc';
import { expect, it } from 'vitest';
import { contractFactsOf, itemOf, outcomeOfReceipt } from './read.ts';

const receipt = {
  status: 1n,
  blockNumber: 5n,
  blockHash: '0x5',
  gasUsed: 67_240n,
  contractAddress: null,
} as unknown as RpcReceipt;

const symId = parseSymId('0x00020000000002000002');
const contract: NonNullable<RpcResult<'sct_getContract'>> = {
  type: 'sct20',
  creator: symId,
  owner: symId,
  state: 'active',
  stateCode: 0n,
  total: 9n,
  name: 'eSportsToken',
  symbol: 'EST',
};

it('tells the fee at the price of the transaction, which was another in former times', () => {
  expect(outcomeOfReceipt(receipt).fee).toBe(67_240n * 100_000_000_000n);
  expect(outcomeOfReceipt(receipt, 25_000_000_000n).fee).toBe(67_240n * 25_000_000_000n);
});

it('writes out what cannot be seen in the names of contracts and the texts of items', () => {
  const facts = { ...contract, name: 'pay\u202Eecila\u0000', symbol: 'E\u200DT' };
  expect(contractFactsOf('0xff000000000000000001', facts)).toMatchObject({
    name: 'pay\\u{202e}ecila\\u{0}',
    symbol: 'E\\u{200d}T',
  });
  const item = { index: 4n, name: '가족 👨‍👩‍👧', description: 'a\u0000' } as unknown as Parameters<typeof itemOf>[0];
  expect(itemOf(item).facts).toEqual({ name: '가족 👨‍👩‍👧', description: 'a\\u{0}' });
});

it('shows 256 characters of a name at most, which is what an index of the database takes', () => {
  const nameOf = (name: string): string => contractFactsOf('0xff000000000000000001', { ...contract, name }).name;
  expect(nameOf('𝕏'.repeat(256))).toBe('𝕏'.repeat(256));
  expect(nameOf('𝕏'.repeat(257))).toBe(`${'𝕏'.repeat(255)}…`);
  expect([...nameOf('\u0000'.repeat(30_000))]).toHaveLength(256);
});

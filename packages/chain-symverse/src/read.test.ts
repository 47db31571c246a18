import type { RpcReceipt } from '@jigeum/symverse/rpc';
import { expect, it } from 'vitest';
import { outcomeOfReceipt } from './read.ts';

const receipt = {
  status: 1n,
  blockNumber: 5n,
  blockHash: '0x5',
  gasUsed: 67_240n,
  contractAddress: null,
} as unknown as RpcReceipt;

it('tells the fee at the price of the transaction, which was another in former times', () => {
  expect(outcomeOfReceipt(receipt).fee).toBe(67_240n * 100_000_000_000n);
  expect(outcomeOfReceipt(receipt, 25_000_000_000n).fee).toBe(67_240n * 25_000_000_000n);
});

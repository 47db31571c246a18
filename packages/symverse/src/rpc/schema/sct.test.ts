import { describe, expect, test } from 'vitest';
import { decodeRpcParams, decodeRpcResult, encodeRpcParams, encodeRpcResult, type RpcMethod } from '../schema.ts';
import type { Json } from '../codec.ts';

const contract = '0x0ced1024eed02b234df2';
const alice = '0x00000000000000000001';

/** Answers as the developer documents and the types of the published client print them, and how they are written here. */
const PRINTED: [what: string, method: RpcMethod, printed: Json, written: Json][] = [
  [
    'a coupon contract with a decimal number of points',
    'sct_getContract',
    {
      cpoint: 10,
      creator: alice,
      name: 'SymContract',
      owner: alice,
      state: 'active',
      symbol: 'SCN',
      total: '0x0',
      type: 'sct40',
    },
    {
      cpoint: '0xa',
      creator: alice,
      name: 'SymContract',
      owner: alice,
      state: 'active',
      symbol: 'SCN',
      total: '0x0',
      type: 'sct40',
    },
  ],
  ['a decimal balance', 'sct_getContractAccount', { balance: 10_000_000_000_000 }, { balance: '0x9184e72a000' }],
  [
    'an account of SCT21',
    'sct_getContractAccount',
    { balance: '0x1', lockBalance: '0x2', state: 'active', stateCode: '0x0' },
    { balance: '0x1', lockBalance: '0x2', state: 'active', stateCode: '0x0' },
  ],
  ['indexes of items', 'sct_getContractAccount', { index: ['0x0', 1, '2'] }, { index: ['0x0', '0x1', '0x2'] }],
  [
    'a coupon',
    'sct_getContractItem',
    { couponNo: '2', etc: '', groupNo: '1', index: 1, name: 'coupon2', state: 0, type: '123', usepoint: 500 },
    {
      couponNo: '2',
      etc: '',
      groupNo: '1',
      index: '0x1',
      name: 'coupon2',
      state: '0x0',
      type: '123',
      usepoint: '0x1f4',
    },
  ],
  [
    'an item',
    'sct_getContractItem',
    {
      category: 'animal',
      description: '',
      index: '0x0',
      name: 'dog',
      owner: alice,
      property: 'pet',
      state: '0x1',
      type: 'A',
      value: '0x1f4',
    },
    {
      category: 'animal',
      description: '',
      index: '0x0',
      name: 'dog',
      owner: alice,
      property: 'pet',
      state: '0x1',
      type: 'A',
      value: '0x1f4',
    },
  ],
  [
    'a poll with its category as decimal text',
    'sct_getPollContract',
    {
      agenda: 'Agenda1',
      category: '0',
      creator: alice,
      description: 'Agenda1 is about ...',
      end: 1_582_347_529,
      owner: alice,
      start: 1_581_987_529,
      state: 'active',
      voteContract: contract,
      voteResult: { agrees: 0, disagrees: 0, result: 0 },
      votingPaper: [],
    },
    {
      agenda: 'Agenda1',
      category: '0x0',
      creator: alice,
      description: 'Agenda1 is about ...',
      end: '0x5e50b509',
      owner: alice,
      start: '0x5e4b36c9',
      state: 'active',
      voteContract: contract,
      voteResult: { agrees: '0x0', disagrees: '0x0', result: '0x0' },
      votingPaper: [],
    },
  ],
  [
    'a vote contract',
    'sct_getVoteContract',
    { creator: alice, owner: alice, party: 'PartyA', pollCreators: [], polls: [], token: contract },
    { creator: alice, owner: alice, party: 'PartyA', pollCreators: [], polls: [], token: contract },
  ],
  [
    'a voting paper',
    'sct_getVotingPaper',
    { decision: 'agree', stake: '0x1', voter: alice },
    { decision: 'agree', stake: '0x1', voter: alice },
  ],
];

describe('sct reads', () => {
  test.each(PRINTED)('%s is read as printed and written with QUANTITYs', (_what, method, printed, written) => {
    const value = decodeRpcResult(method, printed);
    const again = encodeRpcResult(method, value);
    expect(again).toEqual(written);
    expect(decodeRpcResult(method, again)).toEqual(value);
  });

  test.each<Json>([1, '0x1', '1'])('an index may be %j, and is sent as published clients send it', (index) => {
    const params = decodeRpcParams('sct_getContractItem', [contract, index]);
    expect(params).toEqual([contract, 1n, 'latest']);
    expect(encodeRpcParams('sct_getContractItem', params)).toEqual([contract, 1, 'latest']);
  });

  test('an index above what a JSON number holds is sent as a QUANTITY', () => {
    const params = decodeRpcParams('sct_getContractItem', [contract, '0x20000000000000']);
    expect(encodeRpcParams('sct_getContractItem', params)).toEqual([contract, '0x20000000000000', 'latest']);
  });

  test('a category is text; a number stands for its digits', () => {
    expect(decodeRpcParams('sct_getContractItemsByCategory', [contract, 1])).toEqual([contract, '1', 'latest']);
    expect(decodeRpcParams('sct_getContractItemsByCategory', [contract, '0x1'])).toEqual([contract, '0x1', 'latest']);
    expect(decodeRpcParams('sct_getContractItemsByCategory', [contract, ''])).toEqual([contract, '', 'latest']);
  });

  test.each<[RpcMethod, unknown[], string]>([
    [
      'sct_getContractItem',
      [contract],
      'parameter 2 (index): Expected a QUANTITY such as "0x1f" (no leading zeros), got nothing',
    ],
    ['sct_getContractItem', [contract, -1], 'got the number -1'],
    ['sct_getContractItem', [contract, 1.5], 'got the number 1.5'],
    ['sct_getContractItem', [contract, '01'], 'got "01"'],
    ['sct_getContractItem', [contract, '0x01'], 'got "0x01"'],
    ['sct_getContractItemsByCategory', [contract, null], 'parameter 2 (category): Expected a category'],
    ['sct_getContractItemsByCategory', [contract, 'x'.repeat(32_769)], 'got text of 32769 characters'],
  ])('refuses %s of %j', (method, params, message) => {
    expect(() => decodeRpcParams(method, params)).toThrow(message);
  });
});

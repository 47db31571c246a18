import { fromHex0x, hexToBytes } from '@jigeum/std';
import { describe, expect, test } from 'vitest';
import { sctGas } from './gas.ts';
import type { RlpItem } from '../rlp.ts';
import { parseSymId, symIdToBytes } from '../symid.ts';
import { refusalOf } from '../testing/sct.ts';
import { symverseVectors } from '../testing/vectors.ts';
import { decodeSctCall, encodeSctCall } from './codec.ts';
import { readSct50, readSct51 } from './sct50.ts';

const owner = parseSymId('0x00020000000000020002');
const third = parseSymId('0x00020000000000030002');
const fourth = parseSymId('0x00020000000000040002');
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const hex = hexToBytes;
const zero = new Uint8Array(0);

/** The parameters of the guide's example of a poll, with some changed. */
const pollOf = (changes: Readonly<Record<number, RlpItem>> = {}): RlpItem[] =>
  [
    zero,
    zero,
    utf8('Agenda1'),
    utf8('Agenda1 is about ...'),
    symIdToBytes(owner),
    hex('5e4b36c9'),
    hex('5e50b509'),
    hex('83c4b863539810ef20f4'),
    zero,
    hex('01'),
    hex('64'),
    hex('64'),
    hex('64'),
  ].map((field, index) => changes[index] ?? field);

const poll = {
  method: 'createPoll',
  number: 0n,
  category: 0n,
  agenda: 'Agenda1',
  description: 'Agenda1 is about ...',
  owner,
  start: 0x5e4b36c9n,
  end: 0x5e50b509n,
  voteContract: '0x83c4b863539810ef20f4',
  secret: 0,
  stakeOption: 1n,
  totalVoters: 100n,
  quorum: 100n,
  passRate: 100n,
};

describe('SCT50', () => {
  test('reads the creation of a party in the vectors', () => {
    const { input } = symverseVectors().sct_inputs_other.find(({ what }) => what === 'SCT50 create')!;
    expect(readSct50(decodeSctCall(fromHex0x(input)))).toEqual({
      method: 'create',
      party: 'SymParty',
      token: '0x7ceb501abaeaef5ff714',
      owner,
    });
  });

  test.each([
    [1, 'addPollCreators'],
    [2, 'removePollCreators'],
  ])('reads method %d, %s, with a list of SymIDs', (method, name) => {
    const params = [symIdToBytes(third), symIdToBytes(fourth)];
    expect(readSct50({ type: 50, method, params })).toEqual({ method: name, creators: [third, fourth] });
  });

  test.each<[string, number, RlpItem[], string | null, number]>([
    ['no poll creators', 1, [], 'creators', 5008],
    ['a poll creator of 9 bytes', 2, [symIdToBytes(third), new Uint8Array(9)], 'creators', 5008],
    ['a token of 20 bytes', 0, [utf8('P'), new Uint8Array(20), symIdToBytes(owner)], 'token', 1001],
    ['a party without an owner', 0, [utf8('P'), symIdToBytes(third)], null, 1001],
    ['a method above the last', 3, [], null, 1001],
  ])('refuses %s', (_what, method, params, field, errCode) => {
    expect(refusalOf(() => readSct50({ type: 50, method, params }))).toEqual({ field, errCode });
  });
});

describe('SCT51', () => {
  test('reads the guide’s example of a poll, with zeros as the empty string and as the byte 0x00', () => {
    expect(readSct51(decodeSctCall(encodeSctCall({ type: 51, method: 0, params: pollOf() })))).toEqual(poll);
    const nul = Uint8Array.of(0);
    expect(readSct51({ type: 51, method: 0, params: pollOf({ 0: nul, 1: nul, 8: nul }) })).toEqual(poll);
  });

  test.each<[number, RlpItem[], object]>([
    [1, [hex('01'), hex('01')], { method: 'vote', stake: 1n, decision: 1 }],
    [1, [hex('01'), hex('00')], { method: 'vote', stake: 1n, decision: 0 }],
    [2, [hex('01')], { method: 'unstake', amount: 1n }],
    [3, [], { method: 'emergencyStop' }],
    [4, [], { method: 'finish' }],
    [
      5,
      [hex('01'), zero, hex('62'), hex('02'), hex('02'), hex('64'), hex('62')],
      {
        method: 'writeResults',
        result: 1n,
        code: 0n,
        agrees: 98n,
        disagrees: 2n,
        nullities: 2n,
        totalVoters: 100n,
        votingRate: 98n,
      },
    ],
  ])('reads method %d as the guide has it', (method, params, call) => {
    expect(readSct51({ type: 51, method, params })).toEqual(call);
  });

  test.each<[string, number, RlpItem[], string | null, number]>([
    ['a poll of twelve parameters', 0, pollOf().slice(0, 12), null, 1001],
    ['a poll that is secret in a third way', 0, pollOf({ 8: hex('02') }), 'secret', 5005],
    ['a poll whose start has a leading zero', 0, pollOf({ 5: hex('0001') }), 'start', 5005],
    ['a poll whose agenda is not UTF-8', 0, pollOf({ 2: hex('ff') }), 'agenda', 5005],
    ['a poll whose owner has 9 bytes', 0, pollOf({ 4: new Uint8Array(9) }), 'owner', 4000],
    ['a decision other than 0 and 1', 1, [hex('01'), hex('02')], 'decision', 1001],
    ['a parameter of a method that has none', 4, [hex('01')], null, 1001],
    ['a method above the last', 6, [], null, 1001],
  ])('refuses %s', (_what, method, params, field, errCode) => {
    expect(refusalOf(() => readSct51({ type: 51, method, params }))).toEqual({ field, errCode });
  });

  test('refuses a call of SCT50, and SCT50 one of it', () => {
    expect(() => readSct51({ type: 50, method: 1, params: [symIdToBytes(third)] })).toThrow('got SCT50 with method 1');
    expect(() => readSct50({ type: 51, method: 1, params: [hex('01'), hex('01')] })).toThrow('got SCT51 with method 1');
  });

  test('both have no operation gas, as symjs computes', () => {
    expect(sctGas({ type: 50, method: 0, params: [] })).toBe(0n);
    expect(sctGas({ type: 51, method: 0, params: pollOf() })).toBe(0n);
  });
});

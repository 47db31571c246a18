import { describe, expect, it } from 'vitest';
import { completeGenesis, genesisText, parseGenesisFile } from './genesis.ts';
import { GenesisError } from './genesis-fields.ts';

const hash = (seed: number): Uint8Array => new Uint8Array(20).fill(seed);
const open = { chainId: 7777n, caId: 3, timestamp: 5, caKeyHash: hash(1), sealerKeyHash: hash(2) };
const citizen = { symId: '0x00035b875ec2c5410002', keyHash: `0x${'03'.repeat(20)}` };

describe('a genesis', () => {
  it('is completed from the data folder, and its text reads back as the same', () => {
    const file = { caId: 2, citizens: [citizen], allocations: { [citizen.symId]: '1000' } };
    const genesis = completeGenesis(parseGenesisFile(JSON.stringify(file)), open);
    expect(genesis).toMatchObject({
      chainId: 7777n,
      timestamp: 5,
      ca: { symId: '0x00020000000000010002', keyHash: hash(1) },
      sealer: { symId: '0x00020000000000010003', keyHash: hash(2) },
      contractAddressRule: 'current',
    });
    const other = { ...open, chainId: 1n, timestamp: 9, caId: 9, caKeyHash: hash(8), sealerKeyHash: hash(9) };
    expect(completeGenesis(parseGenesisFile(genesisText(genesis)), other)).toEqual(genesis);
  });

  it.each([
    ['no JSON', '{', /to be JSON/],
    ['a list', '[]', /to be a JSON object/],
    ['an unknown field', '{"chainID":1}', /unknown field "chainID"/],
    ['chain id 0, for which published clients sign only half', '{"chainId":0}', /chainId .* from 1 /],
    ['an amount as a number', `{"allocations":{"${citizen.symId}":1000}}`, /decimal string of hug, got 1000/],
    ['an amount with a sign', `{"allocations":{"${citizen.symId}":"-1"}}`, /decimal string/],
    ['a short SymID', '{"citizens":[{"symId":"0x12","keyHash":"0x00"}]}', /citizens\[0\].symId/],
    ['a short key hash', `{"citizens":[{"symId":"${citizen.symId}","keyHash":"0x00"}]}`, /citizens\[0\].keyHash/],
    ['another address rule', '{"contractAddressRule":"new"}', /"current" or "old"/],
  ])('refuses %s', (_what, text, sentence) => {
    expect(() => parseGenesisFile(text)).toThrow(GenesisError);
    expect(() => parseGenesisFile(text)).toThrow(sentence);
  });

  it('refuses one SymID or key twice, and coins of nobody', () => {
    const complete = (file: object) => () => completeGenesis(parseGenesisFile(JSON.stringify(file)), open);
    expect(complete({ citizens: [citizen, { ...citizen, keyHash: `0x${'04'.repeat(20)}` }] })).toThrow(
      /each SymID once/,
    );
    expect(complete({ citizens: [{ ...citizen, symId: '0x00030000000000010003' }] })).toThrow(/CA and sealer count/);
    expect(complete({ citizens: [citizen, { ...citizen, symId: '0x00035b875ec2c5410003' }] })).toThrow(
      /each key hash once/,
    );
    expect(complete({ allocations: { [citizen.symId]: '1' } })).toThrow(/allocations to citizens/);
  });

  it('refuses more coins than one SymID could ever hold', () => {
    const other = { symId: '0x00035b875ec2c5410003', keyHash: `0x${'04'.repeat(20)}` };
    const complete = (last: bigint) => () => {
      const allocations = { [citizen.symId]: (1n << 255n).toString(), [other.symId]: last.toString() };
      return completeGenesis(parseGenesisFile(JSON.stringify({ citizens: [citizen, other], allocations })), open);
    };
    expect(complete((1n << 255n) - 1n)).not.toThrow();
    expect(complete(1n << 255n)).toThrow(/less than 2\^256 hug/);
  });
});

import { describe, expect, it } from 'vitest';
import { contractAddress, type SymId } from '@jigeum/symverse';
import { ForeignChainError } from './chain.ts';
import { GenesisError } from './genesis-fields.ts';
import { completeGenesis, genesisText, parseGenesisFile } from './genesis.ts';
import type { GenesisToken } from './genesis-tokens.ts';
import { holdingOf } from './sct/holdings.ts';
import { accountOf } from './state/accounts.ts';
import { createWorld, START_HUG, type TestWorld } from './testing.ts';

const { alice, bob } = createWorld().people;
const token = (symbol: string, creator: SymId, owner = creator): GenesisToken => ({
  template: 'sct20',
  creator,
  owner,
  name: `Token ${symbol}`,
  symbol,
  supply: 10n ** 28n,
});
const TOKENS = [token('ONE', alice.symId), token('TWO', bob.symId, alice.symId), token('TRI', alice.symId, bob.symId)];

function worldWith(tokens: readonly GenesisToken[], rule: 'current' | 'old' = 'current'): TestWorld {
  const genesis = { ...createWorld().genesis, tokens, contractAddressRule: rule };
  return createWorld({ node: { genesis } });
}

const FILE = {
  template: 'sct20',
  creator: alice.symId,
  owner: bob.symId,
  name: 'Token',
  symbol: 'TOK',
  supply: '1000',
};
const fileWith = (fields: object): string => JSON.stringify({ tokens: [{ ...FILE, ...fields }] });
const hash = (seed: number): Uint8Array => new Uint8Array(20).fill(seed);
const open = { chainId: 7777n, caId: 2, timestamp: 5, caKeyHash: hash(1), sealerKeyHash: hash(2) };

describe('tokens of a genesis', () => {
  it.each(['current', 'old'] as const)(
    'stand where their creators’ first transactions would have made them (%s rule)',
    (rule) => {
      const world = worldWith(TOKENS, rule);
      const { state } = world.node.chain;
      const places = [
        contractAddress(alice.symId, 0n, rule),
        contractAddress(bob.symId, 0n, rule),
        contractAddress(alice.symId, 1n, rule),
      ];
      expect(places.map((place) => state.get('contract', place))).toEqual(
        TOKENS.map(({ supply: total, ...row }) => ({ ...row, total, isPaused: false })),
      );
      expect(TOKENS.map(({ owner }, index) => holdingOf(state, places[index]!, owner))).toEqual(
        Array(3).fill(10n ** 28n),
      );
      expect(accountOf(state, alice.symId)).toEqual({ balance: START_HUG, nonce: 2n, deposit: 0n });
      expect(accountOf(state, bob.symId)).toEqual({ balance: START_HUG, nonce: 1n, deposit: 0n });
    },
  );

  it('are of block 0, and their creators go on after them', async () => {
    const world = worldWith(TOKENS);
    expect(world.node.chain.head().number).toBe(0);
    expect(await world.createToken()).toBe(contractAddress(alice.symId, 2n, 'current'));
    const first = contractAddress(alice.symId, 0n, 'current');
    await world.run(world.signCall('alice', first, { method: 'transfer', to: bob.symId, amount: 7n }));
    const again = createWorld({
      storage: world.storage,
      node: { genesis: { ...createWorld().genesis, tokens: TOKENS } },
    });
    expect(holdingOf(again.node.chain.state, first, bob.symId)).toBe(7n);
  });

  it('make another chain, and a folder without them says what differs', () => {
    const world = createWorld();
    const genesis = { ...world.genesis, tokens: TOKENS };
    expect(() => createWorld({ storage: world.storage, node: { genesis } })).toThrow(ForeignChainError);
    expect(() => createWorld({ storage: world.storage, node: { genesis } })).toThrow(/: tokens differ/);
  });

  it('come back from the text of the genesis; without any the text does not speak of them', () => {
    const { genesis } = createWorld();
    const other = { ...open, caKeyHash: hash(8), sealerKeyHash: hash(9) };
    const withTokens = { ...genesis, tokens: TOKENS };
    expect(completeGenesis(parseGenesisFile(genesisText(withTokens)), other)).toEqual(withTokens);
    expect(genesisText(genesis)).not.toContain('tokens');
    expect(completeGenesis(parseGenesisFile(genesisText(genesis)), other)).toEqual(genesis);
  });

  it.each<[string, string, RegExp]>([
    ['an object in place of a list', '{"tokens":{}}', /tokens of the genesis to be a list of at most 1000/],
    ['a number in place of a token', '{"tokens":[1]}', /tokens\[0\] to be a JSON object/],
    ['an unknown field', fileWith({ amount: '1' }), /tokens\[0\] of the genesis has the unknown field "amount"/],
    [
      'another template',
      fileWith({ template: 'sct30' }),
      /tokens\[0\]\.template of the genesis to be "sct20", got "sct30"/,
    ],
    ['a short creator', fileWith({ creator: '0x12' }), /tokens\[0\]\.creator of the genesis/],
    ['no owner', fileWith({ owner: undefined }), /tokens\[0\]\.owner of the genesis/],
    ['a number as the name', fileWith({ name: 5 }), /tokens\[0\]\.name of the genesis to be text, got 5/],
    [
      'a symbol of two characters',
      fileWith({ symbol: 'AB' }),
      /tokens\[0\] .* Parameter symbol .* 3 to 10 characters, got 2/,
    ],
    [
      'a supply as a number',
      fileWith({ supply: 1000 }),
      /tokens\[0\]\.supply of the genesis as a decimal string of base units, got 1000/,
    ],
    ['a supply above 256 bits', fileWith({ supply: (1n << 256n).toString() }), /tokens\[0\]\.supply/],
  ])('are refused with %s', (_what, text, sentence) => {
    expect(() => parseGenesisFile(text)).toThrow(GenesisError);
    expect(() => parseGenesisFile(text)).toThrow(sentence);
  });

  it.each(['creator', 'owner'])('are refused when their %s is no citizen of the genesis', (field) => {
    const stranger = '0x00020909090909090002';
    const citizens = [alice, bob].map(({ symId }, index) => ({ symId, keyHash: `0x${`0${index + 3}`.repeat(20)}` }));
    const file = { citizens, tokens: [{ ...FILE, [field]: stranger }] };
    expect(() => completeGenesis(parseGenesisFile(JSON.stringify(file)), open)).toThrow(
      `Expected creator and owner of tokens[0] among the citizens of the genesis, got ${stranger}.`,
    );
  });
});

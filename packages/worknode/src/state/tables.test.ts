import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { encodeRlp, makeSymId, type SymId } from '@jigeum/symverse';
import { citizenOf } from './testing.ts';
import { decodeValue, encodeValue, TABLE_NAMES, type StateTables, type TableName } from './tables.ts';

const symId: fc.Arbitrary<SymId> = fc
  .record({ random: fc.uint8Array({ minLength: 6, maxLength: 6 }), seq: fc.integer({ min: 2, max: 9_999 }) })
  .map(({ random, seq }) => makeSymId({ caId: 2, random, seq }));
const amount = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
const text = fc.string({ unit: 'binary' });
const maybe = fc.option(symId);
const contract = { creator: symId, owner: symId, name: text, symbol: text, total: amount, isPaused: fc.boolean() };
const contractOf = (template: string, own: object = {}) =>
  fc.record({ template: fc.constant(template), ...contract, ...own });

/** Rows of each table, whatever they say. */
const ROWS: { readonly [T in TableName]: fc.Arbitrary<unknown> } = {
  account: fc.record({ balance: amount, nonce: amount, deposit: amount }),
  contract: fc.oneof(
    contractOf('sct20'),
    contractOf('sct21', { lock: amount }),
    contractOf('sct22', { authority: maybe }),
    contractOf('sct30'),
    contractOf('sct40', { cpoint: amount }),
  ),
  holding: amount,
  allowance: amount,
  citizen: symId.map((ca) => citizenOf(ca)),
  authority: amount,
  lock: fc.record({ amount, isAccountLocked: fc.boolean() }),
  item: fc.record({
    owner: symId,
    spender: maybe,
    status: fc.constantFrom('active', 'paused', 'used'),
    position: amount,
    type: text,
    name: text,
    value: amount,
    category: text,
    property: text,
    description: text,
  }),
  ownedItem: amount,
  category: amount,
  categoryItem: amount,
};

describe('a state row', () => {
  it.each(TABLE_NAMES)('of %s is read back as it was written', (table) => {
    const property = fc.property(ROWS[table], (row) => {
      const bytes = encodeValue(table, row as StateTables[typeof table]);
      expect(decodeValue(table, bytes)).toEqual(row);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('keeps the number of its table for ever', () => {
    expect(TABLE_NAMES).toEqual([
      'account',
      'contract',
      'holding',
      'allowance',
      'citizen',
      'authority',
      'lock',
      'item',
      'ownedItem',
      'category',
      'categoryItem',
    ]);
  });

  const empty = new Uint8Array(0);
  const address = new Uint8Array(10).fill(1);
  it.each<[string, TableName, Parameters<typeof encodeRlp>[0], string]>([
    ['a contract of a template that is not executed', 'contract', [Uint8Array.of(50)], 'a known template, got SCT50'],
    ['a contract without fields', 'contract', [Uint8Array.of(20)], 'Expected 6 fields in a state row, got 0'],
    ['an account of two fields', 'account', [empty, empty], 'Expected 3 fields in a state row, got 2'],
    ['an account as a byte string', 'account', empty, 'Expected a list in a state row'],
    ['a holding as a list', 'holding', [], 'Expected a byte string in a state row'],
    [
      'a lock that is neither true nor false',
      'lock',
      [empty, Uint8Array.of(2)],
      'Expected 0 or 1 in a state row, got 2',
    ],
    [
      'an item of a fourth status',
      'item',
      [address, empty, Uint8Array.of(3), ...Array.from({ length: 7 }, () => empty)],
      'Expected the status of an item from 0 to 2, got 3',
    ],
  ])('is refused as damaged when it is %s', (_what, table, item, sentence) => {
    expect(() => decodeValue(table, encodeRlp(item))).toThrow(sentence);
  });
});

import {
  decodeSct20,
  encodeSct20,
  encodeSct21,
  encodeSct22,
  encodeSct30,
  encodeSct40,
  encodeSctCall,
  parseSymId,
  SctInputError,
  symIdToBytes,
} from '../index.ts';
import { describe, expect, test } from 'vitest';
import { describeSctCall } from './describe.ts';

const from = parseSymId('0x00020000000002000002');
const to = parseSymId('0x00020000000002010002');
const contract = parseSymId('0xff000000000000000001');
const read = (input: Uint8Array) => describeSctCall({ from, to: contract, input }, null);

describe('a call is read in the protocol’s words', () => {
  test('of tokens, with its amount', () => {
    expect(read(encodeSct20({ method: 'transferFrom', from: to, to: from, amount: 5n }))).toEqual({
      template: 'sct20',
      method: 'TRANSFER_FROM',
      contract,
      from: to,
      to: from,
      amount: 5n,
      args: { from: to, to: from, amount: '5' },
    });
    expect(read(encodeSct21({ method: 'lockTransfer', to, amount: 7n, lockAmount: 3n }))).toEqual({
      template: 'sct21',
      method: 'LOCK_TRANSFER',
      contract,
      from,
      to,
      amount: 7n,
      args: { to, amount: '7', lockAmount: '3' },
    });
    expect(read(encodeSct22({ method: 'setAuthority' }))).toMatchObject({
      method: 'SET_AUTHORITY',
      amount: null,
      to: null,
    });
  });

  test('of items and coupons, each with what it is', () => {
    const item = { type: 'art', name: '그림', value: 9n, category: 'c', property: 'p', description: 'd' };
    expect(read(encodeSct30({ method: 'createItem', items: [item] }))).toMatchObject({
      template: 'sct30',
      method: 'CREATE_ITEM',
      amount: null,
      args: { items: [{ ...item, value: '9' }] },
    });
    expect(read(encodeSct30({ method: 'transfer', to, index: 4n }))).toMatchObject({ to, args: { index: '4' } });
    expect(read(encodeSct40({ method: 'couponUse', index: 2n }))).toMatchObject({
      template: 'sct40',
      method: 'COUPON_USE',
      args: { index: '2' },
    });
  });

  test('of votes, whose amounts are no tokens that the poll moves', () => {
    const vote = encodeSctCall({ type: 51, method: 1, params: [Uint8Array.of(100), Uint8Array.of(1)] });
    expect(read(vote)).toMatchObject({ template: 'sct51', method: 'VOTE', amount: null, args: { stake: '100' } });
  });
});

describe('what a chain has taken beyond our bounds', () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const creation = (name: Uint8Array, symbol: Uint8Array) =>
    encodeSctCall({ type: 20, method: 0, params: [name, symbol, Uint8Array.of(9), symIdToBytes(to)] });

  test('is read, though we would neither write nor execute it', () => {
    for (const [name, symbol] of [
      ['x'.repeat(65), 'EST'],
      ['', 'TWELVE LONG!'],
      ['가족 👨‍👩‍👧', 'E'],
      ['x'.repeat(30_000), ''],
    ] as const) {
      const input = creation(utf8(name), utf8(symbol));
      expect(() => decodeSct20(input)).toThrow(SctInputError);
      expect(read(input)).toMatchObject({ method: 'CREATE', amount: 9n, to, args: { name, symbol } });
    }
  });

  test('also within items, coupons and votes', () => {
    const [long, none] = [utf8('n'.repeat(70)), new Uint8Array(0)];
    const name = 'n'.repeat(70);
    for (const [type, list] of [
      [30, 'items'],
      [40, 'coupons'],
    ] as const) {
      const thing = [none, long, none, none, none, none];
      expect(read(encodeSctCall({ type, method: 1, params: [thing] }))).toMatchObject({ args: { [list]: [{ name }] } });
    }
    const party = encodeSctCall({ type: 50, method: 0, params: [long, symIdToBytes(contract), symIdToBytes(to)] });
    expect(read(party)).toMatchObject({ args: { party: name } });
  });

  test('is shown with its hidden characters written out', () => {
    const input = creation(utf8('pay\u202Eecila\u0000'), utf8('E\u200DT'));
    expect(read(input)?.args).toMatchObject({ name: 'pay\\u{202e}ecila\\u{0}', symbol: 'E\\u{200d}T' });
    const item = ['', 'n', '', '', '', 'first\nsecond'].map(utf8);
    expect(read(encodeSctCall({ type: 30, method: 1, params: [item] }))?.args).toMatchObject({
      items: [{ description: 'first\\u{a}second' }],
    });
  });

  test('is no call where its text is no UTF-8', () => {
    expect(read(creation(Uint8Array.of(0xc3, 0x28), utf8('EST')))).toBeNull();
  });
});

test('what is no call of a known template is shown as none', () => {
  for (const input of [
    new Uint8Array(0),
    Uint8Array.of(1, 2, 3),
    encodeSctCall({ type: 99, method: 0, params: [] }),
    encodeSctCall({ type: 20, method: 77, params: [] }),
    encodeSctCall({ type: 20, method: 1, params: [Uint8Array.of(1)] }),
  ])
    expect(read(input)).toBeNull();
});

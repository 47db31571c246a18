import { describe, expect, test } from 'vitest';
import { enterAmount, wonOf, type AmountKey } from './amount-entry.ts';

const typed = (keys: string): string =>
  keys.split(' ').reduce((won, digits) => enterAmount(won, { kind: 'digit', digits }), '');

describe('entering an amount', () => {
  test('puts digit after digit', () => {
    expect(typed('1 2 00 0')).toBe('12000');
  });

  test('has no leading zeros', () => {
    expect(typed('0 00 0')).toBe('');
    expect(typed('0 5')).toBe('5');
  });

  test('takes back the last digit, and nothing from nothing', () => {
    expect(enterAmount('120', { kind: 'delete' })).toBe('12');
    expect(enterAmount('', { kind: 'delete' })).toBe('');
  });

  test('adds a chip to what is there', () => {
    expect(enterAmount('5000', { kind: 'add', won: 10_000n })).toBe('15000');
    expect(enterAmount('', { kind: 'add', won: 50_000n })).toBe('50000');
  });

  test('sets everything that can be sent; nothing where that is nothing', () => {
    expect(enterAmount('5', { kind: 'set', won: 38_000n })).toBe('38000');
    expect(enterAmount('5', { kind: 'set', won: 0n })).toBe('');
  });

  test.each<AmountKey>([
    { kind: 'digit', digits: '1' },
    { kind: 'digit', digits: '00' },
    { kind: 'add', won: 10_000n },
  ])('changes nothing where ten digits would not be enough: $kind', (key) => {
    expect(enterAmount('9999999999', key)).toBe('9999999999');
  });

  test('counts nothing as zero won', () => {
    expect(wonOf('')).toBe(0n);
    expect(wonOf('12000')).toBe(12_000n);
  });
});

/** What the keypad does to an amount of whole won: decimal digits without leading zeros, empty for none. */
export type AmountKey =
  | { kind: 'digit'; digits: string }
  | { kind: 'delete' }
  | { kind: 'clear' }
  | { kind: 'add'; won: bigint }
  | { kind: 'set'; won: bigint };

/** Ten digits reach 9,999,999,999 won: more than any limit, and what fits on a phone. */
const DIGITS_MAX = 10;

/** The amount after a key. A key that would make it too long changes nothing. */
export function enterAmount(won: string, key: AmountKey): string {
  switch (key.kind) {
    case 'clear':
      return '';
    case 'delete':
      return won.slice(0, -1);
    case 'set':
      return key.won === 0n ? '' : key.won.toString();
    case 'add':
      return keep(won, (wonOf(won) + key.won).toString());
    case 'digit':
      return keep(won, `${won}${key.digits}`.replace(/^0+/, ''));
  }
}

const keep = (before: string, after: string): string => (after.length > DIGITS_MAX ? before : after);

/** The entered amount as a number of won: 0 while nothing is entered. */
export const wonOf = (won: string): bigint => (won === '' ? 0n : BigInt(won));

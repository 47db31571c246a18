import { describe, expect, test } from 'vitest';
import { passphraseProblem, pinProblem } from './rules.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const problem = (text: string) =>
  passphraseProblem(bytes(text), {
    memberId: 'hana2026',
    isOwnPhone: (digits) => Buffer.from(digits).toString() === '01012345678',
  });

describe('a passphrase', () => {
  test.each([
    ['', 'short'],
    ['Ab3$xyz', 'short'],
    ['비밀번호일곱자', 'short'],
    ['password', 'common'],
    ['PassWord123', 'common'],
    ['1q2w3e4r', 'common'],
    ['aaaaaaaaaaaa', 'run'],
    ['12345678', 'run'],
    ['87654321', 'run'],
    ['34567890', 'run'],
    ['abcdefgh', 'run'],
    ['hana2026', 'member-id'],
    ['HANA2026!!', 'member-id'],
    ['01012345678', 'phone'],
    ['010-1234-5678', 'phone'],
    ['1234-5678', 'phone'],
  ])('%s is refused: %s', (text, reason) => {
    expect(problem(text)).toBe(reason);
  });

  test.each([
    'spring river 2026',
    'lowercaseonly',
    '서울의밤하늘은밝다',
    '83619274',
    '01099998888',
    'hana2026 goes to the sea',
    'é'.repeat(3) + 'xyzab',
  ])('%s is taken: length counts, composition does not', (text) => {
    expect(problem(text)).toBeNull();
  });
});

describe('a PIN', () => {
  test.each(['000000', '777777', '123456', '654321', '012345', '567890', '098765'])('%s is refused', (digits) => {
    expect(pinProblem(bytes(digits))).toBe('run');
  });
  test.each(['12345', '1234567', '12a456', '', '１２３４５６', '      '])('"%s" is not six digits', (digits) => {
    expect(pinProblem(bytes(digits))).toBe('not-six-digits');
  });
  test.each(['180519', '112233', '135790', '123457'])('%s is taken', (digits) => {
    expect(pinProblem(bytes(digits))).toBeNull();
  });
});

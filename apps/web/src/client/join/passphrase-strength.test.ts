import { describe, expect, test } from 'vitest';
import { guessesLog10, isAcceptable, strengthOf } from './passphrase-strength.ts';

describe('the strength of a passphrase', () => {
  test.each(['', 'abc', '1234567', '가나다라마바사'])('asks for eight characters: "%s"', (passphrase) => {
    expect(strengthOf(passphrase)).toBe('none');
  });

  test.each([
    'password',
    'password1',
    'qwertyuiop',
    '12345678',
    'aaaaaaaaaaaa',
    '19900101',
    'iloveyou1',
    'abcabcabcabc',
    'P@ssword1',
    '사랑사랑사랑사랑',
  ])('refuses what is guessed first, symbols or not: "%s"', (passphrase) => {
    expect(isAcceptable(strengthOf(passphrase))).toBe(false);
  });

  test.each(['초록 우산 기차 여름밤', 'correct horse battery', 'kx8 vumq 2tr9p', '느린 고래가 노래하는 밤'])(
    'takes length without symbols: "%s"',
    (passphrase) => {
      expect(isAcceptable(strengthOf(passphrase))).toBe(true);
    },
  );

  test('never falls when a random character is added', () => {
    let text = '';
    let before = 0;
    for (const letter of 'kx8vumq2tr9p') {
      text += letter;
      const guesses = guessesLog10(text);
      expect(guesses).toBeGreaterThanOrEqual(before);
      before = guesses;
    }
  });
});

import { expect, test } from 'vitest';
import { SCT_ERR, SCT_FAILURES, sctErrorText, sctFailure } from './errors.ts';

test('every documented code from 1000 to 5008 is there once', () => {
  expect(SCT_FAILURES.map(({ code }) => code)).toEqual([
    1000, 1001, 1002, 1003, 2000, 2001, 3000, 3001, 3002, 4000, 4001, 5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007,
    5008,
  ]);
});

test('every code has its own name and a sentence in both languages', () => {
  expect(new Set(SCT_FAILURES.map(({ name }) => name)).size).toBe(SCT_FAILURES.length);
  for (const { en, ko } of SCT_FAILURES) {
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(ko).toMatch(/[가-힣].*(어요|아요|해요|예요)\.$/);
  }
});

test('a code is found by its name and a row by its code', () => {
  expect(SCT_ERR['balance-too-low']).toBe(2000);
  expect(sctFailure(1003)?.name).toBe('not-owner');
  expect(sctFailure(999)).toBeUndefined();
});

test('a code has sentences for people, also one that no document names', () => {
  expect(sctErrorText(2000)).toEqual({ ko: sctFailure(2000)!.ko, en: sctFailure(2000)!.en });
  expect(sctErrorText(999)).toEqual({ ko: '알려지지 않은 오류예요.', en: 'An error that no document names.' });
});

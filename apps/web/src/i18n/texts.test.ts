import { describe, expect, test } from 'vitest';
import { en as clientEn } from './client-en.ts';
import { ko as clientKo } from './client-ko.ts';
import { en as scanEn } from './scan-en.ts';
import { ko as scanKo } from './scan-ko.ts';
import { flattenTexts, lookUp, splitText } from './texts.ts';

const placeholders = (text: string): string[] =>
  splitText(text)
    .filter((_, index) => index % 2 === 1)
    .toSorted();

describe.each([
  ['client', clientKo, clientEn],
  ['scanner', scanKo, scanEn],
])('the texts of the %s', (_entry, ko, en) => {
  test('are the same keys in both languages, none empty', () => {
    expect(flattenTexts(en).map(([key]) => key)).toEqual(flattenTexts(ko).map(([key]) => key));
    expect([...flattenTexts(ko), ...flattenTexts(en)].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('use no placeholder in English that the Korean text does not have', () => {
    for (const [key, text] of flattenTexts(en)) {
      const known = placeholders(lookUp(ko, key));
      expect(
        placeholders(text).filter((name) => !known.includes(name)),
        key,
      ).toEqual([]);
    }
  });
});

test('the client speaks of the chain only in the verification panel', () => {
  const outside = [...flattenTexts(clientKo), ...flattenTexts(clientEn)].filter(
    ([key]) => !key.startsWith('receipt.proof.'),
  );
  expect(
    outside.filter(([, text]) =>
      /\bgas\b|\bnonce\b|private key|sym_?id|0x|hash|address|가스|논스|개인 ?키|해시/i.test(text),
    ),
  ).toEqual([]);
});

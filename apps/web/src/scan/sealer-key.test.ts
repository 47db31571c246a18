import { describe, expect, test } from 'vitest';
import { readSealerKey, sealerInFragment, sealerKeyText } from './sealer-key.ts';

const digits = '096dbe3a216705c5f76a3ad9564b27e99a49df29';
const keyHash = `0x${digits}`;

describe('a sealer’s key', () => {
  test.each([
    ['as the genesis has it', keyHash],
    ['without 0x', digits],
    ['in capitals', `0X${digits.toUpperCase()}`],
    ['with the line around it that it was copied from', ` "${keyHash}",\n`],
    ['broken over two lines', `${keyHash.slice(0, 20)}\n  ${keyHash.slice(20)}`],
  ])('is read %s', (_how, text) => {
    expect(readSealerKey(text)).toEqual({ keyHash, chainId: null });
  });

  test.each([
    [`7777:${keyHash}`, 7777],
    [` 7777 : ${digits}`, 7777],
    [`9007199254740991:${keyHash}`, Number.MAX_SAFE_INTEGER],
  ])('is read with its chain: %s', (text, chainId) => {
    expect(readSealerKey(text)).toEqual({ keyHash, chainId });
  });

  test.each([
    ['empty', ''],
    ['empty', ' \n'],
    ['empty', '0x'],
    ['symId', '0x00030000000000010002'],
    ['secret', '01'.repeat(32)],
    ['secret', `7777:0x${'01'.repeat(32)}`],
    ['chain', `:${keyHash}`],
    ['chain', `0:${keyHash}`],
    ['chain', `-1:${keyHash}`],
    ['chain', `1e3:${keyHash}`],
    ['chain', `07777:${keyHash}`],
    ['chain', `9007199254740992:${keyHash}`],
    ['form', `${keyHash}0`],
    ['form', keyHash.slice(0, -1)],
    ['form', `7777:${keyHash.slice(0, -1)}`],
    ['form', `${keyHash.slice(0, -1)}g`],
    ['form', `7777:7777:${keyHash}`],
    ['form', '7777:'],
    ['form', `0x${keyHash}`],
    ['form', '봉인 키'],
    ['form', `<b>${keyHash}</b>`],
  ])('is refused as %s: %s', (fault, text) => {
    expect(readSealerKey(text)).toBe(fault);
  });

  test.each([
    { keyHash, chainId: null },
    { keyHash, chainId: 7777 },
  ])('is read as it was written: $chainId', (key) => {
    expect(readSealerKey(sealerKeyText(key))).toEqual(key);
  });
});

describe('a link’s fragment', () => {
  test.each([
    [`#sealer=${keyHash}`, keyHash],
    [`#sealer=7777:${keyHash}`, `7777:${keyHash}`],
    [`#sealer=7777%3A${keyHash}`, `7777:${keyHash}`],
    ['#sealer=', ''],
    ['#sealer=%', '%'],
  ])('carries a key: %s', (fragment, text) => {
    expect(sealerInFragment(fragment)).toBe(text);
  });

  test.each(['', '#', '#content', `#key=${keyHash}`, `#content&sealer=${keyHash}`])('carries none: %s', (fragment) => {
    expect(sealerInFragment(fragment)).toBeNull();
  });
});

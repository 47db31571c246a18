import { expect, test } from 'vitest';
import { searchPath } from './search.ts';

test.each([
  ['1234', '/scan/blocks/1234'],
  [' 4,210 ', '/scan/blocks/4210'],
  ['0007', '/scan/blocks/7'],
  ['0', '/scan/blocks/0'],
  [`0x${'a'.repeat(64)}`, `/scan/transactions/0x${'a'.repeat(64)}`],
  ['A'.repeat(64), `/scan/transactions/0x${'a'.repeat(64)}`],
  ['0x00021000000000060002', '/scan/accounts/0x00021000000000060002'],
  ['0xff000000000000000000', '/scan/tokens/0xff000000000000000000'],
])('%s leads to %s', (text, path) => {
  expect(searchPath(text)).toBe(path);
});

test.each(['', 'hello', '0x', '0x12', `0x${'g'.repeat(64)}`, '../etc', '-1', '1.5'])('"%s" leads nowhere', (text) => {
  expect(searchPath(text)).toBeNull();
});

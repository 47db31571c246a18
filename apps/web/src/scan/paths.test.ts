import { expect, test } from 'vitest';
import { addressPath, searchPath } from './paths.ts';

test('ten bytes that begin with ff are a contract, all others a SymID', () => {
  expect(addressPath('0xff000000000000000000')).toBe('/scan/tokens/0xff000000000000000000');
  expect(addressPath('0x00021000000000060002')).toBe('/scan/accounts/0x00021000000000060002');
});

test('a searched text cannot leave its place in the address', () => {
  expect(searchPath('a&q=b#c/../d')).toBe('/scan/search?q=a%26q%3Db%23c%2F..%2Fd');
});

import { expect, test } from 'vitest';
import { shareText } from './values.tsx';

test.each([
  [0n, 3n, '0.00%'],
  [1n, 3n, '33.33%'],
  [2n, 3n, '66.66%'],
  [3n, 3n, '100.00%'],
  [1n, 10_000n, '0.01%'],
  [1n, 10_001n, '< 0.01%'],
  [1n, 2n ** 256n - 1n, '< 0.01%'],
  [0n, 0n, '–'],
])('%s of %s is %s', (part, whole, text) => {
  expect(shareText(part, whole)).toBe(text);
});

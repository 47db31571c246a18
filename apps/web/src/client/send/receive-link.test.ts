import { describe, expect, test } from 'vitest';
import { readReceiveLink, writeReceiveLink } from './receive-link.ts';

const origin = 'https://pay.example';
const receiveCode = '0193a7c0-1111-7222-8333-444455556666';

describe('a receive QR', () => {
  test.each([null, 1n, 12_000n])('is read as it was written: %s won', (won) => {
    expect(readReceiveLink(writeReceiveLink(origin, { receiveCode, won }), origin)).toEqual({ receiveCode, won });
  });

  test.each([
    ['another site', `https://evil.example/send?to=${receiveCode}`],
    ['another path', `${origin}/login?to=${receiveCode}`],
    ['no payee', `${origin}/send`],
    ['a payee that is no code', `${origin}/send?to=minho`],
    ['a script', 'javascript:alert(1)'],
    ['plain text', '안녕하세요'],
    ['an address that cannot be read', 'http://['],
  ])('is refused when it holds %s', (_what, text) => {
    expect(readReceiveLink(text, origin)).toBeNull();
  });

  test.each(['0', '-5', '1.5', '1e9', '99999999999', 'x'])('leaves the amount to the payer when it is %s', (amount) => {
    expect(readReceiveLink(`${origin}/send?to=${receiveCode}&amount=${amount}`, origin)).toEqual({
      receiveCode,
      won: null,
    });
  });
});

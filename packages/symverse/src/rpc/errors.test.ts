import { expect, test } from 'vitest';
import { RPC_REFUSALS, refusal, refusalReason, type RpcRefusal } from './errors.ts';

test.each(Object.keys(RPC_REFUSALS) as RpcRefusal[])(
  'a refusal for %s is told by its data and by its text alone',
  (reason) => {
    const error = refusal(reason, 'expected 1, got 2');
    expect(error.message).toBe(`${RPC_REFUSALS[reason]}: expected 1, got 2`);
    expect(refusalReason(error)).toBe(reason);
    expect(refusalReason({ code: -32000, message: error.message })).toBe(reason);
  },
);

test.each([
  ['known transaction: 4d5a…', 'already-known'],
  ['insufficient funds for transfer', 'insufficient-funds'],
  ['rlp: non-canonical size information', 'malformed'],
])('%j of older nodes is %s', (message, reason) => {
  expect(refusalReason({ code: -32000, message })).toBe(reason);
});

test('an unknown text, and a reason that only looks like one, have no reason', () => {
  expect(refusalReason({ code: -32000, message: 'the moon is full' })).toBeUndefined();
  expect(refusalReason({ code: -32000, message: 'x', data: { reason: 'constructor' } })).toBeUndefined();
  expect(refusalReason({ code: -32000, message: 'nonce too low', data: 'text' })).toBe('nonce-too-low');
});

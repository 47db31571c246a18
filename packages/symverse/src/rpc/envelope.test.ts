import { expect, test } from 'vitest';
import { readRpcAnswer, readRpcRequest } from './envelope.ts';

test('reads a call, and knows one that wants no answer', () => {
  expect(readRpcRequest({ jsonrpc: '2.0', id: 1, method: 'net_version', params: [] })).toEqual({
    id: 1,
    isNotification: false,
    method: 'net_version',
    params: [],
  });
  expect(readRpcRequest({ method: 'net_version' })).toMatchObject({ id: null, isNotification: true });
  expect(readRpcRequest({ id: 'a', method: 'net_version' })).toMatchObject({ id: 'a', isNotification: false });
});

test.each([
  [null],
  [1],
  ['{}'],
  [[]],
  [{}],
  [{ jsonrpc: '1.0', id: 1, method: 'x' }],
  [{ id: 1, method: 5 }],
  [{ id: 1, method: 'm'.repeat(129) }],
  [{ id: {}, method: 'x' }],
  [{ id: 'i'.repeat(257), method: 'x' }],
])('%j is no call', (value) => {
  expect(readRpcRequest(value)).toBeNull();
});

test('reads an answer with a result or an error, and nothing else', () => {
  expect(readRpcAnswer({ id: 1, result: null })).toEqual({ id: 1, result: null });
  expect(readRpcAnswer({ id: 1, result: 2, error: null })).toEqual({ id: 1, result: 2 });
  expect(readRpcAnswer({ id: 1, error: { code: 5, message: 'm', data: 6 } })).toEqual({
    id: 1,
    error: { code: 5, message: 'm', data: 6 },
  });
  for (const value of [
    null,
    {},
    { id: 1 },
    { result: 1 },
    { id: 1, error: 'no' },
    { id: 1, error: { code: '5', message: 'm' } },
  ]) {
    expect(readRpcAnswer(value)).toBeNull();
  }
});

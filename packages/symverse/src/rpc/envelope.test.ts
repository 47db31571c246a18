import { expect, test } from 'vitest';
import { readRpcAnswer, readRpcRequest, rpcRequestProblem } from './envelope.ts';

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
  [{ id: true, method: 'x' }],
  [{ id: 2 ** 53, method: 'x' }],
  [{ id: Infinity, method: 'x' }],
])('%j is no call', (value) => {
  expect(readRpcRequest(value)).toBeNull();
});

test('gives every id back as it came', () => {
  for (const id of [0, -1, 1.5, 2 ** 53 - 1, '', '0', 'ü', null])
    expect(readRpcRequest({ id, method: 'x' })).toMatchObject({ id, isNotification: false });
});

test.each([
  [7, null, 'a JSON-RPC 2.0 call'],
  [{ id: 5, method: 5 }, 5, 'the name of a method as text'],
  [{ id: 'a' }, 'a', 'the name of a method as text'],
  [{ id: 1, jsonrpc: '1.0', method: 'x' }, 1, 'jsonrpc to be "2.0"'],
  [{ id: [], method: 'x' }, null, 'an id that is null, a number up to 2^53 - 1 or text of at most 256 characters'],
  [{ id: 1, method: 'm'.repeat(129) }, 1, 'a method name of at most 128 characters'],
])('says of %j what was expected, with the id where there is one', (value, id, expected) => {
  expect(readRpcRequest(value)).toBeNull();
  expect(rpcRequestProblem(value)).toEqual({ id, expected: expect.stringContaining(expected) });
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

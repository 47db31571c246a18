import { expect, test } from 'vitest';
import {
  RPC_CODE_SENTENCES,
  RPC_REFUSAL_SENTENCES,
  RPC_UNKNOWN_SENTENCES,
  rpcErrorSentence,
} from './error-sentences.ts';
import { RPC_CODE, RPC_REFUSALS, refusal } from './errors.ts';

const all = [
  ...Object.entries(RPC_REFUSAL_SENTENCES),
  ...Object.entries(RPC_CODE_SENTENCES),
  ...Object.entries(RPC_UNKNOWN_SENTENCES),
];

test('every refusal and every code has a sentence in both languages, its own', () => {
  expect(Object.keys(RPC_REFUSAL_SENTENCES)).toEqual(Object.keys(RPC_REFUSALS));
  expect(Object.keys(RPC_CODE_SENTENCES)).toEqual(Object.keys(RPC_CODE));
  expect(new Set(all.map(([, { en }]) => en)).size).toBe(all.length);
  expect(new Set(all.map(([, { ko }]) => ko)).size).toBe(all.length);
});

test.each(all)('%s reads as a sentence', (_name, { en, ko }) => {
  expect(en).toMatch(/^[A-Z].*\.$/);
  expect(ko).toMatch(/^[가-힣].*[가-힣]\.$/);
});

test('an unknown outcome is never told as a failure', () => {
  for (const { en, ko } of [...Object.values(RPC_UNKNOWN_SENTENCES), RPC_CODE_SENTENCES.internalError]) {
    expect(en).toMatch(/^We are checking: /);
    expect(ko).toMatch(/^확인하고 있어요\. /);
  }
});

test('an error object is told by its reason, then by its code, then in general', () => {
  expect(rpcErrorSentence(refusal('pool-full', 'expected room, got none'))).toBe(RPC_REFUSAL_SENTENCES['pool-full']);
  expect(rpcErrorSentence({ code: -32000, message: 'nonce too low' })).toBe(RPC_REFUSAL_SENTENCES['nonce-too-low']);
  expect(rpcErrorSentence({ code: -32602, message: 'invalid argument 0' })).toBe(RPC_CODE_SENTENCES.invalidParams);
  expect(rpcErrorSentence({ code: 7, message: 'the moon is full' })).toBe(RPC_CODE_SENTENCES.serverError);
});

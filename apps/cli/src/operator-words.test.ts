import { expect, test } from 'vitest';
import { listOptions, readWords } from './operator-words.ts';

const read = (...argv: string[]) => {
  const { verb, id, values } = readWords(argv, listOptions);
  return { verb, id, values: { ...values } };
};

test('a command without words lists', () => {
  expect(read()).toEqual({ verb: 'list', id: undefined, values: { all: false, help: false } });
});

test('a verb, what it is about and the options are told apart wherever they stand', () => {
  const words = { verb: 'ack', id: '7', values: { all: false, help: false, reason: 'seen', key: 'k' } };
  expect(read('ack', '7', '--reason', 'seen', '--key', 'k')).toEqual(words);
  expect(read('--reason', 'seen', 'ack', '--key', 'k', '7')).toEqual(words);
});

test('an option of one command is none of another', () => {
  const { values } = readWords(['stop', '--token', 'EST'], { ...listOptions, token: { type: 'string' } });
  expect(values.token).toBe('EST');
  expect(() => read('stop', '--token', 'EST')).toThrow("Unknown option '--token'");
});

import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer.ts';

const TEXT = 'HTTP/1.1 202 Accepted\r\nDate: now\r\nContent-Length: 5\r\n\r\nhello';
const read = (text: string) => {
  const answer = readAnswer(Buffer.from(text));
  return answer && { status: answer.status, body: answer.body.toString() };
};

describe('an HTTP answer', () => {
  it('is its status and its body, whatever the case of the header names', () => {
    expect(read(TEXT)).toEqual({ status: 202, body: 'hello' });
    expect(read('HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n')).toEqual({ status: 200, body: '' });
  });

  it('is incomplete as long as one byte is missing', () => {
    for (let length = 0; length < TEXT.length; length++)
      expect(read(TEXT.slice(0, length)), `${length}`).toBeUndefined();
  });

  it.each([
    ['bytes of another protocol', 'SSH-2.0\r\n\r\n', 'Expected a status line of HTTP/1.1'],
    ['no length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'Expected an answer with content-length'],
    [
      'a length in another header',
      'HTTP/1.1 200 OK\r\nx-content-length: 3\r\n\r\nabc',
      'an answer with content-length',
    ],
    ['more than the answer', `${TEXT}HTTP`, 'Expected an answer of 60 bytes from the server, got "HTTP".'],
    ['a head without an end', 'x'.repeat(20_000), 'Expected the end of the head within 16384 bytes'],
  ])('is refused with %s', (_rule, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

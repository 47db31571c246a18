import { describe, expect, it, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { issueReceipt } from './issue.ts';
import { decodeReceiptFile, encodeReceiptFile, receiptBytes, ReceiptFormError } from './receipt.ts';
import { issuer, samplePayment } from './testing.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const sample = samplePayment();
const file = issueReceipt(sample.facts, sample.proof, issuer);

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 code units, at every depth, and writes no space', () => {
    expect(canonicalJson({ b: [{ z: 1, a: '가' }, 'x\n'], a: 0, B: {} })).toBe(
      '{"B":{},"a":0,"b":[{"a":"가","z":1},"x\\n"]}',
    );
  });

  it.each([1.5, -1, Number.NaN, 2 ** 53, -0])('refuses the number %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(RangeError);
  });
});

describe('base64', () => {
  it('gives back what it was given, of any length', () => {
    for (let length = 0; length < 9; length++) {
      const bytes = Uint8Array.from({ length }, (_unused, index) => 251 - index * 7);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }
  });

  // `AB==` and `AA==` would both mean one zero byte if the last four bits were ignored.
  it.each(['AB==', 'AAB=', 'AA', 'A===', 'AA=A', 'A-_A', ' AAA', 'AAA\n'])('refuses %j', (text) => {
    expect(() => fromBase64(text)).toThrow(RangeError);
  });
});

describe('a receipt file', () => {
  it('is read and written back to the same bytes', () => {
    const { receipt, signature } = decodeReceiptFile(bytesOf(file));
    expect(encodeReceiptFile(receipt, signature)).toBe(file);
  });

  it('holds the signed bytes as they are, where a stranger can cut them out', () => {
    const { receipt } = decodeReceiptFile(bytesOf(file));
    expect(file.startsWith('{"receipt":')).toBe(true);
    expect(file.slice('{"receipt":'.length, file.lastIndexOf(',"signature":"'))).toBe(
      new TextDecoder().decode(receiptBytes(receipt)),
    );
  });

  it('is made with the same bytes again', () => {
    expect(issueReceipt(sample.facts, sample.proof, issuer)).toBe(file);
  });

  // 65,536 is the most that a block can hold by the protocol; a node's gas limit ends it at some 2,800 token transfers.
  test.each([
    [1, 0],
    [2_803, 2_802],
    [5_900, 5_000],
    [32_768, 30_000],
  ])('has 8 KiB at most for a block with %i transactions', (count, index) => {
    const { facts, proof } = samplePayment({ count, index });
    expect(bytesOf(issueReceipt(facts, proof, issuer)).length).toBeLessThanOrEqual(8192);
  });

  const changed: [string, string][] = [
    ['a newline at the end', `${file}\n`],
    ['a byte order mark', `\uFEFF${file}`],
    ['a space', file.replace('{"receipt":{', '{"receipt": {')],
    ['a field twice', file.replace('"result":"success"', '"result":"success","result":"success"')],
    ['a field more', file.replace('"result":"success"', '"result":"success","return":"x"')],
    ['a field less', file.replace('"result":"success",', '')],
    ['another order', file.replace(/("payee":"0x[0-9a-f]+"),("payer":"0x[0-9a-f]+")/, '$2,$1')],
    ['another version', file.replace('"version":1', '"version":2')],
    ['a number as text', file.replace('"version":1', '"version":"1"')],
    ['another way to write a letter', file.replace('"success"', '"\\u0073uccess"')],
    ['a name of Object.prototype', file.replace('"result":"success"', '"__proto__":"x","result":"success"')],
    ['nothing', ''],
    ['another kind of JSON', '[]'],
  ];
  it.each(changed)('is refused with %s', (_what, text) => {
    expect(text).not.toBe(file);
    expect(() => decodeReceiptFile(bytesOf(text))).toThrow(ReceiptFormError);
  });

  it('is refused where it is longer than any receipt', () => {
    expect(() => decodeReceiptFile(new Uint8Array(16_385))).toThrow(/16384 bytes at most, got 16385/);
  });

  it('says nothing of the memo but its commitment', () => {
    const { facts, proof } = samplePayment({ memo: '둘만의 비밀 이야기' });
    const text = issueReceipt(facts, proof, issuer);
    expect(text).not.toContain('비밀');
    expect(text).not.toContain(Buffer.from(facts.memoSalt).toString('hex'));
    expect(text).not.toContain(toBase64(facts.memoSalt));
  });
});

/**
 * What goes wrong in published clients, met on purpose: each test names the trap and shows that it is refused or read as the
 * chain has it. The inputs are what JavaScript hands over, past the types.
 */
import { fromHex0x, toHex0x } from '@jigeum/std';
import { describe, expect, test } from 'vitest';
import { RecordError } from './record.ts';
import { decodeRlp, encodeRlp, integerToBytes, type RlpItem } from './rlp.ts';
import { decodeSct20, encodeSct20 } from './sct/sct20.ts';
import { encodeSct30 } from './sct/sct30.ts';
import { isChecksumCase, parseSymId, symIdToBytes, toChecksumCase } from './symid.ts';
import { symverseVectors } from './testing/vectors.ts';
import { signingPayload, signTransaction } from './transaction/signing.ts';
import { decodeTransaction, encodeTransaction, type UnsignedTransaction } from './transaction/transaction.ts';

const [vector] = symverseVectors().transactions;
const { v: _v, r: _r, s: _s, ...unsigned } = decodeTransaction(fromHex0x(vector!.raw));
const key = fromHex0x(vector!.private_key);

/** The transaction with fields as a caller without types would write them. */
const careless = (fields: Readonly<Record<string, unknown>>): UnsignedTransaction => ({ ...unsigned, ...fields });

describe('a caller without types', () => {
  test.each<[string, string, unknown, string]>([
    [
      'a decimal text as an amount, which symjs writes as ASCII',
      'value',
      '1000',
      'as a bigint such as 1000n, got a string',
    ],
    ['a hex text as an amount', 'value', '0x3e8', 'as a bigint such as 1000n, got a string'],
    ['the text "0" as a nonce, which symjs writes as the byte 0x30', 'nonce', '0', 'got a string'],
    ['a number as a nonce', 'nonce', 7, 'got a number'],
    ['a fraction as gas', 'gas', 49_000.5, 'got a number'],
    ['nothing as a price', 'gasPrice', undefined, 'got a undefined'],
    ['a negative amount', 'value', -1n, 'zero or more, got -1'],
    ['an amount over 256 bits', 'value', 2n ** 256n, 'at most 32 bytes, got 33'],
    ['a SymID without 0x, which would lose its first byte', 'from', '00021000000000010002', 'Expected a SymID'],
    ['an Ethereum address', 'to', `0x${'ab'.repeat(20)}`, 'Expected a SymID'],
    ['nothing as the receiver, where null creates', 'to', undefined, 'Expected a SymID'],
    ['hex text as the input', 'input', '0x00', 'got a string'],
    ['a list of numbers as the input', 'input', [1, 2], 'Expected'],
    ['another type', 'type', 3, 'Expected one of 0, 1, 2, got 3'],
    ['one work node that is no list', 'workNodes', '0x00021000000000010002', 'Expected'],
  ])('is refused %s', (_what, field, value, message) => {
    expect(() => signTransaction(careless({ [field]: value }), 2n, key)).toThrow(message);
  });

  test('is told the field', () => {
    expect(() => signTransaction(careless({ value: '1000' }), 2n, key)).toThrow(RecordError);
    expect(() => signTransaction(careless({ value: '1000' }), 2n, key)).toThrow(
      'Field value of the transaction: Expected an integer as a bigint such as 1000n, got a string.',
    );
  });

  test('cannot sign for no chain: symjs then signs six fields only', () => {
    expect(() => signTransaction(unsigned, 0n, key)).toThrow('chain id of 1 or more, got 0');
    expect(() => signTransaction(unsigned, undefined as unknown as bigint, key)).toThrow('as a bigint');
    expect(() => signTransaction(unsigned, '2' as unknown as bigint, key)).toThrow('as a bigint');
  });

  test('may hand over a Buffer, and gets bytes that share nothing with it', () => {
    const buffer = Buffer.from(fromHex0x(vector!.raw));
    const transaction = decodeTransaction(buffer);
    const before = toHex0x(encodeTransaction(transaction));
    const [from] = decodeRlp(buffer) as readonly Uint8Array[];
    buffer.fill(0xff);
    expect(toHex0x(encodeTransaction(transaction))).toBe(before);
    expect(from!.constructor).toBe(Uint8Array);
    expect(toHex0x(from!)).toBe(unsigned.from);
  });

  test('cannot make RLP of what is neither bytes nor a list', () => {
    for (const item of [7, 'text', null, undefined, {}, [1n]])
      expect(() => encodeRlp(item as RlpItem)).toThrow(TypeError);
    expect(() => integerToBytes(5 as unknown as bigint)).toThrow('got a number');
  });
});

describe('an amount of zero', () => {
  const to = parseSymId('0x00020000000000060002');

  test('is the empty string, and the byte 0x00 of published clients is read as the same', () => {
    expect(toHex0x(encodeSct20({ method: 'transfer', to, amount: 0n }))).toBe('0xcf1401cc8a0002000000000006000280');
    expect(decodeSct20(fromHex0x('0xcf1401cc8a0002000000000006000200'))).toEqual({
      method: 'transfer',
      to,
      amount: 0n,
    });
    expect(() => decodeSct20(fromHex0x('0xd11401ce8a0002000000000006000282000a'))).toThrow('leading zero');
  });

  test('in a transaction has one form only', () => {
    expect(encodeTransaction({ ...decodeTransaction(fromHex0x(vector!.raw)), value: 0n })).toBeInstanceOf(Uint8Array);
    const items = [...(decodeRlp(fromHex0x(vector!.raw)) as readonly RlpItem[])];
    items[5] = Uint8Array.of(0);
    expect(() => decodeTransaction(encodeRlp(items))).toThrow('Field value of the transaction');
  });
});

test('no work nodes are 0x80 when left out and 0xc0 when empty, and both keep their signature', () => {
  const payloads = [null, []].map((workNodes) => toHex0x(signingPayload({ ...unsigned, workNodes }, 2n)));
  expect(new Set(payloads).size).toBe(2);
  for (const workNodes of [null, []]) {
    const { raw, transaction } = signTransaction({ ...unsigned, workNodes }, 2n, key);
    expect(decodeTransaction(raw)).toEqual(transaction);
  }
});

test('half a character in a text is refused, for it would come back as another', () => {
  const item = { type: '1', name: 'dog', value: 1n, category: '\ud800', property: '', description: '' };
  expect(() => encodeSct30({ method: 'createItem', items: [item] })).toThrow('well-formed text, got half a character');
});

describe('the case of a SymID', () => {
  const lower = '0ced1024eed02b234df2';
  const checked = '0CED1024EEd02B234df2';

  test('is EIP-55 with SHA3-256: right, lowercase and wrong', () => {
    expect(toChecksumCase(lower)).toBe(checked);
    expect(isChecksumCase(checked)).toBe(true);
    expect(parseSymId(`0x${checked}`)).toBe(`0x${lower}`);
    expect(parseSymId(`0x${lower}`)).toBe(`0x${lower}`);
    // The checksum that keccak-256 gives, as a library for Ethereum would.
    expect(() => parseSymId('0x0CED1024Eed02B234DF2')).toThrow('capitals');
    expect(() => parseSymId(`0x${lower.toUpperCase()}`)).toThrow('capitals');
  });

  test('is no part of the bytes, and only the lowercase form goes to the wire', () => {
    expect(toHex0x(symIdToBytes(parseSymId(`0x${checked}`)))).toBe(`0x${lower}`);
    expect(() => symIdToBytes(`0x${checked}` as never)).toThrow('Expected a SymID in lowercase');
  });
});

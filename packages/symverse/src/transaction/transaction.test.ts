import { fromHex0x, hexToBytes, toHex0x } from '@jigeum/std';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordError } from '../record.ts';
import { decodeRlp, encodeRlp, isRlpList, RlpError, type RlpItem } from '../rlp.ts';
import { CURVE_ORDER } from '../signature.ts';
import { parseSymId, symIdFromBytes } from '../symid.ts';
import { symverseVectors } from '../testing/vectors.ts';
import {
  decodeTransaction,
  encodeTransaction,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_FIELDS,
  type Transaction,
  type TransactionType,
} from './transaction.ts';

const vectors = symverseVectors();
const [sample] = vectors.transactions;

/** The sample's thirteen items with one replaced. */
function withField(name: (typeof TRANSACTION_FIELDS)[number][0], item: RlpItem): Uint8Array {
  const items = [...(decodeRlp(fromHex0x(sample!.raw)) as readonly RlpItem[])];
  items[TRANSACTION_FIELDS.findIndex(([field]) => field === name)] = item;
  return encodeRlp(items);
}

function refusedField(raw: Uint8Array): string | null {
  try {
    decodeTransaction(raw);
  } catch (error) {
    if (error instanceof RecordError) return error.field;
    throw error;
  }
  throw new Error('accepted');
}

describe('transaction', () => {
  test('has thirteen fields in the order of the chain', () => {
    expect(TRANSACTION_FIELDS.map(([name]) => name)).toEqual([
      'from',
      'nonce',
      'gasPrice',
      'gas',
      'to',
      'value',
      'input',
      'type',
      'workNodes',
      'extraData',
      'v',
      'r',
      's',
    ]);
  });

  test.each(vectors.transactions)('decodes and encodes $name', ({ raw, fields, v, r, s }) => {
    const transaction = decodeTransaction(fromHex0x(raw));
    expect(toHex0x(encodeTransaction(transaction))).toBe(raw);
    expect(transaction.from).toBe(fields[0]);
    expect(transaction.to).toBe(fields[4] === '0x' ? null : fields[4]);
    expect(toHex0x(transaction.input)).toBe(fields[6]);
    expect({ v: transaction.v, r: transaction.r, s: transaction.s }).toEqual({ v, r: BigInt(r), s: BigInt(s) });
  });

  test('decodes a transaction of the test network to its published fields', () => {
    const [{ raw, tx }] = vectors.real_transactions as [(typeof vectors.real_transactions)[0]];
    expect(decodeTransaction(fromHex0x(raw))).toEqual({
      from: tx.from,
      nonce: BigInt(tx.nonce),
      gasPrice: BigInt(tx.gasPrice),
      gas: BigInt(tx.gas),
      to: tx.to,
      value: BigInt(tx.value),
      input: new Uint8Array(0),
      type: 0,
      workNodes: tx.workNodes,
      extraData: new Uint8Array(0),
      v: 0,
      r: BigInt(tx.r),
      s: BigInt(tx.s),
    });
  });

  test.each(vectors.php_raws)(
    'refuses the PHP client, which writes zero as the byte 0x00, and names the field',
    ({ raw }) => {
      expect(() => decodeTransaction(fromHex0x(raw))).toThrow(
        'Field type of the transaction: Expected an integer without leading zero bytes (zero itself is the empty string).',
      );
      expect(refusedField(fromHex0x(raw))).toBe('type');
    },
  );

  test.each<[string, Parameters<typeof withField>[0], RlpItem]>([
    ['a SymID of nine bytes', 'from', new Uint8Array(9)],
    ['no sender', 'from', new Uint8Array(0)],
    ['a nonce with a leading zero', 'nonce', Uint8Array.of(0, 1)],
    ['a nonce over 64 bits', 'nonce', new Uint8Array(9).fill(1)],
    ['a receiver of 20 bytes', 'to', new Uint8Array(20)],
    ['a value over 256 bits', 'value', new Uint8Array(33).fill(1)],
    ['a list as input', 'input', []],
    ['type 3, whose payload is not published', 'type', Uint8Array.of(3)],
    ['a byte string as work nodes', 'workNodes', new Uint8Array(10)],
    ['four work nodes', 'workNodes', [1, 2, 3, 4].map((byte) => new Uint8Array(10).fill(byte))],
    ['Ethereum’s v of 27', 'v', Uint8Array.of(27)],
    ['r of zero', 'r', new Uint8Array(0)],
    ['r of the order', 'r', hexToBytes(CURVE_ORDER.toString(16))],
    ['s of zero', 's', new Uint8Array(0)],
    ['s in the high half', 's', hexToBytes((CURVE_ORDER - BigInt(sample!.s)).toString(16))],
  ])('refuses %s and names the field', (_what, field, item) => {
    expect(refusedField(withField(field, item))).toBe(field);
  });

  test('refuses another number of fields, a byte string, and trailing bytes', () => {
    const items = decodeRlp(fromHex0x(sample!.raw)) as readonly RlpItem[];
    // Documents of 2019 print transactions of twelve fields, without extraData.
    expect(() => decodeTransaction(encodeRlp(items.slice(1)))).toThrow('of 13 fields, got 12');
    expect(() => decodeTransaction(encodeRlp([...items, new Uint8Array(0)]))).toThrow('of 13 fields, got 14');
    expect(() => decodeTransaction(encodeRlp(new Uint8Array(40)))).toThrow('got a byte string');
    expect(() => decodeTransaction(Uint8Array.of(...fromHex0x(sample!.raw), 0))).toThrow(RlpError);
  });

  test('refuses more than 32 KB, both ways', () => {
    const transaction = {
      ...decodeTransaction(fromHex0x(sample!.raw)),
      input: new Uint8Array(TRANSACTION_BYTES_MAX - 150),
    };
    expect(decodeTransaction(encodeTransaction(transaction))).toEqual(transaction);
    const large = { ...transaction, input: new Uint8Array(TRANSACTION_BYTES_MAX) };
    expect(() => encodeTransaction(large)).toThrow('at most 32768 bytes');
    expect(() => decodeTransaction(new Uint8Array(TRANSACTION_BYTES_MAX + 1))).toThrow(
      'at most 32768 bytes, got 32769',
    );
  });

  test('keeps the two ways of writing no work nodes apart, because the signature covers them', () => {
    const omitted = withField('workNodes', new Uint8Array(0));
    const empty = withField('workNodes', []);
    expect(decodeTransaction(omitted).workNodes).toBeNull();
    expect(decodeTransaction(empty).workNodes).toEqual([]);
    expect(encodeTransaction(decodeTransaction(omitted))).toEqual(omitted);
    expect(encodeTransaction(decodeTransaction(empty))).toEqual(empty);
  });

  test('refuses to encode a signature that could not be decoded', () => {
    const transaction = decodeTransaction(fromHex0x(sample!.raw));
    expect(() => encodeTransaction({ ...transaction, s: CURVE_ORDER - transaction.s })).toThrow(
      'Field s of the transaction',
    );
  });

  const address = fc.uint8Array({ minLength: 10, maxLength: 10 }).map(symIdFromBytes);
  const uint = (bits: bigint) => fc.bigInt(0n, 2n ** bits - 1n);
  const transactions: fc.Arbitrary<Transaction> = fc.record({
    from: address,
    nonce: uint(64n),
    gasPrice: uint(256n),
    gas: uint(64n),
    to: fc.option(address, { nil: null }),
    value: uint(256n),
    input: fc.uint8Array({ maxLength: 100 }),
    type: fc.constantFrom<TransactionType>(0, 1, 2),
    workNodes: fc.option(fc.array(address, { maxLength: 3 }), { nil: null }),
    extraData: fc.uint8Array({ maxLength: 60 }),
    v: fc.constantFrom<0 | 1>(0, 1),
    r: fc.bigInt(1n, CURVE_ORDER - 1n),
    s: fc.bigInt(1n, CURVE_ORDER >> 1n),
  });

  test('decodes to what was encoded', () => {
    fc.assert(
      fc.property(transactions, (transaction) => {
        expect(decodeTransaction(encodeTransaction(transaction))).toEqual(transaction);
      }),
      { numRuns: 100 },
    );
  });

  test('is not written with a type that is no number of a type', () => {
    for (const type of [null, '', false, '1', 3, 2n ** 64n]) {
      const broken = { ...decodeTransaction(fromHex0x(sample!.raw)), type } as unknown as Transaction;
      expect(() => encodeTransaction(broken)).toThrow('Field type of the transaction: Expected one of 0, 1, 2');
    }
  });

  test('shares no memory with its bytes', () => {
    const raw = fromHex0x(sample!.raw);
    const [transaction, same] = [decodeTransaction(raw), decodeTransaction(raw.slice())];
    raw.fill(0);
    expect(transaction).toEqual(same);
  });

  test('has one form: bytes that decode encode to themselves', () => {
    fc.assert(
      fc.property(transactions, fc.nat(), fc.integer({ min: 1, max: 255 }), (transaction, at, flip) => {
        const raw = encodeTransaction(transaction);
        raw[at % raw.length]! ^= flip;
        try {
          expect(encodeTransaction(decodeTransaction(raw))).toEqual(raw);
        } catch (error) {
          if (!(error instanceof RlpError) && !(error instanceof RecordError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is a plain list on the wire', () => {
    const transaction = decodeTransaction(fromHex0x(sample!.raw));
    expect(isRlpList(decodeRlp(encodeTransaction(transaction)))).toBe(true);
    expect(transaction.from).toBe(parseSymId(sample!.input.from));
  });
});

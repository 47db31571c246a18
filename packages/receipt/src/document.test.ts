/** docs/protocol/payment-receipt.md against the code: the table has every field, and the example is computed anew. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toHex0x } from '@jigeum/std';
import { issueReceipt } from './issue.ts';
import { decodeReceiptFile, receiptBytes, type Receipt } from './receipt.ts';
import { issuer, known, samplePayment } from './testing.ts';
import { verifyReceipt } from './verify.ts';

const page = readFileSync(new URL('../../../docs/protocol/payment-receipt.md', import.meta.url), 'utf8');
const valueOf = (name: string): string => new RegExp(`^${name} = (.*)$`, 'm').exec(page)![1]!;
const sample = samplePayment();
const file = issueReceipt(sample.facts, sample.proof, issuer);

test('the example is what the code makes', () => {
  expect(valueOf('issuer-public-key')).toBe(toHex0x(issuer.publicKey));
  expect(valueOf('file')).toBe(file);
  const bytes = new TextEncoder().encode(valueOf('file'));
  const { receipt } = decodeReceiptFile(bytes);
  expect(valueOf('signed-bytes')).toBe(receiptBytes(receipt).length.toString());
  expect(verifyReceipt(bytes, known, { text: '점심', salt: new Uint8Array(32).fill(4) }).kind).toBe('valid');
});

test('the signed bytes are the file without its first 11 and its last 104 bytes', () => {
  const bytes = new TextEncoder().encode(file);
  expect(bytes.subarray(11, bytes.length - 104)).toEqual(receiptBytes(decodeReceiptFile(bytes).receipt));
});

test('the table names every field, in order', () => {
  const { receipt } = decodeReceiptFile(new TextEncoder().encode(file));
  const named = [...page.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  );
  expect(named).toEqual(fieldsOf(receipt));
});

/** The names of all fields, nested ones with a dot, sorted as the file has them. */
const fieldsOf = (receipt: Receipt): string[] =>
  Object.entries(receipt)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, value]: [string, unknown]) =>
      typeof value !== 'object' || value === null
        ? [name]
        : Object.keys(value)
            .toSorted()
            .map((inner) => `${name}.${inner}`),
    );

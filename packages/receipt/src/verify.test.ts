import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nativeCrypto } from '@jigeum/symverse/native';
import { fromBase64 } from './base64.ts';
import { issueReceipt, ReceiptRefusedError } from './issue.ts';
import { createIssuer } from './issuer.ts';
import { decodeReceiptFile, encodeReceiptFile, receiptBytes, type Receipt } from './receipt.ts';
import { issuer, known, samplePayment } from './testing.ts';
import { verifyReceipt, type KnownKeys } from './verify.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const sample = samplePayment({ count: 40, index: 17 });
const file = bytesOf(issueReceipt(sample.facts, sample.proof, issuer));
const { receipt } = decodeReceiptFile(file);

const verify = (bytes: Uint8Array, keys: KnownKeys = known) => verifyReceipt(bytes, keys, undefined, nativeCrypto);
const outcomesOf = (bytes: Uint8Array, keys: KnownKeys = known): string[] =>
  verify(bytes, keys).steps.map(({ name, outcome }) => `${name} ${outcome}`);
/** The receipt with other content, signed by its issuer as if that were true. */
const resigned = (change: Partial<Receipt>): Uint8Array => {
  const changed = { ...receipt, ...change };
  return bytesOf(encodeReceiptFile(changed, issuer.sign(receiptBytes(changed))));
};
const failedSteps = (bytes: Uint8Array): string[] =>
  verify(bytes)
    .steps.filter(({ outcome }) => outcome === 'failed')
    .map(({ name }) => name);

describe('a receipt', () => {
  it('passes every step for somebody who knows the two keys', () => {
    expect(verify(file).kind).toBe('valid');
    expect(outcomesOf(file)).toEqual([
      'form passed',
      'issuer-signature passed',
      'issuer-key passed',
      'header passed',
      'seal passed',
      'sealer-key passed',
      'inclusion passed',
      'transaction passed',
      'payment passed',
      'result passed',
    ]);
  });

  it('says what each step means in Korean and English', () => {
    for (const { ko, en, detail } of verify(file).steps) {
      expect(ko).toMatch(/[가-힣].*[.]$/);
      expect(en).toMatch(/^[A-Z].*[.]$/);
      expect(detail).not.toBe('');
    }
  });

  it('carries a signature that OpenSSL accepts', () => {
    const { signature } = decodeReceiptFile(file);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), fromBase64(receipt.issuer.publicKey)]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verifyEd25519(null, receiptBytes(receipt), key, signature)).toBe(true);
  });

  it('is refused with any bit of any byte flipped', () => {
    const accepted: string[] = [];
    for (let at = 0; at < file.length; at++) {
      for (const bit of new Set([0, 5, at % 8])) {
        const flipped = file.with(at, file[at]! ^ (1 << bit));
        const { kind, steps } = verify(flipped);
        if (kind !== 'invalid' || !steps.some(({ outcome }) => outcome === 'failed')) accepted.push(`${at}.${bit}`);
      }
    }
    expect(accepted).toEqual([]);
  }, 120_000);

  it('is refused cut off anywhere, and with a byte more', () => {
    for (let length = 0; length < file.length; length += 97)
      expect(verify(file.subarray(0, length)).kind).toBe('invalid');
    expect(verify(Uint8Array.from([...file, 0x20])).kind).toBe('invalid');
  });
});

describe('an issuer that states something untrue', () => {
  it.each<[string, Partial<Receipt>, string[]]>([
    ['another amount', { amount: { base: '13000000000000000000000', words: '13,000 EST' } }, ['payment']],
    ['other words', { amount: { ...receipt.amount, words: '13,000 EST' } }, ['payment']],
    ['other decimals', { token: { ...receipt.token, decimals: 17 } }, ['payment']],
    ['another token', { token: { ...receipt.token, contract: receipt.payee } }, ['payment']],
    ['another payee', { payee: receipt.payer }, ['payment']],
    ['another payer', { payer: receipt.payee }, ['transaction']],
    ['another hash', { transactionHash: `0x${'1'.repeat(64)}` }, ['transaction']],
    ['another time', { time: '2026-01-02T00:00:00.000Z' }, ['header']],
    ['another block', { block: { ...receipt.block, number: '1' } }, ['header']],
    ['another block hash', { block: { ...receipt.block, hash: `0x${'2'.repeat(64)}` } }, ['header']],
    ['another place', { proof: { ...receipt.proof, index: '18' } }, ['inclusion']],
    ['another chain', { chainId: '7778' }, ['header']],
    ['another sealer', { sealer: { ...receipt.sealer, keyHash: `0x${'3'.repeat(40)}` } }, ['seal']],
    ['no path', { proof: { ...receipt.proof, transaction: [] } }, ['inclusion']],
    ['another key id', { issuer: { ...receipt.issuer, keyId: `0x${'4'.repeat(64)}` } }, ['issuer-signature']],
  ])('is refused for %s', (_what, change, steps) => {
    expect(failedSteps(resigned(change))).toEqual(steps);
    expect(verify(resigned(change)).kind).toBe('invalid');
  });

  it('cannot sign what the verifier would refuse', () => {
    const { facts, proof } = samplePayment();
    expect(() => issueReceipt({ ...facts, amount: 1n }, proof, issuer, nativeCrypto)).toThrow(ReceiptRefusedError);
    const other = samplePayment({ count: 4 });
    expect(() => issueReceipt(facts, { ...proof, header: other.proof.header }, issuer, nativeCrypto)).toThrow(
      ReceiptRefusedError,
    );
  });

  it('cannot make a receipt of a transaction that runs no contract, whatever its input says', () => {
    const { facts, proof } = samplePayment({ type: 0 });
    expect(() => issueReceipt(facts, proof, issuer, nativeCrypto)).toThrow(
      /payment: Expected the type of the transaction to be 1, got 0/,
    );
  });

  it('cannot make a receipt of a transaction that failed', () => {
    const { facts, proof } = samplePayment({ isSuccess: false });
    expect(() => issueReceipt(facts, proof, issuer, nativeCrypto)).toThrow(
      /result: Expected the status .* to be 1, got 0/,
    );
  });
});

describe('keys', () => {
  it('that nobody has named leave the receipt unvouched, not valid', () => {
    const verdict = verify(file, { issuerKeyIds: [], sealerKeyHashes: [] });
    expect(verdict.kind).toBe('keys-unknown');
    expect(verdict.steps.filter(({ outcome }) => outcome === 'unknown').map(({ name }) => name)).toEqual([
      'issuer-key',
      'sealer-key',
    ]);
  });

  it('that are not among the known ones are refused', () => {
    expect(
      failedSteps(bytesOf(issueReceipt(sample.facts, sample.proof, createIssuer(new Uint8Array(32).fill(9))))),
    ).toEqual(['issuer-key']);
    expect(outcomesOf(file, { ...known, sealerKeyHashes: [`0x${'5'.repeat(40)}`] })).toContain('sealer-key failed');
  });

  it('of the past still count where they are known beside the present one', () => {
    const issuerKeyIds = [createIssuer(new Uint8Array(32).fill(9)).keyId, issuer.keyId];
    expect(verify(file, { ...known, issuerKeyIds }).kind).toBe('valid');
  });
});

describe('a memo that is shown beside a receipt', () => {
  it('fits its commitment, and no other memo or salt does', () => {
    const memoOf = (text: string, salt: Uint8Array) =>
      verifyReceipt(file, known, { text, salt }, nativeCrypto).steps.at(-1)!.outcome;
    expect(memoOf('점심', sample.facts.memoSalt)).toBe('passed');
    expect(memoOf('저녁', sample.facts.memoSalt)).toBe('failed');
    expect(memoOf('점심', new Uint8Array(32))).toBe('failed');
  });
});

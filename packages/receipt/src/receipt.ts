/**
 * A receipt as a file: what it states, how it is written, and which bytes the issuer signs. docs/protocol/payment-receipt.md
 * is the definition for those who write their own verifier.
 */
import type { SymId } from '@jigeum/symverse';
import { canonicalJson, type CanonicalValue } from './canonical-json.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** What a receipt states. It holds nothing about a person: the chain's own names, and a commitment to the memo. */
export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT;
  readonly version: typeof RECEIPT_VERSION;
  /** The receipt's number: the UUID of the transfer. */
  readonly transferId: string;
  readonly issuer: {
    /** `0x` and 64 hex digits: SHA-256 of the public key. */
    readonly keyId: string;
    /** 32 bytes, base64: Ed25519. */
    readonly publicKey: string;
  };
  /** Decimal digits. */
  readonly chainId: string;
  readonly amount: {
    /** Base units, decimal digits. */
    readonly base: string;
    /** For people: `12,000 EST`. */
    readonly words: string;
  };
  readonly token: { readonly contract: SymId; readonly decimals: number; readonly symbol: string };
  readonly payer: SymId;
  readonly payee: SymId;
  /** When the block was closed, ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  readonly result: 'success';
  /** `0x` and 64 hex digits: SHA3-256 of the signed bytes, which stand at the end of `proof.transaction`. */
  readonly transactionHash: string;
  readonly block: {
    readonly number: string;
    readonly hash: string;
    /** RLP of the header, base64. */
    readonly header: string;
    /** 64 bytes, base64. */
    readonly seal: string;
  };
  readonly sealer: {
    readonly symId: SymId;
    /** `0x` and 40 hex digits. */
    readonly keyHash: string;
  };
  readonly proof: {
    /** The transaction's place in its block, decimal digits. */
    readonly index: string;
    /** Nodes from the header's `transactionsRoot` down, base64. */
    readonly transaction: readonly string[];
    /** Nodes from the header's `receiptsRoot` down, base64. */
    readonly receipt: readonly string[];
  };
  /** `0x` and 64 hex digits: see memo.ts. */
  readonly memoCommitment: string;
}

export const RECEIPT_FORMAT = 'jigeum-receipt';
export const RECEIPT_VERSION = 1;
/** No verifier reads more. A receipt of a block with thousands of transactions has some 7,000 bytes. */
export const RECEIPT_BYTES_MAX = 16_384;
/** A path has a node for each nibble of rlp(index) at most, and a block has 65,536 transactions at most. */
const PROOF_NODES_MAX = 8;

/** Not a receipt, or not in its one form. */
export class ReceiptFormError extends Error {
  override readonly name = 'ReceiptFormError';
}

/** The bytes that the issuer signs: the canonical JSON of the receipt, UTF-8. */
export const receiptBytes = (receipt: Receipt): Uint8Array =>
  new TextEncoder().encode(canonicalJson(receipt as unknown as CanonicalValue));

/** The file: the signed bytes stand in it as they are, between `{"receipt":` and `,"signature":"`. `signature`: 64 bytes. */
export const encodeReceiptFile = (receipt: Receipt, signature: Uint8Array): string =>
  canonicalJson({ receipt: receipt as unknown as CanonicalValue, signature: toBase64(signature) });

/**
 * Reads a file. Throws a `ReceiptFormError` that names the field for everything but the one form: another field more or less,
 * another order of keys, a space, a newline at the end.
 */
export function decodeReceiptFile(file: Uint8Array): { receipt: Receipt; signature: Uint8Array } {
  if (file.length > RECEIPT_BYTES_MAX)
    throw new ReceiptFormError(`Expected a receipt of ${RECEIPT_BYTES_MAX} bytes at most, got ${file.length}.`);
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file);
    json = JSON.parse(text);
  } catch (cause) {
    throw new ReceiptFormError(`Expected JSON in UTF-8, got ${file.length} bytes that are not.`, { cause });
  }
  checkShape(FILE_SHAPE, json, 'file');
  const { receipt, signature } = json as { receipt: Receipt; signature: string };
  const bytes = fromBase64(signature);
  if (bytes.length !== 64) throw new ReceiptFormError(`Expected a signature of 64 bytes, got ${bytes.length}.`);
  if (encodeReceiptFile(receipt, bytes) !== text)
    throw new ReceiptFormError('Expected sorted keys and no whitespace, got the same content in another form.');
  return { receipt, signature: bytes };
}

/** One value, a text by a rule, a whole number up to a bound, a list of up to so many, or an object with exactly these fields. */
type Shape =
  | { readonly exactly: string | number }
  | { readonly text: RegExp; readonly is: string }
  | { readonly upTo: number }
  | { readonly listOf: Shape; readonly countMax: number }
  | { readonly fields: Readonly<Record<string, Shape>> };

const HASH: Shape = { text: /^0x[0-9a-f]{64}$/, is: '0x and 64 hex digits' };
const SYM_ID: Shape = { text: /^0x[0-9a-f]{20}$/, is: '0x and 20 hex digits' };
const DIGITS: Shape = { text: /^(?:0|[1-9][0-9]{0,77})$/, is: 'decimal digits without leading zeros' };
const BASE64: Shape = { text: /^[A-Za-z0-9+/]+={0,2}$/, is: 'base64' };
const NODES: Shape = { listOf: BASE64, countMax: PROOF_NODES_MAX };

const FILE_SHAPE: Shape = {
  fields: {
    receipt: {
      fields: {
        amount: {
          fields: {
            base: DIGITS,
            words: { text: /^[0-9,]+(?:\.[0-9]+)? [\p{L}\p{N}\p{S}._-]{1,20}$/u, is: 'an amount in words' },
          },
        },
        block: { fields: { hash: HASH, header: BASE64, number: DIGITS, seal: BASE64 } },
        chainId: DIGITS,
        format: { exactly: RECEIPT_FORMAT },
        issuer: { fields: { keyId: HASH, publicKey: BASE64 } },
        memoCommitment: HASH,
        payee: SYM_ID,
        payer: SYM_ID,
        proof: { fields: { index: DIGITS, receipt: NODES, transaction: NODES } },
        result: { exactly: 'success' },
        sealer: { fields: { keyHash: { text: /^0x[0-9a-f]{40}$/, is: '0x and 40 hex digits' }, symId: SYM_ID } },
        time: { text: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/, is: 'an instant in UTC' },
        token: {
          fields: {
            contract: SYM_ID,
            decimals: { upTo: 36 },
            symbol: { text: /^[\p{L}\p{N}\p{S}._-]{1,20}$/u, is: 'a symbol' },
          },
        },
        transactionHash: HASH,
        transferId: { text: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, is: 'a UUID' },
        version: { exactly: RECEIPT_VERSION },
      },
    },
    signature: BASE64,
  },
};

function checkShape(shape: Shape, value: unknown, path: string): void {
  if ('exactly' in shape) {
    if (value !== shape.exactly) throw wrong(path, shape.exactly.toString(), value);
  } else if ('text' in shape) {
    if (typeof value !== 'string' || !shape.text.test(value)) throw wrong(path, shape.is, value);
  } else if ('upTo' in shape) {
    const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= shape.upTo;
    if (!isCount) throw wrong(path, `a whole number up to ${shape.upTo}`, value);
  } else if ('listOf' in shape) {
    if (!Array.isArray(value) || value.length > shape.countMax)
      throw wrong(path, `a list of ${shape.countMax} at most`, value);
    value.forEach((item, index) => checkShape(shape.listOf, item, `${path}[${index}]`));
  } else {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
    const expected = Object.keys(shape.fields);
    const surplus = Object.keys(value).filter((name) => !Object.hasOwn(shape.fields, name));
    if (surplus.length > 0) throw new ReceiptFormError(`Expected ${path} to have ${expected.join(', ')}, got more.`);
    for (const name of expected)
      checkShape(shape.fields[name]!, (value as Record<string, unknown>)[name], `${path}.${name}`);
  }
}

const wrong = (path: string, expected: string, value: unknown): ReceiptFormError =>
  new ReceiptFormError(
    `Expected ${path} to be ${expected}, got ${value === undefined ? 'nothing' : `a ${typeof value}`}.`,
  );

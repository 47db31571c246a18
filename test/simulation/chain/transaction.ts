/** The simulated chain's own transactions: JSON bytes, signed with the real curve. What a node takes apart must have been put together here. */
import { createHash } from 'node:crypto';
import type { SignedTransaction, Signer, UnsignedIntent } from '@jigeum/chain';
import { bytesToHex, hexToBytes } from '@jigeum/std';
import { keyHash, signatureFromBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';

/** A transaction that a node has read and whose signature is of `keyHash`. */
export interface Transaction {
  raw: Uint8Array;
  /** Hex without prefix. */
  hash: string;
  from: string;
  nonce: number;
  intent: UnsignedIntent;
  /** Hex: whose signature it is. */
  keyHash: string;
}

const BASE_FEE: Record<UnsignedIntent['kind'], bigint> = {
  native: 2_100n,
  transfer: 4_500n,
  mint: 4_500n,
  burn: 4_500n,
  pause: 3_000n,
  unpause: 3_000n,
  create: 600_000n,
  note: 2_500n,
};
/** For each hexadecimal digit of the amount, so that fees differ and a larger amount is dearer. */
const DIGIT_FEE = 7n;

export function feeOf(intent: UnsignedIntent): bigint {
  const amount = 'amount' in intent ? intent.amount : 0n;
  return BASE_FEE[intent.kind] + DIGIT_FEE * BigInt(amount.toString(16).length);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const textOf = (input: { intent: UnsignedIntent; from: string; nonce: number }): string =>
  JSON.stringify([input.from, input.nonce, input.intent], (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? { hex: bytesToHex(value) } : value,
  );

export function sign(input: {
  intent: UnsignedIntent;
  from: string;
  nonce: number;
  signer: Signer;
}): SignedTransaction {
  const text = textOf(input);
  const { r, s, v } = input.signer.sign(new Uint8Array(sha256(Buffer.from(text))));
  const raw = new Uint8Array(Buffer.from(`${text}\n${bytesToHex(r)}${bytesToHex(s)}${v}`));
  return { raw, hash: new Uint8Array(sha256(raw)), feeMax: feeOf(input.intent) };
}

/** Undefined where the bytes are no signed transaction. */
export function read(raw: Uint8Array): Transaction | undefined {
  const whole = Buffer.from(raw).toString('utf8');
  const at = whole.lastIndexOf('\n');
  const signature = whole.slice(at + 1);
  if (at < 0 || !/^[0-9a-f]{128}[01]$/.test(signature)) return undefined;
  const text = whole.slice(0, at);
  const digest = new Uint8Array(sha256(Buffer.from(text)));
  const v = signature[128] === '1' ? 1 : 0;
  const key = keyHash(
    nativeCrypto.recover(digest, signatureFromBytes(hexToBytes(signature.slice(0, 128)), v)),
    nativeCrypto.sha3,
  );
  const [from, nonce, intent] = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : bytesOrSelf(value),
  ) as [string, number, UnsignedIntent];
  return { raw, hash: sha256(raw).toString('hex'), from, nonce, intent, keyHash: bytesToHex(key) };
}

/** The bytes of a note are written as an object with their hex. */
function bytesOrSelf(value: unknown): unknown {
  const hex = (value as { hex?: unknown } | null)?.hex;
  return typeof hex === 'string' ? hexToBytes(hex) : value;
}

/** The most that a transaction takes from its sender, native coin that it moves included. */
export const costOf = (intent: UnsignedIntent): bigint =>
  feeOf(intent) + (intent.kind === 'native' ? intent.amount : 0n);

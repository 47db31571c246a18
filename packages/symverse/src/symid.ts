/**
 * SymIDs: the ten-byte names of the chain. Text is `0x` and 20 lowercase hex digits.
 *
 *   version 2 bits | CA id 14 bits | random 6 bytes | sequence number 2 bytes, big-endian
 *
 * Contracts are named by ten bytes too, without these fields; they have the same type because the wire has.
 */
import { bytesToHex, concatBytes, hexToBytes } from '@jigeum/std';
import { sha3_256 } from './hash.ts';

declare const symIdBrand: unique symbol;

/** `0x` and 20 lowercase hex digits: a person's, node's or contract's name on the chain. Made only by this module. */
export type SymId = `0x${string}` & { readonly [symIdBrand]: true };

/** What the bytes of a SymID say. */
export interface SymIdFields {
  /** 0 today; 1 belongs to a draft whose rules this package does not know. */
  readonly version: number;
  /** 0x0001 is the master CA; up to 0x1400 assigned, above reserved. */
  readonly caId: number;
  /** 6 bytes chosen by the CA; `…01` names the CA itself. */
  readonly random: Uint8Array;
  /** 2–9999 for SymIDs in use; the first of a person is 2. */
  readonly seq: number;
}

export const SYMID_BYTES = 10;
/** The first sequence number that a CA gives out. */
export const SYMID_SEQ_FIRST = 2;
/** The last sequence number that a CA gives out; from 10000 on they are reserved. */
export const SYMID_SEQ_LAST = 9999;

const CANONICAL = /^0x[0-9a-f]{20}$/;
const ANY_CASE = /^0x[0-9a-fA-F]{20}$/;

/** True for `0x` and 20 lowercase hex digits. */
export const isSymId = (value: unknown): value is SymId => typeof value === 'string' && CANONICAL.test(value);

/**
 * Reads a SymID written in lowercase or in checksum case, and gives it in lowercase.
 * Refuses a missing `0x`, another length, and mixed case whose checksum is wrong (a typing error).
 */
export function parseSymId(text: string): SymId {
  if (isSymId(text)) return text;
  if (!ANY_CASE.test(text)) {
    throw new SymIdError(`Expected a SymID: 0x and 20 hex digits, got ${describeText(text)}.`);
  }
  if (!isChecksumCase(text.slice(2))) {
    throw new SymIdError(
      `The capitals of ${text} do not match its checksum. Check the SymID, or write it in lowercase.`,
    );
  }
  return text.toLowerCase() as SymId;
}

/** The SymID of 10 bytes. */
export function symIdFromBytes(bytes: Uint8Array): SymId {
  if (bytes.length !== SYMID_BYTES) throw new SymIdError(`Expected a SymID of 10 bytes, got ${bytes.length}.`);
  return `0x${bytesToHex(bytes)}` as SymId;
}

/** The 10 bytes of a SymID. Refuses text of another form, which plain JavaScript may hand over: a missing `0x` would shift the bytes. */
export function symIdToBytes(symId: SymId): Uint8Array {
  if (!isSymId(symId))
    throw new SymIdError(`Expected a SymID in lowercase, as parseSymId gives it, got ${describeText(String(symId))}.`);
  return hexToBytes(symId.slice(2));
}

/** The fields of a SymID. Of a contract address they mean nothing: ask `isContractAddress` first. */
export function symIdFields(symId: SymId): SymIdFields {
  const bytes = symIdToBytes(symId);
  const head = (bytes[0]! << 8) | bytes[1]!;
  return {
    version: head >> 14,
    caId: head & 0x3fff,
    random: bytes.slice(2, 8),
    seq: (bytes[8]! << 8) | bytes[9]!,
  };
}

/** The SymID that has these fields. Refuses a field that does not fit its bits. */
export function makeSymId(fields: Omit<SymIdFields, 'version'> & { readonly version?: number }): SymId {
  const version = fields.version ?? 0;
  requireRange('version', version, 0b11);
  requireRange('CA id', fields.caId, 0x3fff);
  requireRange('sequence number', fields.seq, 0xffff);
  if (fields.random.length !== 6) {
    throw new SymIdError(`Expected the random part of a SymID in 6 bytes, got ${fields.random.length}.`);
  }
  const head = (version << 14) | fields.caId;
  return symIdFromBytes(
    concatBytes(
      Uint8Array.of(head >> 8, head & 0xff),
      fields.random,
      Uint8Array.of(fields.seq >> 8, fields.seq & 0xff),
    ),
  );
}

/** True for an address made by the current contract rule: its first byte is 0xff. Addresses of the old rule look like anything. */
export const isContractAddress = (symId: SymId): boolean => symId.startsWith('0xff');

/**
 * Writes hex digits (no `0x`; a SymID's 20 or a key hash's 40) with the chain's checksum in their case:
 * the algorithm of EIP-55 with SHA3-256 over the lowercase digits.
 */
export function toChecksumCase(hex: string): string {
  const lower = hex.toLowerCase();
  const digest = bytesToHex(sha3_256(new TextEncoder().encode(lower)));
  return [...lower].map((digit, index) => (digest[index]! >= '8' ? digit.toUpperCase() : digit)).join('');
}

/** True when the case of the hex digits (no `0x`) is their checksum. Text that is all lowercase has none, and gets false unless it fits. */
export const isChecksumCase = (hex: string): boolean => toChecksumCase(hex) === hex;

/** Text, bytes or parts that are no SymID. */
export class SymIdError extends Error {
  override readonly name = 'SymIdError';
}

function requireRange(what: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new SymIdError(`Expected the ${what} of a SymID between 0 and ${max}, got ${value}.`);
  }
}

const describeText = (text: string): string => (text.length <= 64 ? JSON.stringify(text) : `${text.length} characters`);

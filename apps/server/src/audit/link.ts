/**
 * A link of the chain over the audit log: each hash is made of the one before and of everything that a row has. Defined in
 * docs/protocol/audit-log.md. Pure.
 */
import { hash } from 'node:crypto';

/** What a link's hash is made of. */
export interface LinkInput {
  seq: bigint;
  /** Hash of the link before as 64 hex digits; `GENESIS_HASH` for the first. */
  previous: string;
  /** `audit_log.trx` as decimal text. */
  trx: string;
  /** The row's HMAC as hex. */
  rowMac: string;
  /** The eight lines of `auditRowText`. */
  rowText: string;
}

/** Stands before the first link. */
export const GENESIS_HASH = '0'.repeat(64);

const HEADING = 'jigeum audit link 1';

/** The text whose SHA-256 is the link's hash. */
export const linkText = ({ seq, previous, trx, rowMac, rowText }: LinkInput): string =>
  `${HEADING}\n${seq}\n${previous}\n${trx}\n${rowMac}\n${rowText}`;

/** The link's hash as 64 hex digits. */
export const linkHash = (input: LinkInput): string => hash('sha256', linkText(input), 'hex');

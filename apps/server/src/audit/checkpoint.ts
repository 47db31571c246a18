/**
 * What the audit key signs: a checkpoint, which is kept in the database, on the chain and in the file of anchors, and a head,
 * which is kept in the file only. Both say which hash the chain of the log has at which number. Defined in
 * docs/protocol/audit-log.md. Pure.
 */
import { hash } from 'node:crypto';
import { isSignedBy } from './audit-key.ts';

export interface Checkpoint {
  /** 1 for the first, each one more than the one before. */
  number: bigint;
  /** The newest link that it covers, and that link's hash as hex. */
  seq: bigint;
  linkHash: string;
  /** Microseconds since 1970. */
  atMicros: bigint;
  /** Hash of the checkpoint before as hex; `NO_CHECKPOINT` in the first. */
  previous: string;
  publicKey: string;
}

/** A signed form: hex of 64 bytes over its text. */
export type Signed<T> = T & { signature: string };

export type Head = Pick<Checkpoint, 'seq' | 'linkHash' | 'atMicros' | 'publicKey'>;

/** Stands where the first checkpoint has no one before. */
export const NO_CHECKPOINT = '0'.repeat(64);

const CHECKPOINT_HEADING = 'jigeum audit checkpoint 1';
const HEAD_HEADING = 'jigeum audit head 1';

/** The seven lines that are signed. */
export const checkpointText = (c: Checkpoint): string =>
  [CHECKPOINT_HEADING, c.number, c.seq, c.linkHash, c.atMicros, c.previous, c.publicKey].join('\n');

/** The five lines that are signed. */
export const headText = (h: Head): string => [HEAD_HEADING, h.seq, h.linkHash, h.atMicros, h.publicKey].join('\n');

/** SHA-256 of a checkpoint's text as hex: what the next one names. */
export const checkpointHash = (checkpoint: Checkpoint): string => hash('sha256', checkpointText(checkpoint), 'hex');

/** The UUID (version 8) by which the outbox knows a checkpoint's anchor: the first bytes of its hash. */
export function anchorIdOf(checkpoint: Checkpoint): string {
  const hex = checkpointHash(checkpoint);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What is written on the chain, and as a line of the file with its line breaks as spaces: the text and its signature. */
export const anchorText = (checkpoint: Signed<Checkpoint>): string =>
  `${checkpointText(checkpoint)}\n${checkpoint.signature}`;

/** A head as a line of the file of anchors, without the line's end. */
export const headLine = (head: Signed<Head>): string => `${headText(head)}\n${head.signature}`.replaceAll('\n', ' ');

/** A checkpoint as such a line. */
export const checkpointLine = (checkpoint: Signed<Checkpoint>): string => anchorText(checkpoint).replaceAll('\n', ' ');

const CHECKPOINT =
  /^jigeum audit checkpoint 1[\n ](\d{1,19})[\n ](\d{1,19})[\n ]([0-9a-f]{64})[\n ](\d{1,19})[\n ]([0-9a-f]{64})[\n ]([0-9a-f]{64})[\n ]([0-9a-f]{128})$/;
const HEAD = /^jigeum audit head 1 (\d{1,19}) ([0-9a-f]{64}) (\d{1,19}) ([0-9a-f]{64}) ([0-9a-f]{128})$/;

/** Reads an anchor or a checkpoint's line; null for anything else. The signature is not looked at. */
export function readCheckpoint(text: string): Signed<Checkpoint> | null {
  const match = CHECKPOINT.exec(text);
  if (match === null) return null;
  const [, number, seq, linkHash, atMicros, previous, publicKey, signature] = match as unknown as string[];
  return {
    number: BigInt(number!),
    seq: BigInt(seq!),
    linkHash: linkHash!,
    atMicros: BigInt(atMicros!),
    previous: previous!,
    publicKey: publicKey!,
    signature: signature!,
  };
}

/** Reads a head's line; null for anything else. The signature is not looked at. */
export function readHead(line: string): Signed<Head> | null {
  const match = HEAD.exec(line);
  if (match === null) return null;
  const [, seq, linkHash, atMicros, publicKey, signature] = match as unknown as string[];
  return {
    seq: BigInt(seq!),
    linkHash: linkHash!,
    atMicros: BigInt(atMicros!),
    publicKey: publicKey!,
    signature: signature!,
  };
}

/** True where one of the trusted public keys has signed it. */
export const isTrustedCheckpoint = (c: Signed<Checkpoint>, trusted: ReadonlySet<string>): boolean =>
  trusted.has(c.publicKey) && isSignedBy(c.publicKey, checkpointText(c), c.signature);

/** True where one of the trusted public keys has signed it. */
export const isTrustedHead = (h: Signed<Head>, trusted: ReadonlySet<string>): boolean =>
  trusted.has(h.publicKey) && isSignedBy(h.publicKey, headText(h), h.signature);
